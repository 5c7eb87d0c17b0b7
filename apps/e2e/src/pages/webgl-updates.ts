/** Optimizers on WebGL beside the JavaScript executor, in a page: `compare(rule)`. */
import * as tf from '@tensorflow/tfjs';
import { add, fold, key, normals, sizeOf, type ParamInfo } from '@gradstream/numerics';
import { accumulate, adam, averageByEma, bind, chain, clipByGlobalNorm, clipByNorm, clipByValue, elementwise, link, lookahead, optimizers, sam, sgd, skipNonFinite, tfExecutor, type Transformation } from '@gradstream/optimizers';
import { webglUpdates } from '@gradstream/engine';

type Make = ((options: object) => Transformation) & { readonly required: readonly string[] };
const given: Readonly<Record<string, unknown>> = { learningRate: 0.01, inner: sgd({ learningRate: 0.01 }) };

const rules: Readonly<Record<string, Transformation>> = {
  ...Object.fromEntries(Object.entries(optimizers as unknown as Record<string, Make>).filter(([, { required }]) => required.every((option) => option in given)).map(([name, make]) => [name, make(Object.fromEntries(make.required.map((option) => [option, given[option]])))])),
  'clipping by the global norm': chain(clipByGlobalNorm(0.5), adam({ learningRate: 0.01 })),
  'clipping by the norm and the value': chain(clipByNorm(0.5), clipByValue(0.1), adam({ learningRate: 0.01 })),
  'lookahead of adam': lookahead({ inner: adam({ learningRate: 0.01 }), k: 3 }),
  'sharpness-aware': sam({ inner: sgd({ learningRate: 0.05 }) }),
  'accumulation over three': accumulate({ inner: adam({ learningRate: 0.01 }), every: 3 }),
  'skipping what is not finite': skipNonFinite({ inner: sgd({ learningRate: 0.05 }) }),
  'averaged weights': chain(adam({ learningRate: 0.01 }), averageByEma({ decay: 0.9 })),
};

/** Odd and even extents, one element, every rank that params have; more than 128 elements, below which WebGL computes elsewhere. */
const params: readonly ParamInfo[] = [
  { name: 'a/kernel', shape: [17, 23], role: 'kernel' }, { name: 'a/bias', shape: [23], role: 'bias' }, { name: 'b/kernel', shape: [3, 3, 5, 8], role: 'kernel' },
  { name: 'c/bias', shape: [1], role: 'bias' }, { name: 'd/kernel', shape: [5, 7, 9], role: 'kernel' },
];

const draw = (name: string, step: number, { shape }: ParamInfo): Float32Array => normals(fold(fold(key(1), name), step), sizeOf(shape));

export interface Comparison {
  readonly fused: boolean;
  /** Largest difference after any step over the largest value of the param. */
  readonly params: number;
  readonly averaged: number;
  /** Tensors left over after the last step. */
  readonly leaked: number;
}

function unpacked(x: tf.Tensor): tf.Tensor {
  (tf.backend() as unknown as { uploadToGPU(id: object): void }).uploadToGPU(x.dataId);
  return x;
}

/** Programs that run while `work` does. */
function programs(work: () => void): number {
  const backend = tf.backend() as unknown as { gpgpu: { executeProgram(...args: unknown[]): unknown } };
  const { gpgpu } = backend;
  const execute = gpgpu.executeProgram;
  let count = 0;
  gpgpu.executeProgram = (...args) => {
    count++;
    return execute.apply(gpgpu, args);
  };
  work();
  gpgpu.executeProgram = execute;
  return count;
}

const tensorsOf = (of: ReadonlyMap<string, Float32Array>) => new Map(params.map(({ name, shape }) => [name, tf.tensor(of.get(name)!.slice(), [...shape])]));

