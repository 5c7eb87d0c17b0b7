import type { Column } from '@gradstream/protocol';
import type { StoredSeries } from '../backing/backing.ts';

/** A metric nobody has written to yet. */
export const emptySeries = (no: number, attempt: number, metric: string): StoredSeries => ({
  no, attempt, metric, count: 0, nan: 0, min: NaN, max: NaN, firstStep: Infinity, lastStep: -Infinity, last: NaN, lastWall: -Infinity, ragged: false, levels: [],
});

/** Takes the points of a column into a series' summary. */
export function extendSeries(series: StoredSeries, { values, at }: Column, step: Float64Array, wall: Float64Array): void {
  let { nan, min, max, firstStep, lastStep, lastWall } = series;
  let newest = -1;
  for (let i = 0; i < values.length; i += 1) {
    const row = at === undefined ? i : at[i];
    const value = values[i];
    if (value !== value) nan += 1;
    else {
      if (!(min <= value)) min = value;
      if (!(max >= value)) max = value;
    }
    if (step[row] >= lastStep) {
      lastStep = step[row];
      newest = i;
    }
    if (step[row] < firstStep) firstStep = step[row];
    if (wall[row] > lastWall) lastWall = wall[row];
  }
  series.count += values.length;
  series.nan = nan;
  series.min = min;
  series.max = max;
  series.firstStep = firstStep;
  series.lastStep = lastStep;
  series.lastWall = lastWall;
  if (newest >= 0) series.last = values[newest];
}
