/**
 * Adafactor: Shazeer and Stern 2018, "Adafactor: Adaptive Learning Rates with Sublinear Memory Cost", Algorithms 4-6,
 * https://arxiv.org/abs/1804.04235
 *
 *   b = 1 − t^(−0.8)
 *   matrices: r ← b·r + (1 − b)·rowMeans(g² + eps1)   c ← b·c + (1 − b)·columnMeans(g² + eps1)   v = r·c / mean(r)
 *   others:   v ← b·v + (1 − b)·(g² + eps1)
 *   u = g/√v, divided by max(1, RMS(u)/clipThreshold)        p ← p − step · u
 *
 * Three switches, often mixed up: the relative step (step = max(eps2, RMS(p)) · min(α, 1/√t)), without which the step is α and nothing is
 * scaled by the params; the clipping; the factoring, which leaves vectors alone. Tensors of higher rank are matrices of their last two axes.
 *
 * @torch 2.x: rows and columns the same; its step is max(eps2, RMS(p)) · min(α, 1/√t), always
 * @keras the same with `relative_step=True`
 * @tfjs not there
 */
import { add, boolean, div, element, factory, hyper, max, min, mul, neg, positive, sizeOf, sqrt, square, sub, sum, uniform, type Hyper } from '@gradstream/numerics';
import type { View3 } from '../arrays.ts';
import { clipByRms } from '../transformations/clip-by-rms.ts';
import { learningRateRules, scaleByLearningRate, type LearningRateOptions } from '../transformations/scale-by-learning-rate.ts';
import { chain, elementwise, link, tensorwise, type Chain, type SlotSizes, type TensorView, type Tensorwise } from '../transformation.ts';

export interface FactoredRmsOptions {
  /** Power of the decay 1 − t^(−decayPower), above 0. Default 0.8. */
  readonly decayPower?: Hyper;
  /** Added to squared gradients, above 0. Default 1e-30. */
  readonly eps1?: Hyper;
}

const factoredRules = { decayPower: hyper(positive), eps1: hyper(positive) };

const [g, old, mean, r, c] = ['g', 'old', 'mean', 'r', 'c'].map(element);
const decayed = add(mul(uniform('b'), old), mul(sub(1, uniform('b')), mul(mean, uniform('scale'))));
const squared = add(square(g), uniform('eps1'));
// r/mean first: r·c would leave the range of float32 where gradients are 0.
const factored = div(g, sqrt(mul(div(r, mean), c)));
const plain = div(g, sqrt(old));
const scaled = mul(mean, uniform('scale'));

/** Divides gradients by the root of their second moment, kept as row and column means where there are two axes. */
export const scaleByFactoredRms = link<FactoredRmsOptions, Tensorwise>('scaleByFactoredRms', factoredRules, ({ decayPower = 0.8, eps1 = 1e-30 }) =>
  tensorwise('scaleByFactoredRms', {
    hyper: { decayPower, eps1 },
    slots: ({ shape }): SlotSizes => {
      if (shape.length < 2) return { v: { size: sizeOf(shape), start: 0 } };
      const [outer, rows, columns] = matrices(shape);
      return { r: { size: outer * rows, start: 0 }, c: { size: outer * columns, start: 0 } };
    },
    update: <A>({ ops, param: { shape }, g, t, hyper: { decayPower, eps1 }, slots }: TensorView<A>): Readonly<Record<string, A>> => {
      const b = 1 - t ** -decayPower;
      const s = ops.map(squared, { g }, { eps1 });
      if (shape.length < 2) {
        const v = ops.map(decayed, { old: slots.v, mean: s }, { b, scale: 1 });
        return { g: ops.map(plain, { g, old: v }), v };
      }
      const [outer, rows, columns] = matrices(shape);
      const byRow: View3 = [outer * rows, columns, 1];
      const byColumn: View3 = [outer, rows, columns];
      const r = ops.map(decayed, { old: slots.r, mean: ops.sumMiddle(s, byRow) }, { b, scale: 1 / columns });
      const c = ops.map(decayed, { old: slots.c, mean: ops.sumMiddle(s, byColumn) }, { b, scale: 1 / rows });
      const total = ops.map(scaled, { mean: ops.sumMiddle(r, [outer, rows, 1]) }, { scale: 1 / rows });
      return {
        g: ops.map(factored, { g, r: ops.spread(r, byRow), c: ops.spread(c, byColumn), mean: ops.spread(total, [outer, rows * columns, 1]) }),
        r,
        c,
      };
    },
  }));

/** [how many, rows, columns]. */
const matrices = (shape: readonly number[]): View3 => [sizeOf(shape.slice(0, -2)), shape.at(-2)!, shape.at(-1)!];

export interface RelativeStepOptions extends LearningRateOptions {
  /** Smallest scale of a param, above 0. Default 1e-3. */
  readonly eps2?: Hyper;
}

const relativeRules = { ...learningRateRules, eps2: hyper(positive) };

/** Turns directions into steps of a part of their tensor: −max(eps2, RMS(p)) · min(learningRate, 1/√t) · g. */
export const scaleByRelativeStep = link<RelativeStepOptions>('scaleByRelativeStep', relativeRules, ({ learningRate, eps2 = 1e-3 }) =>
  elementwise('scaleByRelativeStep', {
    hyper: { learningRate, eps2 },
    constants: { size: ({ shape }) => sizeOf(shape) },
    update: ({ g, p, t, learningRate, eps2, size }) => {
      const rms = sqrt(div(sum(square(p), 'tensor'), size));
      return { g: mul(neg(mul(max(eps2, rms), min(learningRate, div(1, sqrt(t))))), g) };
    },
  }), ['learningRate']);

export interface AdafactorOptions extends FactoredRmsOptions {
  /** Largest step, at least 0: relative to the size of the params, or as it is without `relativeStep`. Default 0.01, the paper's. */
  readonly learningRate?: Hyper;
  /** Smallest scale of a param, above 0. Default 1e-3. */
  readonly eps2?: Hyper;
  /** Root mean square a direction is clipped to, above 0. Default 1. */
  readonly clipThreshold?: Hyper;
  /** Steps relative to the size of the params, falling as 1/√t. Default true. */
  readonly relativeStep?: boolean;
}

/** Adafactor. */
export const adafactor = factory<AdafactorOptions, Chain>(
  'adafactor',
  { ...factoredRules, ...relativeRules, clipThreshold: hyper(positive), relativeStep: boolean },
  ({ learningRate = 0.01, eps2, clipThreshold = 1, relativeStep = true, ...options }) =>
    chain(scaleByFactoredRms(options), clipByRms({ maxRms: clipThreshold }), relativeStep ? scaleByRelativeStep({ learningRate, eps2 }) : scaleByLearningRate(learningRate)),
);
