import { moons } from '@gradstream/datasets';
import { planeOf, softmax, surfaceOf } from './surface.ts';
import { pixelsOf, sharesOf } from './surface.model.ts';

describe('the decision surface', () => {
  const plane = planeOf(moons({ n: 200, noise: 0.05 }));
  /** Takes everything above y = 0 for class 1. */
  const trainer = { evaluate: ({ inputs, size }: { inputs: ArrayLike<number>; size: number }) => ({ loss: 0, outputs: Float32Array.from({ length: size * 2 }, (_, i) => (i % 2 === 1 ? Math.sign(inputs[i]) * 20 : 0)) }) };
  const surface = surfaceOf(trainer as never, plane, 7);

  it('covers every point, in a square', () => {
    const [x0, x1, y0, y1] = plane.bounds;
    expect(x1 - x0).toBeCloseTo(y1 - y0, 5);
    for (let i = 0; i < plane.points.length; i += 2) {
      expect(plane.points[i]).toBeGreaterThan(x0);
      expect(plane.points[i]).toBeLessThan(x1);
      expect(plane.points[i + 1]).toBeGreaterThan(y0);
      expect(plane.points[i + 1]).toBeLessThan(y1);
    }
  });

  it('is asked for from the top row down', () => {
    const [, , y0, y1] = plane.bounds;
    const rowsAbove = Math.round(surface.side * y1 / (y1 - y0));
    for (let row = 0; row < surface.side; row++) expect(surface.probabilities[row * surface.side * 2 + 1] > 0.5).toBe(row < rowsAbove);
    expect(sharesOf(surface)[1]).toBe(Math.round((100 * rowsAbove) / surface.side));
  });

  it('mixes the colours of the classes by their probabilities', () => {
    const pixels = pixelsOf({ step: 0, side: 1, classes: 2, probabilities: Float32Array.of(0.25, 0.75) }, ['#000000', '#c80000'], '#ffffff', 1);
    expect([...pixels]).toEqual([150, 0, 0, 255]);
    expect([...pixelsOf({ step: 0, side: 1, classes: 1, probabilities: Float32Array.of(1) }, ['#000000'], '#ffffff', 0.5)]).toEqual([128, 128, 128, 255]);
  });
});

describe('softmax', () => {
  it('stands any size of logits', () => {
    expect([...softmax(Float32Array.of(1e4, 0, -1e4, -1e4), 2)]).toEqual([1, 0, 0.5, 0.5]);
  });
});
