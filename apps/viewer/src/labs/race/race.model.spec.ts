import { adam, momentum, nesterovLookahead, sgd } from '@gradstream/optimizers';
import fc from 'fast-check';
import { stepPerGradient, stepsTo } from './place.ts';
import { descend } from './race.model.ts';
import { bowl, surfaceOf, surfaces } from './surfaces.ts';

describe('surfaces', () => {
  it.each(surfaces.map((surface) => [surface.name, surface] as const))('%s has the gradient of its value', (_, { value, gradient, bounds: [x0, x1, y0, y1], minimum, start }) => {
    const h = 1e-5;
    fc.assert(fc.property(fc.double({ min: x0, max: x1, noNaN: true }), fc.double({ min: y0, max: y1, noNaN: true }), (x, y) => {
      const [gx, gy] = gradient(x, y);
      const scale = 1 + Math.abs(gx) + Math.abs(gy);
      expect(Math.abs((value(x + h, y) - value(x - h, y)) / (2 * h) - gx) / scale).toBeLessThan(1e-5);
      expect(Math.abs((value(x, y + h) - value(x, y - h)) / (2 * h) - gy) / scale).toBeLessThan(1e-5);
    }));
    if (minimum) expect(Math.hypot(...gradient(...minimum))).toBeLessThan(1e-12);
    expect(start[0] > x0 && start[0] < x1 && start[1] > y0 && start[1] < y1).toBe(true);
  });
});

describe('descend', () => {
  const count = (optimizer: Parameters<typeof descend>[0], k: number) => stepsTo(descend(optimizer, bowl(k), [1, 1], 8_000), [0, 0], 1e-6);

  // Gradient descent at 2/(L + mu), Polyak's and Nesterov's methods at their optimal constants, on (x² + k·y²)/2 from (1, 1).
  it.each([[10, 69, 27, 44], [100, 691, 95, 158], [1_000, 6_908, 321, 519]])('takes the exact number of steps on the bowl of condition %d', (k, plain, heavy, accelerated) => {
    const root = Math.sqrt(k);
    const ratio = (root - 1) / (root + 1);
    expect(count(sgd({ learningRate: 2 / (k + 1) }), k)).toBe(plain);
    expect(count(momentum({ learningRate: 4 / (root + 1) ** 2, momentum: ratio ** 2 }), k)).toBe(heavy);
    expect(count(nesterovLookahead({ learningRate: 1 / k, momentum: ratio }), k)).toBe(accelerated);
  });

  it('says what a step was worth on each axis: the learning rate for plain descent, a rate of its own on each for Adam', () => {
    const ravine = surfaceOf('ravine');
    const plain = descend(sgd({ learningRate: 0.03 }), ravine, ravine.start, 20);
    for (const step of [1, 7, 20]) for (const worth of stepPerGradient(plain, ravine.gradient, step)!) expect(worth).toBeCloseTo(0.03, 9);
    expect(stepPerGradient(plain, ravine.gradient, 0)).toBeUndefined();
    // Adam's first step is its learning rate in both coordinates, whatever the gradient.
    const [x, y] = ravine.start;
    const [gx, gy] = ravine.gradient(x, y);
    const [worthX, worthY] = stepPerGradient(descend(adam({ learningRate: 0.1 }), ravine, ravine.start, 3), ravine.gradient, 1)!;
    expect([worthX * Math.abs(gx), worthY * Math.abs(gy)].map((step) => Number(step.toFixed(6)))).toEqual([0.1, 0.1]);
  });

  it('ends where an optimizer leaves all bounds', () => {
    const { values, places } = descend(sgd({ learningRate: 10 }), bowl(10), [1, 1], 200);
    expect(values[0]).toBe(5.5);
    expect([values.at(-1), places.at(-1)]).toEqual([NaN, NaN]);
  });
});
