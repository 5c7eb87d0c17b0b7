import * as tf from '@tensorflow/tfjs-core';
import { checkFits, copyWeights, fold, hasBytes, InputError, sizeOf, type Batch, type Examples, type Weight, type Weights } from '@gradstream/numerics';
import type { Metric, Objective, StepView } from '@gradstream/losses';
import { initialize, type BuiltLayer, type BuiltParam, type BuiltModel } from '@gradstream/models';
import { bind, type BoundOptimizer } from '@gradstream/optimizers';
import type { Regularizer } from '@gradstream/regularizers';
import type { Lap, StepDescription, StepOutcome, Trainer, TrainerState } from '../trainer.ts';
import { feedTargets } from '../feed.ts';
import { kernelsMissing, roundingOf, type KernelOptions } from '../kernels/kernels.ts';
import type { NativeBlas, NativeGemm } from '../native/blas.ts';
import { arenaExecutor } from '../updates/arena-executor.ts';
import { Arena, type Block } from './arena.ts';
import { Crew } from './crew.ts';
import { lossOf, penaltyOf, type PlannedLoss, type PlannedPenalty } from './objective.ts';
import { PlanOutcome, readerOf, type Reader, type StepTaker } from './outcome.ts';
import { Plan } from './plan.ts';
import type { ParamPlace } from './site.ts';

const ofType = <K extends Regularizer['type']>(all: readonly Regularizer[], type: K) => all.filter((r): r is Extract<Regularizer, { type: K }> => r.type === type);

export interface PlanOptions extends KernelOptions {
  /** A native library for large products. */
  readonly native?: NativeBlas;
  /** Threads that share a step, the caller's included; products in native code have their own. Default 1. */
  readonly threads?: number;
}

/** Kinds of regularizers that a plan carries out. */
const COVERED: ReadonlySet<string> = new Set<Regularizer['type']>(['penalty', 'weightNoise', 'constraint']);

/** Plans of so many batch shapes are kept; the one unused for longest makes room. */
const KEPT_PLANS = 6;

/**
 * Training by a plan: kernel calls fixed beforehand on memory of their own, without a tape and without tensors.
 *
 * @returns a sentence where the description holds something a plan does not cover; then the tape path is there
 */
export function planTrainer(description: StepDescription, backend: string, options: PlanOptions = {}): Trainer | string {
  const missing = kernelsMissing();
  if (missing) return missing;
  const loss = lossOf(description.objective);
  if (!loss) return `no kernel computes the objective '${description.objective.name}'`;
  const other = description.regularizers.find(({ type }) => !COVERED.has(type));
  if (other) return `'${other.name}' needs the tape`;
  const penalties = ofType(description.regularizers, 'penalty').map((penalty) => ({ penalty, planned: penaltyOf(penalty) }));
  const unplanned = penalties.find(({ planned }) => !planned);
  if (unplanned) return `no kernel computes the penalty '${unplanned.penalty.name}' as it is set`;
  const trainer = new PlanTrainer(description, backend, loss, penalties as PenaltyTerm[], options);
  const refused = trainer.refused();
  if (!refused) return trainer;
  trainer.dispose();
  return `no kernel computes the layer '${refused.name}' (${refused.layer.kind}) as it is set`;
}

interface PenaltyTerm {
  readonly penalty: Extract<Regularizer, { type: 'penalty' }>;
  readonly planned: PlannedPenalty;
}

