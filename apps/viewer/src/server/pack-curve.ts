import type { SeriesAnswer } from '@gradstream/protocol';
import { bucketColumns, type CurveBuckets } from './source.ts';

/** A curve as typed arrays over one buffer, which crosses to another thread without a copy. */
export function packCurve(answer: SeriesAnswer): CurveBuckets {
  const n = answer.count.length;
  const numbers = new Float64Array(bucketColumns.length * n);
  const columns = bucketColumns.map((name, k) => {
    const column = numbers.subarray(k * n, (k + 1) * n);
    column.set(answer[name]);
    return [name, column] as const;
  });
  return { run: answer.run, metric: answer.metric, ...(Object.fromEntries(columns) as Omit<CurveBuckets, 'run' | 'metric'>) };
}
