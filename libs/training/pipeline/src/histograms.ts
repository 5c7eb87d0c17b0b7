import { tap } from 'rxjs';
import { checkOptions, positiveInteger } from '@gradstream/numerics';
import type { Aside } from '@gradstream/protocol';
import { Crossing, epochs, type Every } from './every.ts';
import { RUN } from './run.ts';
import { stage, type Stage } from './stage.ts';
import type { Step } from './step.ts';

export interface HistogramsOptions {
  /** How often. Default once an epoch. Each reads all params and gradients once. */
  readonly every?: Every;
  /** Bins of equal width from the least to the greatest value. Default 40, at most 1,024. */
  readonly bins?: number;
}

/**
 * Says how weights and gradients are distributed, by param: `weights/<param>` after the update, `gradients/<param>` as the
 * optimizer got them. Stands between `optimize` and `metrics`; `asides` puts what it says into the stream.
 */
export function histograms({ every = epochs(1), bins = 40 }: HistogramsOptions = {}): Stage<Step, Step> {
  checkOptions('histograms', { bins }, { bins: positiveInteger });
  return stage(() => ({ stage: 'histograms', every, bins }), (source) => {
    const crossing = new Crossing(every);
    return source.pipe(tap((step) => {
      if (!crossing.crossed({ step: step.step, batchesPerEpoch: step.batch.batchesPerEpoch })) return;
      const wall = Date.now();
      for (const [kind, tensors] of [['weights', step.params], ['gradients', step.gradients]] as const) {
        for (const [param, tensor] of Object.entries(tensors)) {
          const counted = histogramOf(tensor.dataSync(), bins);
          if (counted) step[RUN].say({ type: 'histogram', wall, name: `${kind}/${param}`, step: step.step, ...counted });
        }
      }
    }));
  });
}

/** Counts values in bins of equal width; NaN is counted apart, an infinity in the outer bin on its side. Undefined where no value is finite. */
export function histogramOf(values: ArrayLike<number>, bins: number): Pick<Extract<Aside, { type: 'histogram' }>, 'edges' | 'counts' | 'nan'> | undefined {
  let [min, max, nan] = [Infinity, -Infinity, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (Number.isNaN(value)) nan++;
    else if (Number.isFinite(value)) {
      if (value < min) min = value;
      if (value > max) max = value;
    }
  }
  if (min > max) return undefined;
  // One value everywhere (a bias at its start) still needs edges that rise.
  const half = min === max ? Math.max(Math.abs(min) * 1e-3, 1e-6) : 0;
  const [from, width] = [min - half, (max - min + 2 * half) / bins];
  const edges = Array.from({ length: bins + 1 }, (_, i) => (i === bins ? max + half : from + i * width));
  const counts = new Array<number>(bins).fill(0);
  for (let i = 0; i < values.length; i++) {
    if (!Number.isNaN(values[i])) counts[Math.max(0, Math.min(bins - 1, Math.floor((values[i] - from) / width)))]++;
  }
  return { edges, counts, ...(nan > 0 ? { nan } : {}) };
}