class PlanTrainer implements Trainer, StepTaker {
  readonly model: BuiltModel;
  readonly objective: Objective;
  private readonly arena: Arena;
  private readonly trained: readonly BuiltParam[];
  private readonly places = new Map<string, ParamPlace>();
  private readonly values: ReadonlyMap<string, Float32Array>;
  private readonly gradients: ReadonlyMap<string, Float32Array>;
  private readonly trainedByName: ReadonlyMap<string, Float32Array>;
  /** All gradients, all trained values and all buffers, as they lie. */
  private readonly pools: { readonly trained: Block; readonly gradients: Block; readonly buffers: Block };
  private readonly rule: BoundOptimizer<Float32Array>;
  /** By batch shape, the last used first. */
  private readonly plans: Plan[] = [];
  private readonly sums: number;
  private readonly native?: NativeGemm;
  private readonly crew?: Crew;
  /** Why there is no crew, where one was asked for. */
  private readonly alone?: string;
  private readonly strict: boolean;
  private readonly penalized: readonly { readonly place: ParamPlace; readonly size: number; readonly planned: PlannedPenalty }[];
  private readonly noises: readonly Extract<Regularizer, { type: 'weightNoise' }>[];
  private readonly constraints: readonly Extract<Regularizer, { type: 'constraint' }>[];
  private readonly trainedLength: number;
  private readers: { readonly metrics: readonly Metric[]; readonly read: readonly Reader[] } = { metrics: [], read: [] };

  constructor(
    private readonly d: StepDescription,
    readonly backend: string,
    private readonly loss: PlannedLoss,
    penalties: readonly PenaltyTerm[],
    options: PlanOptions,
  ) {
    this.arena = new Arena(roundingOf(options));
    this.native = options.native?.gemmOn(this.arena.memory);
    this.strict = options.strict === true;
    const crew = options.threads && options.threads > 1 && !this.native ? Crew.start(this.arena, options.threads, this.arena.rounding) : undefined;
    if (crew instanceof Crew) this.crew = crew;
    else this.alone = crew;
    this.model = d.model;
    this.objective = d.objective;
    this.trained = d.model.params.filter(({ role }) => role !== 'buffer');
    const size = (params: readonly BuiltParam[]): number => params.reduce((n, { shape }) => n + 4 * sizeOf(shape), 0);
    const buffers = d.model.params.filter(({ role }) => role === 'buffer');
    this.pools = { trained: this.arena.allocate(size(this.trained)), gradients: this.arena.allocate(size(this.trained)), buffers: this.arena.allocate(size(buffers)) };
    // Kernels first, then the rest: a rule for kernels only (decay) still finds neighbours.
    const isKernel = ({ role }: BuiltParam): boolean => role === 'kernel' || role === 'embedding';
    let offset = 0;
    for (const { name, shape } of [...this.trained.filter(isKernel), ...this.trained.filter((param) => !isKernel(param))]) {
      this.places.set(name, { at: this.pools.trained.at + offset, gradient: this.pools.gradients.at + offset });
      offset += 4 * sizeOf(shape);
    }
    offset = 0;
    for (const { name, shape } of buffers) {
      this.places.set(name, { at: this.pools.buffers.at + offset, gradient: 0 });
      offset += 4 * sizeOf(shape);
    }
    this.sums = this.arena.allocate(16).at;
    const viewOf = (of: 'at' | 'gradient') => ({ name, shape }: BuiltParam): [string, Float32Array] => [name, this.arena.floats(this.places.get(name)![of], sizeOf(shape))];
    this.values = new Map(d.model.params.map(viewOf('at')));
    this.gradients = new Map(this.trained.map(viewOf('gradient')));
    this.trainedByName = new Map(this.trained.map(({ name }) => [name, this.values.get(name)!]));
    this.trainedLength = this.trained.reduce((n, { shape }) => n + sizeOf(shape), 0);
    this.penalized = penalties.flatMap(({ penalty, planned }) => this.trained.filter((info) => penalty.applies(info)).map(({ name, shape }) => ({ place: this.places.get(name)!, size: sizeOf(shape), planned })));
    this.noises = ofType(d.regularizers, 'weightNoise');
    this.constraints = ofType(d.regularizers, 'constraint');
    this.load(initialize(d.model, fold(d.key, 'init')));
    this.rule = bind<Float32Array>(d.optimizer, this.trained, { executor: arenaExecutor(this.arena) });
  }

