import { checkOptions, fold, key, nonNegative, positive, positiveInteger, type Split } from '@gradstream/numerics';
import { hessianTrace, lanczos, topEigenpair } from '../curvature/hessian.ts';
import { lossOnSlice } from '../curvature/slice.ts';
import { epsilonSharpness } from '../curvature/sharpness.ts';
import { surfaceOf, type ModelSurface, type Point } from '../curvature/surface.ts';
import { allOf } from '../split-arrays.ts';
import { notTest, type Diagnostic, type Reading } from './probe.ts';

/** What measures of the loss surface have in common. */
export interface SurfaceProbeOptions {
  /** Examples that make the surface: the first ones. Default 64 for `curvature`, 1,000 for the others. */
  readonly examples?: number;
  /** Decides random directions. Default 0. */
  readonly seed?: number;
}

const shared = { examples: positiveInteger, seed: nonNegative };

/** A diagnostic of the surface over some examples; what it remembers from one moment to the next stays with its run. */
const onSurface = (name: string, split: Split, examples: number, begin: (size: number) => (surface: ModelSurface, at: Point) => Reading): Diagnostic => {
  notTest(name, split);
  return {
    name,
    begin({ trainer }) {
      let surface: ModelSurface | undefined;
      let at = new Float32Array();
      const read = begin(examples);
      return {
        read(weights) {
          // Running statistics are part of the weights: a model that has some needs a new surface each time.
          if (!surface || trainer.model.params.some(({ role }) => role === 'buffer')) {
            surface?.dispose();
            surface = surfaceOf(trainer.model, trainer.objective, allOf(split, examples), weights, { compiled: true });
          }
          if (at.length !== surface.size) at = new Float32Array(surface.size);
          return read(surface, surface.pointOf(weights, at));
        },
        dispose: () => surface?.dispose(),
      };
    },
  };
};

export interface CurvatureOptions extends SurfaceProbeOptions {
  /** Hessian products at a moment at most, two gradients each, begun with the directions that the last one ended in; the first moment takes up to 12. Default 3. */
  readonly iterations?: number;
}

/** Hessian products that find the direction from anywhere. */
const FIRST = 12;

/**
 * The largest eigenvalue of the loss's Hessian, `curvature/lambdaMax`, by Lanczos iterations that go on from moment to moment until the
 * residual is 5 % of it: weights move little between two, and so do the three steepest directions, which the next moment begins with.
 * Gradient descent at rate `lr` is stable below 2 / lr (Cohen et al. 2021).
 */
export function curvature(split: Split, options: CurvatureOptions = {}): Diagnostic {
  checkOptions('curvature', options, { ...shared, iterations: positiveInteger });
  const { examples = 64, iterations = 3, seed = 0 } = options;
  return onSurface('curvature', split, examples, () => {
    let start: Point | undefined;
    return (surface, at) => {
      const { value, next } = topEigenpair(surface, at, { start, iterations: start ? iterations : FIRST, tolerance: 0.05, key: key(seed) });
      start = next;
      return { metrics: { lambdaMax: value } };
    };
  });
}

export interface SpectrumOptions extends SurfaceProbeOptions {
  /** Lanczos iterations, two gradients each. Default 20. */
  readonly iterations?: number;
  /** Signs that the trace is averaged over, two gradients each. Default 10. */
  readonly probes?: number;
}

/** Both ends of the Hessian's spectrum by Lanczos, `spectrum/lambdaMax` and `spectrum/lambdaMin`, and its trace by Hutchinson's estimate with its standard error. */
export function spectrum(split: Split, options: SpectrumOptions = {}): Diagnostic {
  checkOptions('spectrum', options, { ...shared, iterations: positiveInteger, probes: positiveInteger });
  const { examples = 1_000, iterations = 20, probes = 10, seed = 0 } = options;
  return onSurface('spectrum', split, examples, () => (surface, at) => {
    const values = lanczos(surface, at, { iterations, key: key(seed) });
    const { trace, error } = hessianTrace(surface, at, { probes, key: key(seed) });
    return { metrics: { lambdaMax: values.at(-1)!, lambdaMin: values[0], trace, traceError: error }, detail: { ritz: values } };
  });
}

export interface SharpnessProbeOptions extends SurfaceProbeOptions {
  /** Half the width of the box, as a share of |x| + 1. Default 1e-3. */
  readonly eps?: number;
}

/** Keskar's ε-sharpness in percent, `sharpness/epsilon`; compare it within one architecture, and at equal training loss. */
export function sharpness(split: Split, options: SharpnessProbeOptions = {}): Diagnostic {
  checkOptions('sharpness', options, { ...shared, eps: positive });
  const { examples = 1_000, eps = 1e-3, seed = 0 } = options;
  return onSurface('sharpness', split, examples, () => (surface, at) => {
    const { sharpness: epsilon, loss, worst } = epsilonSharpness(surface, at, { eps, key: key(seed) });
    return { metrics: { epsilon, loss, worst } };
  });
}

export interface SliceOptions extends SurfaceProbeOptions {
  /** How far the slice goes to both sides, in lengths of the weights' own filters. Default 1. */
  readonly span?: number;
  /** Places on the slice, both ends included. Default 21. */
  readonly points?: number;
}

/**
 * The loss along a random direction whose filters are as long as the weights' own (Li et al. 2018), always the same direction: the curve
 * in `detail`, and `slice/rise`, by how much the loss is higher at the ends, on the mean, than in the middle.
 */
export function slice(split: Split, options: SliceOptions = {}): Diagnostic {
  checkOptions('slice', options, { ...shared, span: positive, points: positiveInteger });
  const { examples = 1_000, span = 1, points = 21, seed = 0 } = options;
  const alphas = Array.from({ length: points }, (_, i) => (points === 1 ? 0 : span * ((2 * i) / (points - 1) - 1)));
  return onSurface('slice', split, examples, () => (surface, at) => {
    const losses = lossOnSlice(surface, at, alphas, fold(key(seed), 'slice'));
    return { metrics: { rise: (losses[0] + losses.at(-1)!) / 2 - surface.loss(at) }, detail: { alphas, losses } };
  });
}
