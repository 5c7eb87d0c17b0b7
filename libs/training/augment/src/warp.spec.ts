import fc from 'fast-check';
import { key, type Examples } from '@gradstream/numerics';
import { randomAffine, randomRotation, randomScale, randomShear } from './affine.ts';
import { elastic } from './elastic.ts';
import type { Image } from './image.ts';
import { onto, randomPerspective } from './perspective.ts';
import { randomResizedCrop } from './resized-crop.ts';
import { affine, warp, type Affine, type Matrix } from './warp.ts';
import type { Sampling } from './resample.ts';

const picture = (height: number, width: number, values: ArrayLike<number>, type: typeof Float32Array | typeof Uint8Array = Float32Array): Image => ({ height, width, channels: 1, values: type.from(values) });
const warped = (from: Image, matrix: Matrix, sampling: Sampling = {}): number[] => {
  const to = { ...from, values: from.values.slice().fill(0) };
  warp(from, to, matrix, sampling);
  return [...to.values];
};
const moved = (from: Image, how: Affine, sampling: Sampling = {}): number[] => warped(from, affine(how, from), sampling);
const square = picture(3, 3, [1, 2, 3, 4, 5, 6, 7, 8, 9]);

it('leaves an image alone when nothing is asked', () => {
  expect(moved(square, {})).toEqual([...square.values]);
});

it('turns a quarter anticlockwise', () => {
  const quarter = [3, 6, 9, 2, 5, 8, 1, 4, 7];
  expect(moved(square, { rotate: 90 }, { interpolation: 'nearest' })).toEqual(quarter);
  moved(square, { rotate: 90 }).forEach((v, i) => expect(v).toBeCloseTo(quarter[i], 4));
});

it('moves right and down', () => {
  expect(moved(square, { translate: [1, 1] })).toEqual([0, 0, 0, 0, 1, 2, 0, 4, 5]);
});

it('grows about the centre', () => {
  expect(moved(square, { scale: 2 })).toEqual([3, 3.5, 4, 4.5, 5, 5.5, 6, 6.5, 7]);
});

it('slants along the rows', () => {
  expect(moved(square, { shear: [1, 0] })).toEqual([2, 3, 0, 4, 5, 6, 0, 7, 8]);
});

it('does and undoes', () => {
  fc.assert(fc.property(fc.double({ min: -170, max: 170, noNaN: true }), fc.double({ min: 0.5, max: 2, noNaN: true }), fc.double({ min: -0.5, max: 0.5, noNaN: true }), fc.double({ min: -0.5, max: 0.5, noNaN: true }), fc.double({ min: -3, max: 3, noNaN: true }), (rotate, scale, slantX, slantY, shift) => {
    const [a, b, c, d, e, f] = affine({ rotate, scale, shear: [slantX, slantY], translate: [shift, -shift] }, { height: 5, width: 8 });
    // Forward, as the docstring says it: shear, scale, rotate about the centre, translate.
    const forward = (x: number, y: number): readonly [number, number] => {
      const [u, v] = [scale * (x - 3.5 + slantX * (y - 2)), scale * (y - 2 + slantY * (x - 3.5))];
      const angle = (rotate * Math.PI) / 180;
      return [Math.cos(angle) * u + Math.sin(angle) * v + 3.5 + shift, -Math.sin(angle) * u + Math.cos(angle) * v + 2 - shift];
    };
    for (const [x, y] of [[0, 0], [7, 4], [2, 3]]) {
      const [p, q] = forward(x, y);
      expect(a * p + b * q + c).toBeCloseTo(x, 8);
      expect(d * p + e * q + f).toBeCloseTo(y, 8);
    }
  }));
});

it.each([['zero', [0, 0, 1, 2, 3]], ['edge', [1, 1, 1, 2, 3]], ['reflect', [3, 2, 1, 2, 3]]] as const)('fills from outside: %s', (border, expected) => {
  const line = picture(1, 5, [1, 2, 3, 4, 5]);
  expect(moved(line, { translate: [2, 0] }, { border })).toEqual(expected);
  expect(moved(line, { translate: [2, 0] }, { border, interpolation: 'nearest' })).toEqual(expected);
});

it('rounds bytes between pixels to the nearest', () => {
  expect(moved(picture(1, 3, [0, 5, 255], Uint8Array), { translate: [0.5, 0] }, { border: 'edge' })).toEqual([0, 3, 130]);
});

it('sends the corners of a rectangle onto four points', () => {
  fc.assert(fc.property(fc.array(fc.double({ min: -0.3, max: 0.3, noNaN: true }), { minLength: 8, maxLength: 8 }), (off) => {
    const corners = [[0 + off[0], 0 + off[1]], [6 + off[2], 0 + off[3]], [6 + off[4], 4 + off[5]], [0 + off[6], 4 + off[7]]] as const;
    const m = onto(corners, 6, 4);
    ([[0, 0], [6, 0], [6, 4], [0, 4]] as const).forEach(([x, y], i) => {
      const w = m[6] * x + m[7] * y + m[8];
      expect((m[0] * x + m[1] * y + m[2]) / w).toBeCloseTo(corners[i][0], 8);
      expect((m[3] * x + m[4] * y + m[5]) / w).toBeCloseTo(corners[i][1], 8);
    });
  }));
});