  /** A browser's helpers start while the first steps are taken, so it may change. */
  get engine(): string {
    const notes = [this.strict ? 'strict' : '', this.crew?.said ?? (this.alone === undefined ? '' : `1 thread: ${this.alone}`)].filter(Boolean);
    return `plan+${this.native ? 'native' : 'wasm'}${notes.length > 0 ? ` (${notes.join(', ')})` : ''}`;
  }

  /** The layer that keeps the model from being planned; a plan for two examples shows it. */
  refused(): BuiltLayer | undefined {
    const probe = Plan.make(this.arena, this.request(2, 'classes', false, true));
    if (!(probe instanceof Plan)) return probe;
    probe.release();
    return undefined;
  }

  step(batch: Batch, lap?: Lap): StepOutcome {
    const plan = this.planFor(batch, true);
    plan.feed(batch);
    lap?.('data');
    plan.setKeys(batch.key);
    const clean = this.addNoise(batch);
    const penalty = this.differentiate(plan, batch.step, lap);
    if (clean) this.trainedValues().set(clean);
    this.rule.update({ step: batch.step, params: this.trainedByName, gradients: this.gradients, size: batch.size, gradientsAt: (at) => this.gradientsAt(plan, batch.step, at) });
    if (this.constraints.length > 0) this.project(batch.step);
    lap?.('update');
    return new PlanOutcome(this, plan, batch, this.rule.hyper, penalty);
  }

  set(name: string, value: number): void {
    this.rule.set(name, value);
  }

  evaluate(examples: Examples): { outputs: Float32Array; loss: number } {
    return this.withEvaluationParams(() => {
      const plan = this.planFor(examples, false);
      plan.feed(examples);
      plan.run();
      return { outputs: plan.outputs().slice(), loss: plan.loss() };
    });
  }

  weights(): Weights {
    return new Map(this.d.model.params.map(({ name, shape }): [string, Weight] => [name, { shape, values: this.values.get(name)!.slice() }]));
  }

  evaluationWeights(): Weights {
    return this.withEvaluationParams(() => this.weights());
  }

  snapshot(): TrainerState {
    return { weights: this.weights(), optimizer: this.rule.snapshot() };
  }

  restore({ weights, optimizer }: Partial<TrainerState> & Pick<TrainerState, 'weights'>): void {
    checkFits('restore', this.d.model.params, weights);
    this.load(copyWeights(weights));
    if (optimizer) this.rule.restore(optimizer);
  }

  dispose(): void {
    this.rule.close();
    this.plans.length = 0;
    this.crew?.stop();
    this.arena.dispose();
  }

  /** Tensors of what the step left, for metrics that a plan has no number for. */
  view(plan: Plan, batch: Batch, loss: number): StepView {
    const tensors = (values: ReadonlyMap<string, Float32Array>) => Object.fromEntries([...values].map(([name, v]) => [name, tf.keep(tf.tensor(v.slice(), [...this.shapeOf(name)]))]));
    const targets = feedTargets(batch);
    tf.keep(targets.values);
    return {
      outputs: tf.keep(tf.tensor(plan.outputs().slice(), [batch.size, ...this.d.model.outputShape])),
      targets,
      loss: tf.keep(tf.scalar(loss)),
      gradients: tensors(this.gradients),
      params: tensors(this.values),
    };
  }

  /** What reads the metrics that have a value in each step; made once for a list of metrics. */
  readersOf(metrics: readonly Metric[]): readonly Reader[] {
    if (this.readers.metrics !== metrics) this.readers = { metrics, read: metrics.filter(({ step }) => step).map(readerOf) };
    return this.readers.read;
  }

  gradientNorm(): number {
    return Math.sqrt(this.arena.kernels.sumOfSquares(this.pools.gradients.at, this.trainedLength));
  }

  private shapeOf(name: string): readonly number[] {
    return this.d.model.params.find((param) => param.name === name)!.shape;
  }

