import { Curve } from './curve.ts';
import { tableOf } from './table.model.ts';

const line = (points: readonly (readonly [number, number])[]) => {
  const curve = new Curve();
  for (const [x, y] of points) curve.append(x, y);
  return { curve };
};

describe('tableOf', () => {
  it('has a row for each x and a cell for each line', () => {
    expect(tableOf([line([[0, 1], [1, 2], [2, NaN]]), line([[1, 5], [9, 6]])], [0, 5])).toEqual({
      places: 3,
      points: 3,
      rows: [{ x: 0, cells: [1, undefined] }, { x: 1, cells: [2, 5] }, { x: 2, cells: [NaN, undefined] }],
    });
  });

  it('thins to its limit and keeps both ends', () => {
    const { rows, points } = tableOf([line(Array.from({ length: 1_000 }, (_, i) => [i, i] as const))], [10, 989], 20);
    expect([points, rows.length, rows[0].x, rows.at(-1)!.x]).toEqual([980, 20, 10, 989]);
  });
});
