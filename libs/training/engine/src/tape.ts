import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { checkFits, copyWeights, fold, type Batch, type Examples, type Weight, type Weights } from '@gradstream/numerics';
import type { Metric, Objective, StepView } from '@gradstream/losses';
import { apply, initialize, type BuiltModel, type BuiltParam } from '@gradstream/models';
import { bind, type BoundOptimizer, type Transformation } from '@gradstream/optimizers';
import type { Regularizer } from '@gradstream/regularizers';
import type { Lap, Readback, StepDescription, StepOutcome, Trainer, TrainerState } from './trainer.ts';
import { feedInputs, feedTargets } from './feed.ts';
import { currentHeap } from './kernels/register.ts';
import { heapExecutor } from './updates/heap-executor.ts';
import { webglUpdates } from './webgl/webgl-executor.ts';

type Tensors = Map<string, Tensor>;
const record = (tensors: Iterable<readonly [string, Tensor]>): Record<string, Tensor> => Object.fromEntries(tensors);
const ofType = <K extends Regularizer['type']>(all: readonly Regularizer[], type: K) => all.filter((r): r is Extract<Regularizer, { type: K }> => r.type === type);

/**
 * Training by TensorFlow.js's own gradients: covers every model and runs on every backend.
 * The reference that faster layers are tested against.
 *
 * On wasm and WebGL trained values stay where the backend has them and are updated there, by SIMD passes on its heap or by
 * fragment programs. On cpu, and on wasm for rules that are not element-wise, they live in typed arrays on the host, updated
 * in place by one compiled loop and handed to the backend as fresh tensors (on cpu: the same memory).
 */
export const tapeTrainer = (description: StepDescription, backend: string): Trainer => new TapeTrainer(description, backend);

class TapeTrainer implements Trainer {
  readonly engine: string;
  readonly model: BuiltModel;
  readonly objective: Objective;
  private readonly trained: readonly BuiltParam[];
  private readonly onHost: boolean;
  /** Trained values on the host; empty where they stay with the backend. */
  private readonly host = new Map<string, Float32Array>();
  /** All params on the backend, buffers included. */
  private readonly tensors: Tensors = new Map();
  private readonly hostRule?: BoundOptimizer<Float32Array>;
  private readonly deviceRule?: BoundOptimizer<Tensor>;

  constructor(
    private readonly d: StepDescription,
    readonly backend: string,
  ) {
    this.model = d.model;
    this.objective = d.objective;
    this.onHost = backend === 'cpu' || (backend === 'wasm' && !(typeof currentHeap() !== 'string' && isElementwise(d.optimizer)));
    this.trained = d.model.params.filter(({ role }) => role !== 'buffer');
    this.load(initialize(d.model, fold(d.key, 'init')));
    if (this.onHost) this.hostRule = bind(d.optimizer, this.trained, { executor: 'js' });
    const webgl = webglUpdates();
    if (!this.onHost) this.deviceRule = bind(d.optimizer, this.trained, { executor: backend === 'wasm' ? heapExecutor() : webgl.executor });
    this.engine = `tape+${backend}${webgl.fused() || (backend === 'wasm' && !this.onHost) ? ' (fused updates)' : ''}`;
  }

  step(batch: Batch, lap?: Lap): StepOutcome {
    const at = this.noisy(batch);
    const pass = this.differentiate(batch, at ?? this.tensors, lap);
    if (at) for (const { name } of this.trained) if (at.get(name) !== this.tensors.get(name)) at.get(name)!.dispose();
    try {
      const hyper = this.onHost ? this.updateHost(batch, pass) : this.updateDevice(batch, pass);
      for (const [name, value] of pass.buffers) this.replace(name, value);
      lap?.('update');
      return new TapeOutcome(pass, hyper, this.tensors);
    } catch (error) {
      pass.release();
      for (const value of pass.buffers.values()) value.dispose();
      throw error;
    }
  }

  set(name: string, value: number): void {
    (this.hostRule ?? this.deviceRule!).set(name, value);
  }

  evaluate(examples: Examples): { outputs: Float32Array; loss: number } {
    return this.withEvaluationParams((params) =>
      tf.tidy(() => {
        const { outputs } = apply(this.d.model, params, feedInputs(examples), { training: false, key: this.d.key });
        const lossOf = this.d.objective.evaluationLoss ?? this.d.objective.loss;
        const loss = lossOf.call(this.d.objective, outputs, feedTargets(examples)).dataSync()[0];
        return { outputs: outputs.dataSync<'float32'>().slice(), loss };
      }),
    );
  }

  weights(): Weights {
    return new Map(this.d.model.params.map(({ name, shape }) => [name, { shape, values: this.read(name) }]));
  }

  evaluationWeights(): Weights {
    return this.withEvaluationParams((params) => new Map(this.d.model.params.map(({ name, shape }): [string, Weight] => [name, { shape, values: params[name].dataSync<'float32'>().slice() }])));
  }