const examples = (height: number, width: number): Examples<'classes'> => ({
  size: 3, inputShape: [3, height, width, 1], inputs: Float32Array.from({ length: 3 * height * width }, (_, i) => (i % 17) / 16),
  targets: { kind: 'classes', width: 1, shape: [3], values: new Int32Array(3) },
});

it('draws angles, slants and factors from their whole range and no further', () => {
  const shape = [2_000, 5, 5, 1];
  const angles = randomRotation({ degrees: 20 }).sample(key(1), shape).map((m) => (Math.atan2(m![3], m![0]) * 180) / Math.PI);
  const factors = randomScale({ range: [0.5, 2] }).sample(key(1), shape).map((m) => 1 / m![0]);
  const slants = randomShear({ slant: 0.3 }).sample(key(1), shape).map((m) => -m![1] / m![4]);
  for (const [values, low, high] of [[angles, -20, 20], [factors, 0.5, 2], [slants, -0.3, 0.3]] as const) {
    expect(Math.min(...values)).toBeGreaterThanOrEqual(low - 1e-9);
    expect(Math.max(...values)).toBeLessThanOrEqual(high + 1e-9);
    expect(Math.min(...values)).toBeLessThan(low + (high - low) / 20);
    expect(Math.max(...values)).toBeGreaterThan(high - (high - low) / 20);
  }
  expect(factors.filter((f) => f < 1).length / 2_000).toBeCloseTo(0.5, 1);
});

it('changes nothing where the ranges are points', () => {
  const given = examples(6, 7);
  const still = [randomRotation({ degrees: 0 }), randomScale({ range: [1, 1] }), randomShear({ slant: 0 }), randomAffine({ degrees: 0, translate: [0, 0], scale: [1, 1], slant: 0 }), randomPerspective({ distortion: 0 }), randomResizedCrop({ area: [1, 1], ratio: [7 / 6, 7 / 6] }), elastic({ alpha: 0 })];
  for (const augmentation of still) {
    const out = augmentation.apply(given, augmentation.sample(key(1), given.inputShape) as never);
    out.inputs.forEach((v, i) => expect(v).toBeCloseTo(given.inputs[i], 5));
  }
});

it('cuts windows that lie within the image, of the asked area and ratio', () => {
  for (const matrix of randomResizedCrop({ area: [0.2, 0.6] }).sample(key(2), [500, 24, 24, 1])) {
    const [sx, , left, , sy, top] = matrix!;
    const [w, h] = [sx * 24, sy * 24];
    expect(w * h).toBeGreaterThan(0.2 * 576 - 30);
    expect(w * h).toBeLessThan(0.6 * 576 + 30);
    expect(w / h).toBeGreaterThan(0.6);
    expect(w / h).toBeLessThan(1.6);
    for (const [start, side] of [[left - sx / 2 + 0.5, w], [top - sy / 2 + 0.5, h]]) {
      expect(start).toBeGreaterThanOrEqual(-1e-9);
      expect(start + side).toBeLessThanOrEqual(24 + 1e-9);
    }
  }
});

it('takes the middle where no window fits', () => {
  const [matrix] = randomResizedCrop({ area: [1, 1], ratio: [4, 4] }).sample(key(2), [1, 8, 8, 1]);
  expect(matrix).toEqual([1, 0, 0, 0, 0.25, 2.625, 0, 0, 1]);
});

it('bends smoothly: neighbours move nearly alike, and by more than nothing', () => {
  const [{ x, y }] = elastic({ alpha: 34, sigma: 4 }).sample(key(3), [1, 29, 29, 1]) as [{ x: Float32Array; y: Float32Array }];
  const offsets = [...x].map((v, p) => v - (p % 29));
  const steps = offsets.flatMap((v, p) => (p % 29 === 0 ? [] : [Math.abs(v - offsets[p - 1])]));
  const size = Math.sqrt(offsets.reduce((sum, v) => sum + v * v, 0) / offsets.length);
  expect(size).toBeGreaterThan(0.5);
  expect(steps.reduce((a, b) => a + b, 0) / steps.length).toBeLessThan(size / 2);
  expect(y).not.toEqual(x);
});

it.each([
  [() => randomRotation({ degrees: 181 }), 'randomRotation: degrees must be in [0, 180], received 181'],
  [() => randomScale({ range: [0, 1] }), 'randomScale: range must be'],
  [() => randomShear({ slant: 1 }), 'randomShear: slant must be in [0, 1), received 1'],
  [() => randomPerspective({ border: 'wrap' as 'zero' }), "randomPerspective: border must be one of 'zero', 'edge', 'reflect', received 'wrap'"],
  [() => elastic({ sigma: 0 }), 'elastic: sigma must be a number above 0, received 0'],
])('refuses %#', (make, message) => {
  expect(make).toThrow(message);
});
