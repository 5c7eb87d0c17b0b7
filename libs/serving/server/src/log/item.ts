import { stringify, type Column, type Note } from '@gradstream/protocol';

/** Rows of one attempt that stand next to each other in a run's log. */
export interface Rows {
  readonly attempt: number;
  readonly step: Float64Array;
  /** Wall time of each row, ms since 1970. */
  readonly wall: Float64Array;
  readonly columns: readonly Column[];
  /** Lowest and highest step, where they are known. */
  readonly span?: readonly [number, number];
}

/** A piece of a run's log: rows of points, a note, or positions whose points are gone. */
export type LogItem = PointsItem | NoteItem | GapItem;

export interface PointsItem extends Rows {
  readonly kind: 'points';
  /** Positions of the first and the last batch in it. */
  readonly lsn: readonly [number, number];
}

export interface NoteItem {
  readonly kind: 'note';
  readonly lsn: readonly [number, number];
  readonly note: Note;
}

/** Positions whose points have expired; their curves stay. */
export interface GapItem {
  readonly kind: 'gap';
  readonly lsn: readonly [number, number];
}

/** Bytes of a note that count as a point: about what a point takes in JSON. */
const bytesPerPoint = 32;

/** As how many points a note counts where a log is read by points: by its length, for an image is as long as thousands. */
export const weightOf = (note: Note): number => 1 + Math.floor(stringify(note).length / bytesPerPoint);

/** Lowest and highest of some steps. */
export function spanOf(step: Float64Array): readonly [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < step.length; i += 1) {
    if (step[i] < low) low = step[i];
    if (step[i] > high) high = step[i];
  }
  return [low, high];
}

/** Puts rows below each other; a metric that some of them lack has `at`. */
export function concatRows(parts: readonly Rows[]): Rows {
  if (parts.length === 1) return parts[0];
  const rows = parts.reduce((n, { step }) => n + step.length, 0);
  const step = new Float64Array(rows);
  const wall = new Float64Array(rows);
  const pieces = new Map<string, { column: Column; start: number }[]>();
  let start = 0;
  for (const part of parts) {
    step.set(part.step, start);
    wall.set(part.wall, start);
    for (const column of part.columns) {
      const known = pieces.get(column.metric);
      if (known) known.push({ column, start });
      else pieces.set(column.metric, [{ column, start }]);
    }
    start += part.step.length;
  }
  return { attempt: parts[0].attempt, step, wall, columns: [...pieces].map(([metric, list]) => concatColumns(metric, list, rows)) };
}

function concatColumns(metric: string, list: readonly { column: Column; start: number }[], rows: number): Column {
  const count = list.reduce((n, { column }) => n + column.values.length, 0);
  const values = new Float64Array(count);
  const at = count === rows ? undefined : new Uint32Array(count);
  let k = 0;
  for (const { column, start } of list) {
    values.set(column.values, k);
    if (at) for (let i = 0; i < column.values.length; i += 1) at[k + i] = start + (column.at ? column.at[i] : i);
    k += column.values.length;
  }
  return at ? { metric, values, at } : { metric, values };
}

/** Some of the rows, from `begin` on and before `end`. */
export function sliceRows({ attempt, step, wall, columns }: Rows, begin: number, end: number): Rows {
  if (begin === 0 && end === step.length) return { attempt, step, wall, columns };
  return {
    attempt,
    step: step.subarray(begin, end),
    wall: wall.subarray(begin, end),
    columns: columns.flatMap((column): Column[] => {
      const { metric, values, at } = column;
      if (!at) return [{ metric, values: values.subarray(begin, end) }];
      const from = lowerBound(at, begin);
      const to = lowerBound(at, end);
      return from === to ? [] : [{ metric, values: values.subarray(from, to), at: at.subarray(from, to).map((row) => row - begin) }];
    }),
  };
}

/** Index of the first element that is at least `x`, in a rising array. */
export function lowerBound(rising: ArrayLike<number>, x: number): number {
  let low = 0;
  let high = rising.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (rising[middle] < x) low = middle + 1;
    else high = middle;
  }
  return low;
}
