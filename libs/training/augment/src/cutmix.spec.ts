import fc from 'fast-check';
import { key, type Examples } from '@gradstream/numerics';
import { cutAt, cutmix } from './cutmix.ts';
import { cutout } from './cutout.ts';
import { randomErasing } from './erasing.ts';
import { mixup } from './mixup.ts';

/** Image n holds n + 1 everywhere. */
const flat = (size: number, height: number, width: number): Examples<'classes'> => ({
  size, inputShape: [size, height, width, 1], inputs: Uint8Array.from({ length: size * height * width }, (_, i) => 1 + Math.floor(i / (height * width))),
  targets: { kind: 'classes', width: size, shape: [size], values: Int32Array.from({ length: size }, (_, i) => i) },
});

describe('cutmix', () => {
  it('weighs labels by exactly the share of pixels that were kept, for any box', () => {
    fc.assert(fc.property(fc.nat(1e6), fc.integer({ min: 2, max: 12 }), fc.integer({ min: 2, max: 12 }), fc.constantFrom('batch' as const, 'example' as const), (seed, height, width, per) => {
      const given = flat(4, height, width);
      const augmentation = cutmix({ per });
      const draw = augmentation.sample(key(seed), given.inputShape);
      const { inputs, targets } = augmentation.apply(given, draw);
      for (let n = 0; n < 4; n++) {
        const image = inputs.subarray(n * height * width, (n + 1) * height * width);
        const kept = image.filter((v) => v === n + 1).length / (height * width);
        if (draw.partner[n] !== n && Math.abs(draw.lambda[n] - kept) > 1e-12) throw new Error(`${draw.lambda[n]} is said to be kept, ${kept} is`);
        if (Math.abs(targets.values[n * 4 + n] - kept) > 1e-6) throw new Error(`${kept} of the pixels weigh ${targets.values[n * 4 + n]}`);
      }
    }), { numRuns: 1_000 });
  });

  it('cuts the box off at the border and keeps its real area', () => {
    const { boxes, lambda } = cutAt(Uint32Array.of(0), [0.3], () => ({ y: 0, x: 3 }), { height: 4, width: 4, channels: 1 });
    expect(boxes).toEqual([{ top: 0, left: 2, bottom: 1, right: 4 }]);
    expect([...lambda]).toEqual([0.875]);
  });

  it('pastes one box in the whole batch, or one for each example', () => {
    const draw = (per: 'batch' | 'example') => cutmix({ per }).sample(key(3), [50, 32, 32, 3]);
    expect(new Set(draw('batch').boxes.map((box) => JSON.stringify(box))).size).toBe(1);
    expect(new Set(draw('example').boxes.map((box) => JSON.stringify(box))).size).toBeGreaterThan(25);
  });
});

it.each([['mixup', mixup], ['cutmix', cutmix]] as const)('%s mixes the asked share of batches, or of examples', (_, make) => {
  const mixed = (lambda: Float64Array): number => lambda.filter((l) => l < 1).length / lambda.length;
  const perExample = make({ alpha: 1, per: 'example', probability: 0.3 }).sample(key(1), [4_000, 16, 16, 1]).lambda;
  expect(mixed(perExample)).toBeCloseTo(0.3, 1);
  const batches = Array.from({ length: 400 }, (__, i) => mixed(make({ alpha: 1, probability: 0.3 }).sample(key(i), [8, 16, 16, 1]).lambda));
  expect(batches.every((share) => share === 0 || share === 1)).toBe(true);
  expect(batches.reduce((a, b) => a + b, 0) / 400).toBeCloseTo(0.3, 0.9);
});

describe('cutout', () => {
  it('blanks a square about any pixel, cut off at the border', () => {
    const given = flat(200, 8, 8);
    const augmentation = cutout({ side: 4 });
    const { inputs } = augmentation.apply(given, augmentation.sample(key(1), given.inputShape));
    const blanks = Array.from({ length: 200 }, (_, n) => inputs.subarray(n * 64, (n + 1) * 64).filter((v) => v === 0).length);
    expect(Math.max(...blanks)).toBe(16);
    expect(Math.min(...blanks)).toBe(4);
    expect(new Set(blanks)).toEqual(new Set([4, 6, 8, 9, 12, 16]));
  });

  it('fills a given box and nothing else', () => {
    const out = cutout({ fill: 1 }).apply(flat(1, 3, 3), [{ top: 1, left: 0, bottom: 3, right: 2 }]);
    expect([...out.inputs]).toEqual([1, 1, 1, 255, 255, 1, 255, 255, 1]);
  });
});

describe('randomErasing', () => {
  it('blanks boxes of the asked area that lie within the image', () => {
    const given = flat(200, 24, 20);
    const augmentation = randomErasing({ area: [0.1, 0.3], probability: 1, fill: 0 });
    const { inputs } = augmentation.apply(given, augmentation.sample(key(2), given.inputShape));
    const shares = Array.from({ length: 200 }, (_, n) => inputs.subarray(n * 480, (n + 1) * 480).filter((v) => v === 0).length / 480);
    expect(Math.min(...shares)).toBeGreaterThan(0.07);
    expect(Math.max(...shares)).toBeLessThan(0.34);
  });

  it('fills with noise of every level', () => {
    const given = flat(40, 24, 24);
    const augmentation = randomErasing({ probability: 1 });
    const { inputs } = augmentation.apply(given, augmentation.sample(key(2), given.inputShape));
    expect(new Set(inputs).size).toBeGreaterThan(230);
  });

  it('leaves images alone that no box fits', () => {
    const given = flat(3, 1, 1);
    const augmentation = randomErasing({ probability: 1 });
    expect(augmentation.apply(given, augmentation.sample(key(2), given.inputShape)).inputs).toEqual(given.inputs);
  });
});

describe('the order of normalisation and mixing', () => {
  const normalise = (examples: Examples<'classes'>): Examples<'classes'> => ({ ...examples, inputs: Float32Array.from(examples.inputs, (v) => (v / 255 - 0.3) / 0.5) });
  const numbers = (examples: Examples<'classes'>): Examples<'classes'> => ({ ...examples, inputs: Float32Array.from(examples.inputs, (v) => v / 255) });
  const scaled = (examples: Examples): number[] => Array.from(examples.inputs, (v) => (v - 0.3) / 0.5);

  it.each([['mixup', mixup({ alpha: 1 })], ['cutmix', cutmix()]] as const)('does not matter to %s', (_, augmentation) => {
    const given = flat(4, 6, 6);
    const draw = augmentation.sample(key(5), given.inputShape) as never;
    const before = scaled(augmentation.apply(numbers(given), draw));
    const after = [...augmentation.apply(normalise(given), draw).inputs];
    after.forEach((v, i) => expect(v).toBeCloseTo(before[i], 5));
  });

  it('matters to cutout: 0 is black before, the mean after', () => {
    const given = flat(1, 4, 4);
    const box = [{ top: 0, left: 0, bottom: 2, right: 2 }];
    const before = scaled(cutout().apply(numbers(given), box));
    const after = [...cutout().apply(normalise(given), box).inputs];
    expect(before[0]).toBeCloseTo(-0.6, 6);
    expect(after[0]).toBe(0);
  });
});