  private trainedValues(): Float32Array {
    return this.arena.floats(this.pools.trained.at, this.trainedLength);
  }

  private load(weights: Weights): void {
    for (const [name, { values }] of weights) this.values.get(name)!.set(values);
  }

  private request(batch: number, targets: Batch['targets']['kind'], bytes: boolean, training: boolean) {
    return { model: this.d.model, loss: this.loss, batch, targets, bytes, training, crew: this.crew, native: this.native, param: (name: string) => this.places.get(name)! };
  }

  private planFor(examples: Pick<Examples, 'size' | 'targets' | 'inputs'>, training: boolean): Plan {
    const at = this.plans.findIndex((plan) => plan.fits(examples, training));
    if (at === 0) return this.plans[0];
    const { size, targets: { kind } } = examples;
    const plan = at > 0 ? this.plans.splice(at, 1)[0] : Plan.make(this.arena, this.request(size, kind, hasBytes(examples), training));
    if (!(plan instanceof Plan)) throw new InputError(`${plan.name}: a batch of ${size} is too small for this layer; train on larger batches, or drop the last short one`);
    this.plans.unshift(plan);
    for (const unused of this.plans.splice(KEPT_PLANS)) unused.release();
    return plan;
  }

  /** One forward and backward pass; the sum of the penalties. */
  private differentiate(plan: Plan, step: number, lap?: Lap): number {
    if (lap) plan.runInParts(lap);
    else plan.run();
    let total = 0;
    for (const { place: { at, gradient }, size, planned } of this.penalized) {
      const { squares, sizes } = planned(step);
      this.arena.kernels.addPenalties(gradient, at, size, 2 * squares, sizes, this.sums);
      const [sumOfSquares, sumOfSizes] = this.arena.doubles(this.sums, 2);
      total += squares * sumOfSquares + sizes * sumOfSizes;
    }
    return total;
  }

  /** The gradient of the batch in the plan at other params, with the same masks; running statistics stay as they are. */
  private gradientsAt(plan: Plan, step: number, params: ReadonlyMap<string, Float32Array>): ReadonlyMap<string, Float32Array> {
    const { trained, gradients, buffers } = this.pools;
    const saved = [trained, gradients, buffers].map(({ at, bytes }) => [at, this.arena.bytes(at, bytes).slice()] as const);
    for (const [name, values] of params) if (this.gradients.has(name)) this.values.get(name)!.set(values);
    this.differentiate(plan, step);
    const found = new Map([...this.gradients].map(([name, g]) => [name, g.slice()]));
    for (const [at, bytes] of saved) this.arena.bytes(at, bytes.length).set(bytes);
    return found;
  }

  /** Adds this step's weight noise and returns the clean values, or undefined when there is none. */
  private addNoise(batch: Batch): Float32Array | undefined {
    if (this.noises.length === 0) return undefined;
    const clean = this.trainedValues().slice();
    for (const param of this.trained) {
      const values = this.values.get(param.name)!;
      for (const noise of this.noises.filter((n) => n.applies(param))) {
        const sample = noise.sample(fold(fold(batch.key, noise.name), param.name), param, batch.step);
        for (let i = 0; i < values.length; i++) values[i] += sample[i];
      }
    }
    return clean;
  }

  private project(step: number): void {
    for (const constraint of this.constraints) {
      for (const param of this.trained.filter((info) => constraint.applies(info))) constraint.project(this.values.get(param.name)!, param, { step, learningRate: this.rule.hyper.learningRate });
    }
  }

  private withEvaluationParams<R>(use: () => R): R {
    const averaged = this.rule.evaluationParams(this.trainedByName);
    const moved = [...averaged].filter(([name, values]) => values !== this.values.get(name));
    if (moved.length === 0) return use();
    const trained = this.trainedValues().slice();
    for (const [name, values] of moved) this.values.get(name)!.set(values);
    try {
      return use();
    } finally {
      this.trainedValues().set(trained);
    }
  }
}
