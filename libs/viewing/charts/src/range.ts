import type { Columns } from './columns.ts';

/** From and to, from < to. */
export type Range = readonly [from: number, to: number];

/** The extremes of the finite values of some columns, `positive` ones only for a logarithmic axis; undefined without any. */
export function extremes(of: readonly Columns[], positive = false): Range | undefined {
  let min = Infinity;
  let max = -Infinity;
  for (const { length, min: mins, max: maxs, first, last } of of) {
    for (let i = 0; i < length; i++) {
      if (maxs[i] > max) max = maxs[i];
      if (!positive || mins[i] > 0) {
        if (mins[i] < min) min = mins[i];
      } else {
        // A column that dips to 0 or below: its least shown point is one of those known to be positive.
        for (const y of [first[i], last[i], maxs[i]]) if (y > 0 && y < min) min = y;
      }
    }
  }
  return max < min || (positive && max <= 0) ? undefined : [min, max];
}

/** Decades that a logarithmic axis shows below its greatest value; what lies deeper runs out of the frame. */
const decades = 20;

/** Room above and below, so that a line never lies on the frame; a flat line gets a range around its value. */
export function padded(range: Range | undefined, log = false): Range {
  if (!range) return log ? [0.1, 1] : [0, 1];
  const [min, max] = range;
  if (log) {
    const high = Math.max(Math.log10(max), -80);
    const low = Math.min(high, Math.max(Math.log10(min), high - decades));
    const room = Math.max((high - low) * 0.06, 0.02);
    return [10 ** (low - room), 10 ** (high + room)];
  }
  const room = max > min ? (max - min) * 0.06 : Math.max(Math.abs(max) * 0.5, 1e-9);
  // A value that never leaves [0, …] does not get an axis below 0.
  return [min >= 0 && min - room < 0 ? Math.min(0, min) : min - room, max + room];
}

/** A window moved or scaled by the user: `factor` below 1 comes nearer, around `at`. */
export const zoomed = ([from, to]: Range, factor: number, at: number): Range => [at - (at - from) * factor, at + (to - at) * factor];
