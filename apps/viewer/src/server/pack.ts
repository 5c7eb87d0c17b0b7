import type { PointsEvent } from '@gradstream/protocol';
import type { PointRows } from './source.ts';

/** Points as typed arrays, which cross to another thread without a copy. All numbers of an event share one buffer: buffers are what a collector is slow at. */
export function packPoints({ run, attempt, t0, step, dt, m }: Pick<PointsEvent, 'run' | 'attempt' | 't0' | 'step' | 'dt' | 'm'>): PointRows {
  const n = step.length;
  const metrics = Object.entries(m).map(([metric, values]) => ({ metric, values, present: values.reduce<number>((count, value) => count + (value === null ? 0 : 1), 0) }));
  const numbers = new Float64Array(2 * n + metrics.reduce((sum, { present }) => sum + present, 0));
  const rows = new Uint32Array(metrics.reduce((sum, { present }) => sum + (present === n ? 0 : present), 0));
  let [filled, named] = [2 * n, 0];
  for (let i = 0; i < n; i++) {
    numbers[i] = step[i];
    numbers[n + i] = t0 + (dt[i] ?? 0);
  }
  return {
    type: 'points',
    run,
    attempt,
    step: numbers.subarray(0, n),
    wall: numbers.subarray(n, 2 * n),
    columns: metrics.map(({ metric, values, present }) => {
      const column = { metric, values: numbers.subarray(filled, filled + present), ...(present === n ? {} : { at: rows.subarray(named, named + present) }) };
      values.forEach((value, i) => {
        if (value === null) return;
        numbers[filled++] = value;
        if (present < n) rows[named++] = i;
      });
      return column;
    }),
  };
}

/** The buffers of packed points. */
export const buffersOf = ({ step, wall, columns }: PointRows): ArrayBuffer[] =>
  [...new Set([step, wall, ...columns.flatMap(({ values, at }) => (at ? [values, at] : [values]))].map(({ buffer }) => buffer as ArrayBuffer))];
