/** Laws of update rules, on the project's own optimizers in float64. */
import { buildFrom, fold, key, normals, type ParamInfo } from '@gradstream/numerics';
import { bind, optimizers, type Transformation } from '@gradstream/optimizers';
import { norm } from '../linear-algebra.ts';
import { study, type StudyParts } from '../recipe/study.ts';

interface OptimizerOptions {
  /** Document of the optimizer. */
  readonly optimizer: unknown;
}

const made = (document: unknown, { registries }: StudyParts): Transformation => buildFrom<Transformation>(registries, 'transformation', document, 'optimizer');

/** One kernel of these values in the hands of an optimizer, in float64. */
function trained(optimizer: Transformation, start: readonly number[]) {
  const info: ParamInfo = { name: 'w', shape: [start.length], role: 'kernel' };
  const bound = bind(optimizer, [info], { executor: 'float64' });
  const w = Float64Array.from(start);
  const params = new Map([['w', w]]);
  let step = 0;
  return {
    w,
    bound,
    position: (): Float64Array => bound.evaluationParams(params).get('w')!,
    take: (gradientAt: (w: Float64Array) => readonly number[]): void => {
      const at = (all: ReadonlyMap<string, Float64Array>) => new Map([['w', Float64Array.from(gradientAt(all.get('w')!))]]);
      bound.update({ step: step++, params, gradients: at(params), gradientsAt: at });
    },
  };
}

/**
 * Polyak 1964 and Nesterov 1983: on a quadratic of condition k, gradient descent needs some k steps, momentum and
 * Nesterov's some √k.
 */
export const quadraticRace = study<{ readonly method: 'gradient descent' | 'heavy ball' | 'nesterov' | 'nesterov, look-ahead points'; readonly condition: number }>('quadratic-race', ({ method, condition: k }, _, parts) => {
  const [mu, l] = [1, k];
  const root = Math.sqrt(k);
  const document = {
    'gradient descent': { name: 'sgd', learningRate: 2 / (l + mu) },
    'heavy ball': { name: 'momentum', learningRate: 4 / (Math.sqrt(l) + Math.sqrt(mu)) ** 2, momentum: ((root - 1) / (root + 1)) ** 2 },
    nesterov: { name: 'nesterovLookahead', learningRate: 1 / l, momentum: (root - 1) / (root + 1) },
    'nesterov, look-ahead points': { name: 'nesterov', learningRate: 1 / l, momentum: (root - 1) / (root + 1) },
  }[method];
  const { take, position } = trained(made(document, parts), [1, 1]);
  let steps = 0;
  // Nesterov's count is of his iterates; the trained params are the points it looks ahead to.
  const reached = (): boolean => position().every((x) => Math.abs(x) <= 1e-6);
  while (!reached() && steps < 20_000) {
    take(([x, y]) => [x, k * y]);
    steps++;
  }
  return { steps };
});

/** Distance that a constant gradient of 1 drives a weight. */
export const constantGradient = study<OptimizerOptions & { readonly steps: number }>('constant-gradient', ({ optimizer, steps }, _, parts) => {
  const { w, take } = trained(made(optimizer, parts), [0]);
  for (let i = 0; i < steps; i++) take(() => [1]);
  return { distance: Math.abs(w[0]) };
});

/** Size of the first step for gradients of several sizes; `least` and `most` over them. */
export const firstStep = study<OptimizerOptions & { readonly gradients: readonly number[] }>('first-step', ({ optimizer, gradients }, _, parts) => {
  const { w, take } = trained(made(optimizer, parts), gradients.map(() => 0));
  take(() => gradients);
  const sizes = Array.from(w, Math.abs);
  return { least: Math.min(...sizes), most: Math.max(...sizes) };
});

/** Arrays an optimizer keeps for each param. */
export const slotCount = study<OptimizerOptions>('slot-count', ({ optimizer }, _, parts) => {
  const { bound, take } = trained(made(optimizer, parts), [1, 2, 3]);
  for (let i = 0; i < 50; i++) take(() => [1, 1, 1]);
  const { slots } = bound.snapshot();
  return { slots: slots.size, numbersPerParam: [...slots.values()].reduce((n, { values }) => n + values.length, 0) / 3 };
});

/** What one weight becomes while its gradient is 0: decay alone. */
export const decayAlone = study<OptimizerOptions & { readonly steps: number }>('decay-alone', ({ optimizer, steps }, _, parts) => {
  const { w, take } = trained(made(optimizer, parts), [1, -2]);
  for (let i = 0; i < steps; i++) take(() => [0, 0]);
  return { first: w[0], ratio: w[1] / w[0] };
});

/**
 * Every optimizer that there is, and variants: a param with gradient exactly 0 stays where it is, and nothing becomes NaN,
 * while another param trains.
 */
export const deadUnit = study<{ readonly steps: number; readonly variants: readonly { readonly name: string }[] }>('dead-unit', ({ steps, variants }, seed, parts) => {
  const params: readonly ParamInfo[] = [{ name: 'alive', shape: [3, 2], role: 'kernel' }, { name: 'dead', shape: [4, 3], role: 'kernel' }, { name: 'bias', shape: [2], role: 'bias' }];
  const still = (document: { readonly name: string }): { readonly moved: number; readonly broken: number } => {
    const bound = bind(made(document, parts), params, { executor: 'float64' });
    const values = new Map(params.map(({ name }, i) => [name, Float64Array.from(normals(fold(key(seed), name), [6, 12, 2][i]))]));
    const before = values.get('dead')!.slice();
    for (let step = 0; step < steps; step++) {
      const gradientsAt = () => new Map([['alive', Float64Array.from(normals(fold(fold(key(seed), 'gradient'), step), 6))], ['dead', new Float64Array(12)], ['bias', new Float64Array(2)]]);
      bound.update({ step, params: values, gradients: gradientsAt(), gradientsAt });
    }
    const after = values.get('dead')!;
    return { moved: norm(after.map((value, i) => value - before[i])), broken: [...values.values()].some((all) => all.some((value) => !Number.isFinite(value))) ? 1 : 0 };
  };
  const documents = Object.values(optimizers).map(({ factoryName, options }) => ({
    name: factoryName,
    ...('learningRate' in options ? { learningRate: 0.01 } : {}),
    ...('weightDecay' in options ? { weightDecay: 0 } : {}),
    ...('lambda' in options ? { lambda: 0 } : {}),
    // Yogi starts both moments at 1e-6, as in optax, and drifts from there; from 0 the law holds for it too.
    ...('initialAccumulator' in options ? { initialAccumulator: 0 } : {}),
  }));
  const results = [...documents, ...variants].map(still);
  return { optimizers: results.length, moved: Math.max(...results.map(({ moved }) => moved)), broken: results.reduce((n, { broken }) => n + broken, 0) };
});