/** Each step from the JavaScript executor's state: rules that take signs amplify a last bit otherwise. */
async function compare(name: string, steps: number): Promise<Comparison> {
  const updates = webglUpdates();
  const [ours, reference] = [bind(rules[name], params, { executor: updates.executor }), bind(rules[name], params, { executor: 'js' })];
  const values = new Map(params.map((param) => [param.name, draw('params', 0, param)]));
  const largest = { params: 0, averaged: 0 };
  const apart = (kind: keyof typeof largest, found: ReadonlyMap<string, tf.Tensor>, expected: ReadonlyMap<string, Float32Array>): void => {
    for (const [each, tensor] of found) {
      const [a, b] = [tensor.dataSync(), expected.get(each)!];
      const scale = b.reduce((m, x) => Math.max(m, Math.abs(x)), 1e-3);
      b.forEach((x, i) => (largest[kind] = Math.max(largest[kind], Number.isNaN(a[i]) !== Number.isNaN(x) ? Infinity : Math.abs(a[i] - x) / scale || 0)));
    }
  };
  let leaked = 0;
  for (let step = 0; step < steps; step++) {
    const gradients = new Map(params.map((param) => [param.name, draw('gradients', step, param)]));
    const second = new Map(params.map((param) => [param.name, draw('gradients', step + 100, param)]));
    const state = reference.snapshot();
    const [at, g] = [tensorsOf(values), tensorsOf(gradients)];
    // Packed and unpacked textures in turn, as products and as sums leave them.
    for (const of of [at, g]) for (const [each, tensor] of of) of.set(each, step % 2 === 0 ? tf.add(tensor, tf.zerosLike(tensor)) : unpacked(tensor));
    reference.update({ step, size: 8, params: values, gradients, gradientsAt: () => second });
    ours.restore(state);
    const tensors = tf.memory().numTensors;
    const updated = ours.update({ step, size: 8, params: at, gradients: g, gradientsAt: () => tensorsOf(second) });
    apart('params', updated, values);
    const averaged = ours.evaluationParams(updated);
    apart('averaged', averaged, reference.evaluationParams(values));
    for (const [each, tensor] of averaged) if (tensor !== updated.get(each)) tensor.dispose();
    for (const [each, tensor] of updated) if (tensor !== at.get(each)) tensor.dispose();
    leaked = tf.memory().numTensors - tensors;
    tf.dispose([...at.values(), ...g.values()]);
    await new Promise((resolve) => setTimeout(resolve));
  }
  ours.close();
  reference.close();
  return { fused: updates.fused(), ...largest, leaked };
}

/** Programs of one update in the course of a training, by fragment programs and by operations. */
function programsOf(name: string): { readonly fragments: number; readonly operations: number } {
  const [fragments, operations] = [webglUpdates().executor, tfExecutor].map((executor) => {
    const rule = bind(rules[name], params, { executor });
    let at = tensorsOf(new Map(params.map((param) => [param.name, draw('params', 0, param)])));
    const g = new Map([...tensorsOf(new Map(params.map((param) => [param.name, draw('gradients', 0, param)])))].map(([each, tensor]) => [each, tf.sub(tensor, tf.tensor(1).add(1))]));
    let count = 0;
    for (let step = 0; step < 2; step++) count = programs(() => (at = new Map([...rule.update({ step, params: at, gradients: g })])));
    rule.close();
    return count;
  });
  return { fragments, operations };
}

/** NaN, infinities and signed zeros go through as they do in JavaScript. */
function special(): boolean {
  const numbers = [NaN, Infinity, -Infinity, 0, -0, 1, -1, 3e38];
  const info: ParamInfo[] = [{ name: 'w', shape: [8, 8], role: 'kernel' }];
  const [g, w] = [0, 1].map((axis) => Float32Array.from({ length: 64 }, (_, i) => numbers[axis === 0 ? i % 8 : Math.floor(i / 8)]));
  const rule = chain(clipByValue(2), sgd({ learningRate: 0.5 }));
  const updates = webglUpdates();
  const ours = bind(rule, info, { executor: updates.executor });
  const updated = ours.update({ step: 0, params: new Map([['w', tf.tensor(w.slice(), [8, 8])]]), gradients: new Map([['w', tf.tensor(g.slice(), [8, 8])]]) });
  bind(rule, info, { executor: 'js' }).update({ step: 0, params: new Map([['w', w]]), gradients: new Map([['w', g]]) });
  const found = updated.get('w')!.dataSync();
  return updates.fused() && w.every((x, i) => (Number.isNaN(x) ? Number.isNaN(found[i]) : x === found[i]));
}

/** The largest error of a product of two updated params of odd extents, whose texels hang over their edges. */
function product(): number {
  const shift = link<object>('shift', {}, () => elementwise('shift', { hyper: {}, slots: {}, update: ({ g }) => ({ g: add(g, 1) }) }));
  const info: ParamInfo[] = [{ name: 'a', shape: [17, 23], role: 'kernel' }, { name: 'b', shape: [23, 9], role: 'kernel' }];
  const rule = bind(shift({}), info, { executor: webglUpdates().executor });
  const at = new Map(info.map((param) => [param.name, tf.tensor(draw('product', 0, param), [...param.shape])]));
  const zeros = new Map([...at].map(([name, tensor]) => [name, tf.zerosLike(tensor)]));
  const updated = rule.update({ step: 0, params: at, gradients: zeros });
  const [a, b] = info.map((param) => draw('product', 0, param).map((x) => x + 1));
  const found = tf.matMul(updated.get('a')! as tf.Tensor2D, updated.get('b')! as tf.Tensor2D).dataSync();
  let worst = 0;
  for (let i = 0; i < 17; i++) {
    for (let j = 0; j < 9; j++) {
      let sum = 0;
      for (let k = 0; k < 23; k++) sum += a[i * 23 + k] * b[k * 9 + j];
      worst = Math.max(worst, Math.abs(found[i * 9 + j] - sum));
    }
  }
  return worst;
}

tf.env().set('PROD', true);
void tf.setBackend('webgl').then((ready) => Object.assign(globalThis, { compare, programsOf, special, product, rules: Object.keys(rules), ready }));
