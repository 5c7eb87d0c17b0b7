/** Golden gradient transformations: what an update adds to the params is what the transformation made of the gradients. */
import {
  accumulate, centralize, chain, clipAdaptively, clipByGlobalNorm, clipByNorm, clipByValue, orthogonalize, scaleByEma, scaleByTrustRatio, type Transformation,
} from '@gradstream/optimizers';
import { flatten, nest, shapeOf, type Comparison, type Engine, type Family, type GoldenCase, type Nested } from './case.ts';
import { infosOf, trainer } from './engines.ts';
import type { Tensors } from './problems.ts';

export type Named = Readonly<Record<string, Nested>>;

export const tensors = (named: Named): Tensors => new Map(Object.entries(named).map(([name, values]) => [name, Float64Array.from(flatten(values))]));
export const shapes = (named: Named): ReadonlyMap<string, readonly number[]> => new Map(Object.entries(named).map(([name, values]) => [name, shapeOf(values)]));
export const zeros = (named: Named): Tensors => new Map([...tensors(named)].map(([name, values]) => [name, values.map(() => 0)]));

/** The updates that a transformation makes of some gradients, one after the other. */
function updates(engine: Engine, transformation: Transformation, gradients: readonly Named[], params?: Named): Record<string, Nested>[] {
  const shape = shapes(gradients[0]);
  const training = trainer(engine, transformation, infosOf(shape), params ? tensors(params) : zeros(gradients[0]));
  try {
    return gradients.map((each, step) => {
      const before = training.params();
      training.step(step, () => tensors(each));
      return Object.fromEntries([...training.params()].map(([name, after]) => [name, nest(after.map((x, i) => x - before.get(name)![i]), shape.get(name)!)]));
    });
  } finally {
    training.close();
  }
}

const once = (make: (hyper: GoldenCase['hyper']) => Transformation) => ({ hyper, input, output }: GoldenCase, engine: Engine): readonly Comparison[] => {
  const { grads, updates: given, params } = input as { readonly grads?: Named; readonly updates?: Named; readonly params?: Named };
  const expected = output as { readonly grads?: Named; readonly updates?: Named };
  const [actual] = updates(engine, make(hyper), [(grads ?? given)!], params);
  return [{ what: 'updates', actual, expected: expected.grads ?? expected.updates }];
};

const number = (value: unknown): number => value as number;

export const gradients: Family = {
  clip_grad_norm_: once(({ max_norm, norm_type }) => clipByGlobalNorm({ maxNorm: number(max_norm), eps: 1e-6, norm: norm_type === 'inf' ? 'max' : norm_type === 1 ? 1 : 2 })),
  clip_by_global_norm: once(({ max_norm }) => clipByGlobalNorm(number(max_norm))),
  clip_grad_value_: once(({ clip_value }) => clipByValue(number(clip_value))),
  clip_by_norm: once(({ max_norm }) => clipByNorm(number(max_norm))),
  adaptive_grad_clip: once(({ clipping, eps }) => clipAdaptively({ clipping: number(clipping), eps: number(eps) })),
  centralize: once(() => centralize()),
  scale_by_trust_ratio: once(() => scaleByTrustRatio()),
  newton_schulz_orthogonalize: ({ hyper, input, output }, engine) => {
    const matrix = (input as { readonly matrix: Nested }).matrix;
    const [actual] = updates(engine, orthogonalize({ steps: number(hyper.steps), eps: number(hyper.eps), scaled: false }), [{ matrix }]);
    return [{ what: 'matrix', actual: actual.matrix, expected: (output as { readonly matrix: unknown }).matrix }];
  },
  accumulate: ({ hyper, input, output }, engine) => {
    const grads = (input as { readonly grads: readonly Named[] }).grads;
    const made = updates(engine, accumulate({ inner: chain(), every: number(hyper.every) }), grads);
    const waiting = made.slice(0, -1).flatMap((each) => Object.values(each).flatMap(flatten));
    return [
      { what: 'updates while waiting', actual: waiting, expected: waiting.map(() => 0) },
      { what: 'update', actual: made.at(-1), expected: (output as { readonly grads: unknown }).grads },
    ];
  },
  ema: ({ hyper, input, output }, engine) => {
    const sequence = (input as { readonly sequence: readonly Nested[] }).sequence;
    const made = updates(engine, scaleByEma({ decay: number(hyper.decay), debias: hyper.debias as boolean }), sequence.map((x) => ({ x })));
    return [{ what: 'sequence', actual: made.map(({ x }) => x), expected: (output as { readonly sequence: unknown }).sequence }];
  },
};
