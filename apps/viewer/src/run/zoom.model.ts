import type { Range } from '@gradstream/charts';
import type { CurveWindow } from '../server/source.ts';

/** A stretch of a curve that was asked for, with its ends. */
export type FineWindow = Required<CurveWindow>;

/** Buckets in one answer, at most: the server's own bound. */
const mostBuckets = 10_000;

/** What to ask for so that a window is drawn as fine as its pixels: half of its width more on either side, for panning. */
export function windowFor(axis: FineWindow['axis'], [from, to]: Range, pixels: number): FineWindow {
  const margin = (to - from) / 2;
  return { axis, from: from - margin, to: to + margin, points: Math.min(mostBuckets, Math.ceil(2 * pixels)) };
}

/** Whether what was asked for covers a window with at least a bucket for every other pixel, or in single points. */
export function isFineEnough(asked: FineWindow, single: boolean, axis: FineWindow['axis'], [from, to]: Range, pixels: number): boolean {
  if (asked.axis !== axis || asked.from > from || asked.to < to) return false;
  return single || asked.points / (asked.to - asked.from) >= pixels / (to - from) / 2;
}
