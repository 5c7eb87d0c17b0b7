import { checkOptions, InputError, positive, positiveInteger, type Split } from '@gradstream/numerics';
import { noiseScaleOf } from '../curvature/noise-scale.ts';
import { surfaceOf, type ModelSurface } from '../curvature/surface.ts';
import { allOf } from '../split-arrays.ts';
import { notTest, type Diagnostic } from './probe.ts';

export interface GradientNoiseOptions {
  /** Examples in a small batch. Default 32. */
  readonly size?: number;
  /** Small batches; together they are the large one. Default 32. */
  readonly batches?: number;
  /** Weight of the past in the running means of signal and noise, whose ratio is the scale; in [0, 1). Default 0.8. */
  readonly smoothing?: number;
}

/**
 * The gradient noise scale of McCandlish et al. 2018 (`noise/scale`, in examples): the batch size at which noise and signal of the
 * gradient are alike. `noise/signal` is ‖G‖² and `noise/trace` is tr Σ. Both are smoothed over moments before they are divided, as in the
 * paper's appendix A.1, since a ratio of noisy numbers is biased; NaN where no signal is left.
 */
export function gradientNoise(split: Split, options: GradientNoiseOptions = {}): Diagnostic {
  checkOptions('gradientNoise', options, { size: positiveInteger, batches: positiveInteger, smoothing: { says: 'in [0, 1)', accepts: (x) => typeof x === 'number' && x >= 0 && x < 1, schema: {} } });
  notTest('gradientNoise', split);
  const { size = 32, batches = 32, smoothing = 0.8 } = options;
  if (batches < 2 || size * batches > split.size) throw new InputError(`gradientNoise: takes at least two batches that the split can fill, received ${batches} of ${size} from ${split.size} examples`);
  return {
    name: 'noise',
    begin({ trainer: { model, objective } }) {
      let surface: ModelSurface | undefined;
      const sums = { signal: 0, noise: 0, weight: 0 };
      return {
        read(weights) {
          if (!surface || model.params.some(({ role }) => role === 'buffer')) {
            surface?.dispose();
            surface = surfaceOf(model, objective, allOf(split, size * batches), weights, { size, compiled: true });
          }
          const { signal, noise } = noiseScaleOf(surface.gradientsByPart(surface.pointOf(weights)).map(({ gradient }) => gradient), size);
          sums.signal = smoothing * sums.signal + (1 - smoothing) * signal;
          sums.noise = smoothing * sums.noise + (1 - smoothing) * noise;
          sums.weight = smoothing * sums.weight + (1 - smoothing);
          return { metrics: { scale: sums.signal > 0 ? sums.noise / sums.signal : NaN, signal: sums.signal / sums.weight, trace: sums.noise / sums.weight } };
        },
        dispose: () => surface?.dispose(),
      };
    },
  };
}

/** A batch size with its price. */
export interface PricedBatch {
  readonly size: number;
  /** Steps to the same loss, as a multiple of the fewest possible. */
  readonly steps: number;
  /** Examples to the same loss, as a multiple of the fewest possible. */
  readonly examples: number;
  /** Time to the same loss against the fastest of the sizes, where step times are known. */
  readonly time?: number;
}

export interface AdviceOptions {
  /** Sizes to choose from. Default: powers of two from 8 to 4,096. */
  readonly sizes?: readonly number[];
  /** Seconds of a step at sizes that were measured; between them time is taken as linear in the size, beyond them as the last slope goes on. */
  readonly stepSeconds?: Readonly<Record<number, number>>;
  /** The most examples worth spending, as a multiple of the fewest. Default 2: at the noise scale itself. */
  readonly most?: number;
}

/**
 * Prices batch sizes at a gradient noise scale by S = S_min (1 + B_scale / B), E = E_min (1 + B / B_scale), and names one: the fastest
 * where step times are known, else the largest whose examples cost at most `most` times the fewest. An estimate: the learning rate
 * must be tuned to the size for it to hold, and the scale grows as the loss falls.
 */
export function adviseBatchSize(scale: number, options: AdviceOptions = {}): { readonly advised: number; readonly priced: readonly PricedBatch[]; readonly says: string } {
  checkOptions('adviseBatchSize', options, { sizes: { says: 'a list of batch sizes', accepts: (x) => Array.isArray(x) && x.length > 0 && x.every((size) => positiveInteger.accepts(size)), schema: {} }, stepSeconds: { says: 'seconds by batch size', accepts: (x) => typeof x === 'object' && x !== null && Object.values(x).every((s) => positive.accepts(s)), schema: {} }, most: { says: 'above 1', accepts: (x) => typeof x === 'number' && x > 1, schema: {} } });
  if (!(scale > 0) || !Number.isFinite(scale)) throw new InputError(`adviseBatchSize: the noise scale must be a positive number, received ${scale}; measure again with more examples`);
  const { sizes = Array.from({ length: 10 }, (_, i) => 2 ** (i + 3)), stepSeconds, most = 2 } = options;
  const secondsOf = stepSeconds && Object.keys(stepSeconds).length > 0 ? interpolated(stepSeconds) : undefined;
  const priced = [...sizes].sort((a, b) => a - b).map((size) => ({ size, steps: 1 + scale / size, examples: 1 + size / scale }));
  const times = secondsOf && priced.map(({ size, steps }) => steps * secondsOf(size));
  const least = times && Math.min(...times);
  const withTimes = priced.map((each, i): PricedBatch => (times ? { ...each, time: times[i] / least! } : each));
  const chosen = withTimes.find(({ time }) => time === 1) ?? withTimes.findLast(({ examples }) => examples <= most) ?? withTimes[0];
  const brief = (x: number): string => String(Number(x.toPrecision(2)));
  return {
    advised: chosen.size,
    priced: withTimes,
    says: `At a noise scale of ${brief(scale)} examples a batch of ${chosen.size} needs ${brief(chosen.steps)} times the fewest steps and ${brief(chosen.examples)} times the fewest examples${times ? '; none of the sizes is faster' : ''}.`,
  };
}

/** Straight lines between measured points. */
function interpolated(measured: Readonly<Record<number, number>>): (size: number) => number {
  const points = Object.entries(measured).map(([size, seconds]) => [Number(size), seconds] as const).sort(([a], [b]) => a - b);
  if (points.length === 1) return () => points[0][1];
  return (size) => {
    const i = Math.min(points.length - 2, Math.max(0, points.findIndex(([at]) => at >= size) - 1));
    const [[a, fa], [b, fb]] = [points[i], points[i + 1]];
    return Math.max(Number.MIN_VALUE, fa + ((fb - fa) * (size - a)) / (b - a));
  };
}
