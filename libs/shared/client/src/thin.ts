import type { Column, PointsBatch } from '@gradstream/protocol';

/** Points of a metric that are looked at together, of which at most half stay. */
const window = 8;

interface Point {
  readonly step: number;
  readonly wall: number;
  readonly value: number;
}

/**
 * Fewer points for the same picture: of every 8 points of a metric the least, the greatest, the first NaN and the last
 * stay, so that no extreme and no NaN is ever lost, however often this is done.
 *
 * @param batches of one attempt, in their order
 */
export function thin(batches: readonly PointsBatch[], head: Pick<PointsBatch, 'writer' | 'seq' | 'attempt'>): PointsBatch {
  const series = new Map<string, Point[]>();
  for (const { step, dt, t0, columns } of batches) {
    for (const { metric, values, at } of columns) {
      const points = series.get(metric) ?? [];
      series.set(metric, points);
      for (let i = 0; i < values.length; i += 1) {
        const row = at ? at[i] : i;
        points.push({ step: step[row], wall: t0 + dt[row], value: values[i] });
      }
    }
  }
  const rows = new Map<string, number>();
  const places: Point[] = [];
  const columns = Array.from(series, ([metric, points]): Column => {
    const kept = marked(points);
    const at = kept.map((point) => {
      const key = `${point.step} ${point.wall}`;
      const known = rows.get(key) ?? places.push(point) - 1;
      rows.set(key, known);
      return known;
    });
    const order = at.map((_, i) => i).sort((a, b) => at[a] - at[b]);
    return { metric, at: Uint32Array.from(order, (i) => at[i]), values: Float64Array.from(order, (i) => kept[i].value) };
  });
  const t0 = places[0]?.wall ?? 0;
  return { ...head, t0, step: Float64Array.from(places, ({ step }) => step), dt: Float64Array.from(places, ({ wall }) => wall - t0), columns };
}

function marked(points: readonly Point[]): Point[] {
  const kept: Point[] = [];
  for (let begin = 0; begin < points.length; begin += window) {
    const end = Math.min(points.length, begin + window);
    let [low, high, nan] = [-1, -1, -1];
    for (let i = begin; i < end; i += 1) {
      const { value } = points[i];
      if (Number.isNaN(value)) nan = nan < 0 ? i : nan;
      else {
        if (low < 0 || value < points[low].value) low = i;
        if (high < 0 || value > points[high].value) high = i;
      }
    }
    for (const i of [...new Set([low, high, nan, end - 1])].filter((i) => i >= 0).sort((a, b) => a - b)) kept.push(points[i]);
  }
  return kept;
}
