import fc from 'fast-check';
import { buildFrom, key, specOf, type Examples, type InputValues } from '@gradstream/numerics';
import * as library from './index.ts';
import { applyAll, applyAllToMasks, augmentations, keyOf, type Augmentation } from './index.ts';

const shapes = [[8, 8, 1], [5, 7, 3]] as const;

/** A batch of random images with a class each. */
function examples(size: number, [height, width, channels]: readonly number[], type: 'bytes' | 'numbers', seed: number): Examples<'classes'> {
  const random = fc.sample(fc.array(fc.integer({ min: 0, max: 255 }), { minLength: size * height * width * channels, maxLength: size * height * width * channels }), { seed, numRuns: 1 })[0];
  const inputs = type === 'bytes' ? Uint8Array.from(random) : Float32Array.from(random, (v) => v / 255);
  return { size, inputShape: [size, height, width, channels], inputs, targets: { kind: 'classes', width: 4, shape: [size], values: Int32Array.from({ length: size }, (_, i) => i % 4) } };
}

const bytesOf = ({ inputs, targets }: Examples): unknown => [Array.from(inputs), Array.from(targets.values)];
const make = (name: string): Augmentation => buildFrom<Augmentation>({ augmentation: augmentations }, 'augmentation', name, 'augment');

it('every exported augmentation is in the registry', () => {
  const exported = Object.values(library).flatMap((member) => (typeof member === 'function' && 'factoryName' in member ? [member.factoryName] : []));
  expect(Object.keys(augmentations).sort()).toEqual([...exported].sort());
});