  snapshot(): TrainerState {
    return { weights: this.weights(), optimizer: (this.hostRule ?? this.deviceRule!).snapshot() };
  }

  restore({ weights, optimizer }: Partial<TrainerState> & Pick<TrainerState, 'weights'>): void {
    checkFits('restore', this.d.model.params, weights);
    this.load(copyWeights(weights));
    if (optimizer) (this.hostRule ?? this.deviceRule!).restore(optimizer);
  }

  dispose(): void {
    for (const tensor of this.tensors.values()) tensor.dispose();
    this.tensors.clear();
    this.host.clear();
    this.hostRule?.close();
    this.deviceRule?.close();
  }

  private load(weights: Weights): void {
    for (const { name, shape, role } of this.d.model.params) {
      const { values } = weights.get(name)!;
      if (this.onHost && role !== 'buffer') this.host.set(name, values);
      this.replace(name, tf.tensor(values, [...shape], 'float32'));
    }
  }

  private replace(name: string, value: Tensor): void {
    this.tensors.get(name)?.dispose();
    this.tensors.set(name, tf.keep(value));
  }

  private read(name: string): Float32Array {
    return (this.host.get(name) ?? this.tensors.get(name)!.dataSync<'float32'>()).slice();
  }

  /** One forward and backward pass over a batch at the given params; tensors are kept until its `release`. */
  private differentiate(batch: Batch, params: Tensors, lap?: Lap): Pass {
    const { model, objective, regularizers } = this.d;
    const kept: Tensor[] = [];
    const keep = <T extends Tensor>(t: T): T => {
      kept.push(tf.keep(t));
      return t;
    };
    let pass!: Pass;
    try {
      tf.tidy(() => {
        const inputs = feedInputs(batch);
        const targets = feedTargets(batch);
        keep(targets.values);
        lap?.('data');
        let outputs!: Tensor;
        let loss!: Scalar;
        let penalty: Scalar | undefined;
        const buffers: Tensors = new Map();
        const total = (...values: Tensor[]): Scalar => {
          const named = { ...record(params), ...record(this.trained.map(({ name }, i) => [name, values[i]] as const)) };
          const pass = apply(model, named, inputs, { training: true, key: batch.key });
          for (const [name, value] of Object.entries(pass.buffers)) buffers.set(name, keep(value));
          outputs = keep(pass.outputs);
          lap?.('forward');
          loss = keep(objective.loss(pass.outputs, targets));
          const forward = (x: Tensor) => apply(model, named, x, { training: true, key: batch.key }).outputs;
          const terms = [
            ...ofType(regularizers, 'penalty').map((p) => p.value(record(this.trained.filter((info) => p.applies(info)).map(({ name }) => [name, named[name]] as const)), batch.step)),
            ...ofType(regularizers, 'outputPenalty').map((p) => p.value({ inputs, outputs, forward, key: fold(batch.key, p.name), step: batch.step })),
          ];
          if (terms.length > 0) penalty = keep(terms.reduce((a, b) => tf.add(a, b) as Scalar));
          const sum = penalty ? (tf.add(loss, penalty) as Scalar) : loss;
          lap?.('loss');
          return sum;
        };
        const { grads } = tf.valueAndGrads(total)(this.trained.map(({ name }) => params.get(name)!));
        lap?.('backward');
        const gradients: Tensors = new Map(this.trained.map(({ name }, i) => [name, keep(grads[i])]));
        const owned = kept.filter((t) => ![...buffers.values()].includes(t));
        pass = { outputs, targets, loss, penalty, gradients, buffers, release: () => owned.forEach((t) => t.dispose()) };
      });
      return pass;
    } catch (error) {
      kept.forEach((t) => t.dispose());
      throw error;
    }
  }

  /** The params with weight noise on them, or undefined when there is none. */
  private noisy(batch: Batch): Tensors | undefined {
    const noises = ofType(this.d.regularizers, 'weightNoise');
    if (noises.length === 0) return undefined;
    const at: Tensors = new Map(this.tensors);
    for (const param of this.trained) {
      for (const noise of noises.filter((n) => n.applies(param))) {
        const clean = at.get(param.name)!;
        const sample = noise.sample(fold(fold(batch.key, noise.name), param.name), param, batch.step);
        at.set(param.name, tf.tidy(() => tf.add(clean, tf.tensor(sample, [...param.shape]))));
        if (clean !== this.tensors.get(param.name)) clean.dispose();
      }
    }
    return at;
  }

