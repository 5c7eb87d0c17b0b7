import { key, type Examples } from '@gradstream/numerics';
import { randomShift } from './shift.ts';

const image = (values: number[]): Examples<'classes'> => ({
  size: 1, inputShape: [1, 3, 3, 1], inputs: Uint8Array.from(values), targets: { kind: 'classes', width: 1, shape: [1], values: Int32Array.of(0) },
});
const digits = image([1, 2, 3, 4, 5, 6, 7, 8, 9]);
const by = (dx: number, dy: number) => [{ dx, dy }];

it('moves right and down, and lets zeros in', () => {
  expect([...randomShift().apply(digits, by(1, 1)).inputs]).toEqual([0, 0, 0, 0, 1, 2, 0, 4, 5]);
  expect([...randomShift().apply(digits, by(-1, 0)).inputs]).toEqual([2, 3, 0, 5, 6, 0, 8, 9, 0]);
});

it('lets the border in on request', () => {
  expect([...randomShift({ border: 'edge' }).apply(digits, by(1, -1)).inputs]).toEqual([4, 4, 5, 7, 7, 8, 7, 7, 8]);
});

it('leaves nothing of an image shifted past its size', () => {
  expect([...randomShift({ pixels: 5 }).apply(digits, by(4, 0)).inputs]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0]);
  expect([...randomShift({ pixels: 5, border: 'edge' }).apply(digits, by(-5, 0)).inputs]).toEqual([3, 3, 3, 6, 6, 6, 9, 9, 9]);
});

it('draws every shift evenly, in both directions alone', () => {
  const draws = randomShift({ pixels: 2 }).sample(key(5), [10_000, 3, 3, 1]).map((draw) => draw!);
  const [dx, dy] = [draws.map((draw) => draw.dx), draws.map((draw) => draw.dy)];
  for (const drawn of [dx, dy]) for (let d = -2; d <= 2; d++) expect(drawn.filter((x) => x === d).length / 10_000).toBeCloseTo(0.2, 1);
  const agreement = dx.filter((x, i) => x === dy[i]).length / 10_000;
  expect(agreement).toBeCloseTo(0.2, 1);
});

it('refuses half pixels, and what is no image', () => {
  expect(() => randomShift({ pixels: 0.5 })).toThrow('randomShift: pixels must be a whole number of at least 0, received 0.5');
  const table = { ...digits, inputShape: [1, 9] };
  expect(() => randomShift().apply(table, by(0, 0))).toThrow('randomShift: takes images [height, width, channels], received examples of shape [9]');
});