describe.each(Object.keys(augmentations))('%s', (name) => {
  const augmentation = make(name);

  it.each(['bytes', 'numbers'] as const)('keeps batch size, type and arguments, and sums label weights to 1, on %s', (type) => {
    for (const shape of shapes) {
      const given = examples(6, shape, type, 1);
      const before = bytesOf(given);
      const out = augmentation.apply(given, augmentation.sample(key(3), given.inputShape));
      expect(bytesOf(given)).toEqual(before);
      expect(out.size).toBe(6);
      expect(out.inputs.constructor).toBe(given.inputs.constructor);
      expect(out.inputShape[0]).toBe(6);
      expect(out.inputs).toHaveLength(out.inputShape.reduce((a, b) => a * b, 1));
      expect(out.inputs.every((value) => Number.isFinite(value))).toBe(true);
      expect(out.targets.kind).toBe(augmentation.targets === 'same' ? 'classes' : augmentation.targets);
      if (out.targets.kind === 'probabilities') {
        for (let n = 0; n < 6; n++) expect(out.targets.values.subarray(n * 4, n * 4 + 4).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
      }
    }
  });

  it('draws the same for the same key, and something else for another', () => {
    const shape = [64, 8, 8, 3];
    expect(augmentation.sample(key(3), shape)).toEqual(augmentation.sample(key(3), shape));
    expect(augmentation.sample(key(3), shape)).not.toEqual(augmentation.sample(key(4), shape));
  });

  it('replays to the byte', () => {
    fc.assert(fc.property(fc.integer({ min: 0 }), fc.constantFrom(...shapes), fc.constantFrom('bytes' as const, 'numbers' as const), (seed, shape, type) => {
      const given = examples(4, shape, type, seed);
      const draw = augmentation.sample(key(seed), given.inputShape);
      expect(bytesOf(make(name).apply(given, make(name).sample(key(seed), given.inputShape)))).toEqual(bytesOf(augmentation.apply(given, draw)));
    }), { numRuns: 10 });
  });

  it('is written back as the document it came from', () => {
    expect(specOf(augmentation)).toEqual({ name });
  });

  it('refuses tokens', () => {
    const tokens = { ...examples(2, [8, 8, 1], 'bytes', 1), inputs: new Int32Array(2 * 64) as InputValues };
    expect(() => augmentation.apply(tokens, augmentation.sample(key(1), tokens.inputShape))).toThrow(`${name}: takes bytes or numbers, received tokens`);
  });

  it('moves masks without inventing classes, or says that no mask can follow', () => {
    if (!augmentation.applyToMasks) return;
    const shape = [4, 8, 8, 1];
    const masks = { shape, values: Uint8Array.from({ length: 4 * 64 }, (_, i) => [0, 3, 200][(i * 7) % 3]) };
    const draw = augmentation.sample(key(9), shape);
    if (['mixup', 'augMix'].includes(name)) return void expect(() => augmentation.applyToMasks!(masks, draw)).toThrow(`${name}: blends pictures`);
    const moved = augmentation.applyToMasks(masks, draw);
    expect(moved.shape[0]).toBe(4);
    expect(moved.values.constructor).toBe(Uint8Array);
    expect(moved.values.every((value) => [0, 3, 200].includes(value))).toBe(true);
  });
});

it.each(['randomFlip', 'randomShift', 'randomCrop', 'randomResizedCrop', 'randomRotation', 'randomShear', 'randomScale', 'randomAffine', 'randomPerspective', 'elastic', 'cutmix'])('%s moves a mask exactly as it moves an image that holds the same', (name) => {
  const nearest = ['randomResizedCrop', 'randomRotation', 'randomShear', 'randomScale', 'randomAffine', 'randomPerspective', 'elastic'].includes(name);
  const augmentation = buildFrom<Augmentation>({ augmentation: augmentations }, 'augmentation', { name, ...(nearest ? { interpolation: 'nearest' } : {}) }, 'augment');
  const given = examples(6, [9, 8, 1], 'bytes', 5);
  const draw = augmentation.sample(key(6), given.inputShape);
  const moved = augmentation.applyToMasks!({ shape: given.inputShape, values: given.inputs as Uint8Array }, draw);
  expect([...moved.values]).toEqual([...augmentation.apply(given, draw).inputs]);
  expect([...moved.values]).not.toEqual([...given.inputs]);
});

it('gives each position and each name a key of its own', () => {
  const [a, b] = [make('randomShift'), make('randomFlip')];
  const keys = [keyOf(key(1), a, 0), keyOf(key(1), a, 1), keyOf(key(1), b, 0), keyOf(key(2), a, 0)];
  expect(new Set(keys.map(({ k0, k1 }) => `${k0}/${k1}`)).size).toBe(4);
});

it('applies in order and keeps what a batch knows of its place', () => {
  const given = { ...examples(4, [8, 8, 1], 'bytes', 2), step: 7, epoch: 1, index: 3, batchesPerEpoch: 4, ids: Uint32Array.of(5, 6, 7, 8), key: key(2) };
  const out = applyAll([make('randomShift'), make('mixup')], given);
  const shifted = applyAll([make('randomShift')], given);
  const mixed = make('mixup').apply(shifted, make('mixup').sample(keyOf(key(2), make('mixup'), 1), shifted.inputShape));
  expect(bytesOf(out)).toEqual(bytesOf(mixed));
  expect(out).toMatchObject({ step: 7, epoch: 1, index: 3, targets: { kind: 'probabilities' } });
  expect(out.ids).toBe(given.ids);
});

it('moves masks through a whole row of augmentations', () => {
  const row = [make('randomShift'), make('randomBrightness'), make('randomFlip')];
  const given = { ...examples(6, [8, 8, 1], 'bytes', 2), step: 0, epoch: 0, index: 0, batchesPerEpoch: 1, ids: new Uint32Array(6), key: key(4) };
  const still = [make('randomShift'), buildFrom<Augmentation>({ augmentation: augmentations }, 'augmentation', { name: 'randomBrightness', amount: 0 }, 'augment'), make('randomFlip')];
  const masks = applyAllToMasks(row, given, { shape: given.inputShape, values: given.inputs as Uint8Array });
  expect([...masks.values]).toEqual([...applyAll(still, given).inputs]);
});
