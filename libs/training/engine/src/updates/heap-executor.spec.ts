import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { fold, key, normals, sizeOf, type ParamInfo } from '@gradstream/numerics';
import { accumulate, adam, averageByEma, bind, chain, clipByGlobalNorm, clipByNorm, lookahead, optimizers, sam, sgd, tfExecutor, type Transformation } from '@gradstream/optimizers';
import '../wasm.ts';
import { heapExecutor } from './heap-executor.ts';

tf.enableProdMode();
beforeAll(async () => void (await tf.setBackend('wasm')));

type Make = ((options: object) => Transformation) & { readonly required: readonly string[] };
const given: Readonly<Record<string, unknown>> = { learningRate: 0.01, inner: sgd({ learningRate: 0.01 }) };
const rules: Record<string, Transformation> = {
  ...Object.fromEntries(Object.entries(optimizers as unknown as Record<string, Make>).filter(([, { required }]) => required.every((option) => option in given)).map(([name, make]) => [name, make(Object.fromEntries(make.required.map((option) => [option, given[option]])))])),
  'clipping by the global norm': chain(clipByGlobalNorm(0.5), adam({ learningRate: 0.01 })),
  'clipping by the norm': chain(clipByNorm(0.5), adam({ learningRate: 0.01 })),
  'lookahead of adam': lookahead({ inner: adam({ learningRate: 0.01 }), k: 3 }),
  'sharpness-aware': sam({ inner: sgd({ learningRate: 0.05 }) }),
  'accumulation over three': accumulate({ inner: adam({ learningRate: 0.01 }), every: 3 }),
  'averaged weights': chain(adam({ learningRate: 0.01 }), averageByEma({ decay: 0.9 })),
};
/** Matrices, factors and readings go through TensorFlow.js's operations, which add in another order. */
const ROUNDED = new Set(['muon', 'adafactor', 'sharpness-aware', 'skipNonFinite']);

const params: readonly ParamInfo[] = [
  { name: 'a/kernel', shape: [17, 23], role: 'kernel' }, { name: 'a/bias', shape: [23], role: 'bias' }, { name: 'b/kernel', shape: [3, 3, 5, 7], role: 'kernel' }, { name: 'b/bias', shape: [1], role: 'bias' },
];
const draw = (of: string, step: number, { name, shape }: ParamInfo): Float32Array => normals(fold(fold(fold(key(1), of), name), step), sizeOf(shape));
const tensorsOf = (values: ReadonlyMap<string, Float32Array>): Map<string, tf.Tensor> => new Map(params.map(({ name, shape }) => [name, tf.tensor(values.get(name)!.slice(), [...shape])]));

/** Trains beside the JavaScript executor; the largest difference relative to each param's largest value. */
function apart(rule: Transformation, steps: number, between: (step: number) => void = () => undefined): { readonly apart: number; readonly leaked: number } {
  const [ours, reference] = [bind(rule, params, { executor: heapExecutor() }), bind(rule, params, { executor: 'js' })];
  const values = new Map(params.map((param) => [param.name, draw('params', 0, param)]));
  let at = tensorsOf(values);
  let worst = 0;
  let leaked = 0;
  for (let step = 0; step < steps; step++) {
    const drawn = (of: string) => new Map(params.map((param) => [param.name, draw(of, step, param)]));
    const g = tensorsOf(drawn('g'));
    const before = tf.memory().numTensors;
    const second: tf.Tensor[] = [];
    const updated = ours.update({ step, params: at, gradients: g, size: 4, gradientsAt: () => {
      const made = tensorsOf(drawn('second'));
      second.push(...made.values());
      return made;
    } });
    reference.update({ step, params: values, gradients: drawn('g'), size: 4, gradientsAt: () => drawn('second') });
    for (const [name, tensor] of at) if (updated.get(name) !== tensor) tensor.dispose();
    at = new Map(updated);
    tf.dispose(second);
    leaked = Math.max(leaked, tf.memory().numTensors - before);
    tf.dispose([...g.values()]);
    between(step);
    const [found, expected] = [ours, reference].map((each, i) => (i === 0 ? [...ours.evaluationParams(at)].map(([name, t]) => [name, t.dataSync<'float32'>().slice()] as const) : [...each.evaluationParams(values as never)])) as unknown as [[string, Float32Array][], [string, Float32Array][]];
    const other = new Map(expected);
    for (const [name, a] of found) {
      const b = other.get(name)!;
      const scale = b.reduce((m, x) => Math.max(m, Math.abs(x)), 1e-3);
      a.forEach((x, i) => (worst = Math.max(worst, Math.abs(x - b[i]) / scale || 0)));
    }
  }
  ours.close();
  reference.close();
  tf.dispose([...at.values()]);
  return { apart: worst, leaked };
}

it.each(Object.keys(rules))('%s: fused passes on the heap of TensorFlow.js give the bits of the JavaScript executor', (name) => {
  const found = tf.tidy(() => {
    const { apart: distance, leaked } = apart(rules[name], 8);
    return { distance, leaked };
  });
  if (ROUNDED.has(name)) expect(found.distance).toBeLessThan(1e-4);
  else expect(found.distance).toBe(0);
  expect(found.leaked).toBeLessThanOrEqual(0);
});

it('is the one that is used', () => {
  expect(heapExecutor()).not.toBe(tfExecutor);
});

it('goes on when the heap grows in mid-training, and leaves it flat', () => {
  const memory = (): number => (tf.backend() as unknown as { wasm: { HEAPU8: Uint8Array } }).wasm.HEAPU8.byteLength;
  const start = memory();
  const large: tf.Tensor[] = [];
  const { apart: distance } = tf.tidy(() => apart(rules['clipping by the global norm'], 6, (step) => {
    if (step === 2) for (let held = 0; memory() === start; held++) large.push(tf.keep(tf.fill([1 << 22], held)));
  }));
  expect(memory()).toBeGreaterThan(start);
  expect(distance).toBe(0);
  tf.dispose(large);
  const grown = memory();
  tf.tidy(() => apart(rules.adam, 100));
  expect(memory()).toBe(grown);
});
