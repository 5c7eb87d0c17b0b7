import type { PointsEvent } from '@gradstream/protocol';
import type { PointRows } from './source.ts';

/** Points as typed arrays, which cross to another thread without a copy. */
export function packPoints({ run, attempt, t0, step, dt, m }: Pick<PointsEvent, 'run' | 'attempt' | 't0' | 'step' | 'dt' | 'm'>): PointRows {
  return {
    type: 'points',
    run,
    attempt,
    step: Float64Array.from(step),
    wall: Float64Array.from(step, (_, i) => t0 + (dt[i] ?? 0)),
    columns: Object.entries(m).map(([metric, values]) => {
      const present = values.reduce<number>((n, value) => n + (value === null ? 0 : 1), 0);
      if (present === values.length) return { metric, values: Float64Array.from(values as number[]) };
      const at = new Uint32Array(present);
      const some = new Float64Array(present);
      let k = 0;
      values.forEach((value, i) => {
        if (value === null) return;
        at[k] = i;
        some[k++] = value;
      });
      return { metric, values: some, at };
    }),
  };
}

/** The buffers of packed points. */
export const buffersOf = ({ step, wall, columns }: PointRows): ArrayBuffer[] =>
  [step, wall, ...columns.flatMap(({ values, at }) => (at ? [values, at] : [values]))].map(({ buffer }) => buffer as ArrayBuffer);
