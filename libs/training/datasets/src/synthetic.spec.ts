import { createHash } from 'node:crypto';
import { buildFrom, specOf } from '@gradstream/numerics';
import { digitsCsvGz } from './digits-bytes.ts';
import * as library from './index.ts';
import { blobs, circles, datasets, digits, linear, moons, sinusoid, spirals, xor, type Data } from './index.ts';

const all = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const build = async (document: unknown): Promise<Data> => buildFrom<Data | Promise<Data>>({ dataset: datasets }, 'dataset', document, 'data');

it('every exported data set is in the registry', () => {
  const exported = Object.values(library).flatMap((member) => (typeof member === 'function' && 'factoryName' in member ? [member.factoryName] : []));
  expect(Object.keys(datasets).sort()).toEqual([...exported].sort());
});

describe.each(Object.keys(datasets))('%s', (name) => {
  it('repeats with its seed and changes with it', async () => {
    const [a, again, other] = await Promise.all([build(name), build(name), build({ name, seed: 1 })]);
    expect(again.train.gather(all(50))).toEqual(a.train.gather(all(50)));
    expect(other.train.gather(all(50)).inputs).not.toEqual(a.train.gather(all(50)).inputs);
  });

  it('says on each split how it stands in a document', async () => {
    const data = await build({ name, validation: 20, test: 10 });
    expect([data.train.role, data.validation?.role, data.test?.role]).toEqual(['train', 'validation', 'test']);
    expect([data.validation?.size, data.test?.size]).toEqual([20, 10]);
    for (const split of [data.train, data.validation!, data.test!]) expect(specOf(split)).toEqual({ name, validation: 20, test: 10 });
    expect(data.info).toMatchObject({ name, inputShape: data.train.inputShape, targets: data.train.targets });
  });

  it('holds finite numbers', async () => {
    const { train } = await build(name);
    expect(train.gather(all(train.size)).inputs.every(Number.isFinite)).toBe(true);
  });
});

describe('label noise as an option', () => {
  it('spoils the asked share of the training labels and no other', async () => {
    const [clean, noisy] = await Promise.all([digits({ seed: 2 }), digits({ seed: 2, labelNoise: 0.25 })]);
    const labels = (data: Data, part: 'train' | 'validation' | 'test'): Int32Array => data[part]!.gather(all(data[part]!.size)).targets.values as Int32Array;
    const wrong = [...labels(noisy, 'train')].filter((label, i) => label !== labels(clean, 'train')[i]);
    expect(wrong).toHaveLength(Math.round(0.25 * 1_197));
    expect(labels(noisy, 'validation')).toEqual(labels(clean, 'validation'));
    expect(labels(noisy, 'test')).toEqual(labels(clean, 'test'));
    expect(specOf(noisy.train)).toEqual({ name: 'digits', seed: 2, labelNoise: 0.25 });
  });

  it('is refused where there are no labels', () => {
    expect(() => linear({ labelNoise: 0.1 })).toThrow('linear: labelNoise needs classes, the targets are values');
  });
});

describe('digits', () => {
  it('are the file of the UCI test part, byte for byte', () => {
    expect(createHash('sha256').update(Buffer.from(digitsCsvGz, 'base64')).digest('hex')).toBe('46abec6b12486ad9e51943373abcf22bbea1b5a51a1619b361570d8893f1464a');
  });

  it('come as 1,797 images of sixteenths with ten classes', async () => {
    const { train, validation, test, info } = await digits({ validation: 300, test: 300 });
    expect([train.size, validation.size, test.size]).toEqual([1_197, 300, 300]);
    expect(train.inputShape).toEqual([8, 8, 1]);
    const { inputs, targets } = train.gather(all(1_197));
    expect(inputs).toBeInstanceOf(Float32Array);
    expect(Math.max(...inputs)).toBe(1);
    expect([...inputs].every((v) => Number.isInteger(v * 16))).toBe(true);
    expect(new Set(targets.values).size).toBe(10);
    expect(info.licence).toContain('CC BY 4.0');
  });
});

describe('points in the plane', () => {
  const radii = (data: Data): Map<number, number[]> => {
    const { inputs, targets } = data.train.gather(all(data.train.size));
    const byClass = new Map<number, number[]>();
    targets.values.forEach((c, i) => byClass.set(c, [...(byClass.get(c) ?? []), Math.hypot(inputs[2 * i], inputs[2 * i + 1])]));
    return byClass;
  };

  it('lie on their circles when there is no noise', () => {
    const byClass = radii(circles({ n: 100, noise: 0, factor: 0.3 }));
    for (const radius of byClass.get(0)!) expect(radius).toBeCloseTo(1, 5);
    for (const radius of byClass.get(1)!) expect(radius).toBeCloseTo(0.3, 5);
  });

  it('lie on unit half circles, the second turned over and moved by (1, 0.5)', () => {
    const { inputs, targets } = moons({ n: 200, noise: 0 }).train.gather(all(200));
    targets.values.forEach((c, i) => {
      const [x, y] = c === 0 ? [inputs[2 * i], inputs[2 * i + 1]] : [1 - inputs[2 * i], 0.5 - inputs[2 * i + 1]];
      expect(Math.hypot(x, y)).toBeCloseTo(1, 5);
      expect(y).toBeGreaterThanOrEqual(-1e-6);
    });
  });

  it('give each class its share', () => {
    expect([...radii(spirals({ n: 90, classes: 3 })).values()].map((r) => r.length)).toEqual([30, 30, 30]);
    expect([...radii(blobs({ n: 100, classes: 4 })).values()].map((r) => r.length)).toEqual([25, 25, 25, 25]);
  });

  it('share a class between opposite corners', () => {
    const { inputs, targets } = xor({ n: 100, noise: 0 }).train.gather(all(100));
    targets.values.forEach((c, i) => expect(inputs[2 * i] * inputs[2 * i + 1]).toBe(c === 0 ? 1 : -1));
  });
});

describe('numbers to predict', () => {
  it('follow the sinusoid, with noise of the given deviation', () => {
    const { inputs, targets } = sinusoid({ n: 5_000, noise: 0.3 }).train.gather(all(5_000));
    const residuals = targets.values.map((y, i) => y - Math.sin(2 * Math.PI * inputs[i]));
    expect(Math.sqrt(residuals.reduce((sum, r) => sum + r * r, 0) / 5_000)).toBeCloseTo(0.3, 1.7);
    const grid = sinusoid({ n: 30, noise: 0, x: 'grid' }).train.gather(all(30)).inputs;
    expect([...grid].sort((a, b) => a - b)).toEqual(all(30).map((i) => Math.fround((i + 0.5) / 30)));
  });

  it('follow the known weights', () => {
    const { inputs, targets } = linear({ n: 100, noise: 0, weights: [2, -1], bias: 3 }).train.gather(all(100));
    targets.values.forEach((y, i) => expect(y).toBeCloseTo(2 * inputs[2 * i] - inputs[2 * i + 1] + 3, 4));
  });

  it('refuse a noise below 0 and more examples than fit', () => {
    expect(() => linear({ n: 1e12 })).toThrow('linear: n must be a whole number in [1, 10000000], received 1000000000000');
    expect(() => linear({ noise: -1 })).toThrow('linear: noise must be a number of at least 0, received -1');
  });
});
