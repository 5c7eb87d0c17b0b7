import { key, type Examples } from '@gradstream/numerics';
import { augMix } from './aug-mix.ts';
import { cutout } from './cutout.ts';
import { operations, type Chosen } from './operations.ts';
import { randAugment } from './rand-augment.ts';
import { randomRotation } from './affine.ts';
import { trivialAugment } from './trivial-augment.ts';

const photos: Examples<'classes'> = {
  size: 4, inputShape: [4, 16, 16, 3], inputs: Uint8Array.from({ length: 4 * 768 }, (_, i) => (i * i + 7 * i) % 256),
  targets: { kind: 'classes', width: 1, shape: [4], values: new Int32Array(4) },
};
const shape = [6_000, 32, 32, 3];
const magnitudes = (draws: readonly (readonly { readonly operation: string; readonly magnitude: number }[] | undefined)[], name: string): number[] =>
  draws.flatMap((chosen) => chosen!.filter(({ operation }) => operation === name).map(({ magnitude }) => magnitude));

describe('randAugment', () => {
  const draws = randAugment({ n: 2, magnitude: 15 }).sample(key(1), shape);

  it('chooses n changes, each as often as the others', () => {
    const all = draws.flatMap((chosen) => chosen!);
    expect(all).toHaveLength(12_000);
    for (const name of Object.keys(operations)) expect(all.filter(({ operation }) => operation === name).length / 12_000).toBeCloseTo(1 / 14, 1.9);
  });

  it('sets the strength at its share of each range, with a drawn sign where there is one', () => {
    expect(new Set(magnitudes(draws, 'rotate'))).toEqual(new Set([15, -15]));
    expect(new Set(magnitudes(draws, 'shearX'))).toEqual(new Set([0.15, -0.15]));
    expect(new Set(magnitudes(draws, 'posterize'))).toEqual(new Set([6]));
    expect(new Set(magnitudes(draws, 'solarize'))).toEqual(new Set([0.5]));
    expect(new Set(magnitudes(draws, 'brightness'))).toEqual(new Set([0.45, -0.45]));
  });

  it('changes little at strength 0', () => {
    const still = randAugment({ magnitude: 0 });
    const draw = Array.from({ length: 4 }, () => [{ operation: 'rotate' as const, magnitude: 0 }, { operation: 'brightness' as const, magnitude: 0 }]);
    expect([...still.apply(photos, draw).inputs]).toEqual([...photos.inputs]);
  });

  it('carries changes out in order', () => {
    const rotate = { operation: 'rotate', magnitude: 30 } as const;
    const solarize = { operation: 'solarize', magnitude: 0.5 } as const;
    const all = (...chosen: readonly Chosen[]) => Array.from({ length: 4 }, () => chosen);
    const both = randAugment().apply(photos, all(rotate, solarize));
    const then = randAugment().apply(randAugment().apply(photos, all(rotate)), all(solarize));
    expect([...both.inputs]).toEqual([...then.inputs]);
  });
});

it('trivialAugment chooses one change at one of 31 levels', () => {
  const draws = trivialAugment().sample(key(1), shape);
  expect(draws.every((chosen) => chosen!.length === 1)).toBe(true);
  const angles = new Set(magnitudes(draws, 'rotate').map((m) => Math.round(Math.abs(m) / 4.5)));
  expect(angles.size).toBe(31);
  expect(Math.max(...magnitudes(draws, 'rotate'))).toBe(135);
  expect(Math.min(...magnitudes(draws, 'posterize'))).toBe(2);
});

describe('augMix', () => {
  it('weighs its chains so that they sum to 1', () => {
    const draws = augMix({ width: 4 }).sample(key(1), [500, 8, 8, 3]);
    for (const draw of draws) {
      expect(draw!.chains).toHaveLength(4);
      expect(draw!.weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
      expect(draw!.chains.every((chain) => chain.length >= 1 && chain.length <= 3)).toBe(true);
    }
    expect(draws.reduce((sum, draw) => sum + draw!.keep, 0) / 500).toBeCloseTo(0.5, 1);
  });

  it('is the image itself where it keeps all of it, and the chain where it keeps nothing', () => {
    const chain = [{ operation: 'solarize' as const, magnitude: 0.5 }];
    const draw = (keep: number) => Array.from({ length: 4 }, () => ({ chains: [chain], weights: [1], keep }));
    expect([...augMix().apply(photos, draw(1)).inputs]).toEqual([...photos.inputs]);
    const solarized = randAugment().apply(photos, Array.from({ length: 4 }, () => chain));
    expect([...augMix().apply(photos, draw(0)).inputs]).toEqual([...solarized.inputs]);
  });
});

it('draws for image i whatever the size of the batch', () => {
  for (const augmentation of [randomRotation(), cutout(), randAugment(), augMix()]) {
    const large = augmentation.sample(key(2), [16, 8, 8, 3]);
    expect(augmentation.sample(key(2), [4, 8, 8, 3])).toEqual(large.slice(0, 4));
  }
});

it.each([
  [() => randAugment({ magnitude: 31 }), 'randAugment: magnitude must be in [0, 30], received 31'],
  [() => randAugment({ n: 0 }), 'randAugment: n must be a whole number of at least 1, received 0'],
  [() => augMix({ severity: 0 }), 'augMix: severity must be in [0.1, 10], received 0'],
])('refuses %#', (make, message) => {
  expect(make).toThrow(message);
});