  private updateHost(batch: Batch, pass: Pass): Readonly<Record<string, number>> {
    const gradients = new Map([...pass.gradients].map(([name, g]) => [name, g.dataSync<'float32'>()]));
    this.hostRule!.update({
      step: batch.step,
      params: this.host,
      gradients,
      size: batch.size,
      gradientsAt: (params) => {
        const tensors: Tensors = new Map(this.tensors);
        for (const { name, shape } of this.trained) tensors.set(name, tf.tensor(params.get(name)!.slice(), [...shape]));
        const second = this.differentiate(batch, tensors);
        const found = new Map([...second.gradients].map(([name, g]) => [name, g.dataSync<'float32'>().slice()]));
        second.release();
        for (const value of second.buffers.values()) value.dispose();
        for (const { name } of this.trained) tensors.get(name)!.dispose();
        return found;
      },
    });
    for (const param of this.trained) {
      const values = this.host.get(param.name)!;
      for (const constraint of ofType(this.d.regularizers, 'constraint')) if (constraint.applies(param)) constraint.project(values, param, { step: batch.step, learningRate: this.hostRule!.hyper.learningRate });
      if (this.backend !== 'cpu') this.replace(param.name, tf.tensor(values, [...param.shape], 'float32'));
    }
    return { ...this.hostRule!.hyper };
  }

  private updateDevice(batch: Batch, pass: Pass): Readonly<Record<string, number>> {
    const params = new Map(this.trained.map(({ name }) => [name, this.tensors.get(name)!]));
    const updated = this.deviceRule!.update({
      step: batch.step,
      params,
      gradients: pass.gradients,
      size: batch.size,
      gradientsAt: (at) => {
        const second = this.differentiate(batch, new Map([...this.tensors, ...at]));
        for (const value of second.buffers.values()) value.dispose();
        const gradients = new Map([...second.gradients].map(([name, g]) => [name, tf.clone(g)]));
        second.release();
        return gradients;
      },
    });
    for (const param of this.trained) {
      let value = updated.get(param.name)!;
      for (const constraint of ofType(this.d.regularizers, 'constraint').filter((c) => c.applies(param))) {
        const values = value.dataSync<'float32'>().slice();
        constraint.project(values, param, { step: batch.step, learningRate: this.deviceRule!.hyper.learningRate });
        value.dispose();
        value = tf.tensor(values, [...param.shape]);
      }
      if (value !== this.tensors.get(param.name)) this.replace(param.name, value);
    }
    return { ...this.deviceRule!.hyper };
  }

  /** Calls `use` with the params to evaluate, and takes back what averaging made for it. */
  private withEvaluationParams<R>(use: (params: Record<string, Tensor>) => R): R {
    const made: Tensor[] = [];
    const params = new Map(this.tensors);
    if (this.hostRule) {
      const averaged = this.hostRule.evaluationParams(this.host);
      for (const { name, shape } of this.trained) {
        if (averaged.get(name) === this.host.get(name)) continue;
        const tensor = tf.tensor(averaged.get(name)!.slice(), [...shape], 'float32');
        made.push(tensor);
        params.set(name, tensor);
      }
    } else {
      for (const [name, tensor] of this.deviceRule!.evaluationParams(new Map(this.trained.map(({ name }) => [name, this.tensors.get(name)!])))) {
        if (tensor !== this.tensors.get(name)) made.push(tensor);
        params.set(name, tensor);
      }
    }
    try {
      return use(record(params));
    } finally {
      made.forEach((t) => t.dispose());
    }
  }
}

/** Whether a rule is made of expressions alone. */
function isElementwise(rule: Transformation): boolean {
  switch (rule.type) {
    case 'elementwise': return true;
    case 'chain': return rule.links.every(isElementwise);
    case 'masked': return isElementwise(rule.inner);
    case 'partition': return Object.values(rule.groups).every(isElementwise);
    default: return false;
  }
}

interface Pass extends Omit<StepView, 'gradients' | 'params'> {
  readonly penalty?: Scalar;
  readonly gradients: Tensors;
  readonly buffers: Tensors;
  release(): void;
}

class TapeOutcome implements StepOutcome {
  private released = false;

  constructor(
    private readonly pass: Pass,
    readonly hyper: Readonly<Record<string, number>>,
    private readonly params: Tensors,
  ) {}

  scalars(metrics: readonly Metric[]): Readback {
    const packed = tf.keep(
      tf.tidy(() => {
        const view = this.view();
        const values = metrics.flatMap((metric) => (metric.step ? [metric.step(view)] : []));
        return tf.stack([this.pass.loss, this.pass.penalty ?? tf.scalar(0), ...values].map((v) => tf.reshape(tf.cast(v, 'float32'), [])));
      }),
    );
    return {
      read: () => {
        const values = packed.dataSync<'float32'>().slice();
        packed.dispose();
        return values;
      },
    };
  }

  view(): StepView {
    const { outputs, targets, loss, gradients } = this.pass;
    return { outputs, targets, loss, gradients: record(gradients), params: record(this.params) };
  }

  release(): void {
    if (this.released) return;
    this.released = true;
    this.pass.release();
  }
}
