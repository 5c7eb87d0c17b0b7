import { boolean, factory, positiveInteger } from '@gradstream/numerics';
import type { Metric } from '../metric.ts';
import { argMax, labelOf, needsClasses, probabilities, rowsIn } from './predictions.ts';

export interface CalibrationErrorOptions {
  /** Bins of equal width over the confidence. Default 15. */
  readonly bins?: number;
  /** Whether to give the reliability diagram too: `reliability/<bin>/confidence`, `…/accuracy` and `…/count` of each bin that is not empty. Default false. */
  readonly reliability?: boolean;
}

/**
 * Expected calibration error: Guo et al. 2017, https://arxiv.org/abs/1706.04599, equation (3).
 *
 *   Σ over bins of count / n · |accuracy − mean confidence|        confidence: the largest probability; bins (b / B, (b + 1) / B]
 */
export const calibrationError = factory<CalibrationErrorOptions, Metric>('calibrationError', { bins: positiveInteger, reliability: boolean }, ({ bins = 15, reliability = false }) => ({
  name: 'calibrationError',
  accumulator: ({ link }) => {
    const [count, right, confidence] = [new Float64Array(bins), new Float64Array(bins), new Float64Array(bins)];
    let unusable = 0;
    return {
      add(outputs, examples) {
        needsClasses('calibrationError', examples);
        const rows = rowsIn('calibrationError', outputs, examples.targets);
        for (let i = 0; i < rows.count; i++) {
          const row = probabilities(outputs, i * rows.width, rows.width, link);
          const predicted = argMax(row, 0, row.length);
          if (predicted < 0) {
            unusable++;
            continue;
          }
          const bin = Math.min(bins - 1, Math.max(0, Math.ceil(row[predicted] * bins) - 1));
          count[bin]++;
          confidence[bin] += row[predicted];
          if (predicted === labelOf(examples.targets, i)) right[bin]++;
        }
      },
      result: () => {
        const seen = count.reduce((sum, n) => sum + n, 0);
        const error = right.reduce((sum, r, b) => sum + Math.abs(r - confidence[b]), 0) / seen;
        const diagram = [...count.keys()].filter((b) => count[b] > 0).flatMap((b) => [
          [`reliability/${b}/confidence`, confidence[b] / count[b]],
          [`reliability/${b}/accuracy`, right[b] / count[b]],
          [`reliability/${b}/count`, count[b]],
        ]);
        return { calibrationError: unusable > 0 ? NaN : error, ...(reliability ? (Object.fromEntries(diagram) as Record<string, number>) : {}) };
      },
    };
  },
}));
