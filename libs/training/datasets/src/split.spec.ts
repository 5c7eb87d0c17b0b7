import fc from 'fast-check';
import { fromArrays } from './arrays.ts';
import { first, kFold, partition, subset } from './partition.ts';
import { labelNoise } from './label-noise.ts';
import { inMemory, view } from './split.ts';
import type { Split, SplitRole } from '@gradstream/numerics';

/** Example i has the input i and the class i % classes. */
const counted = (size: number, classes = 4, role: SplitRole = 'train'): Split<'classes'> =>
  fromArrays({ dataset: 'counted', role, inputs: Array.from({ length: size }, (_, i) => [i]), classes: Array.from({ length: size }, (_, i) => i % classes), width: classes });

const everything = (split: Split): number[] => [...split.gather(Array.from({ length: split.size }, (_, i) => i)).inputs];

describe('gather', () => {
  it('copies the asked examples in order, inputs and targets together', () => {
    const examples = counted(10).gather([7, 2, 7]);
    expect([...examples.inputs]).toEqual([7, 2, 7]);
    expect(examples).toMatchObject({ size: 3, inputShape: [3, 1], targets: { kind: 'classes', width: 4, shape: [3], values: Int32Array.of(3, 2, 3) } });
  });

  it('hands out copies: writing to them changes nothing', () => {
    const split = counted(4);
    split.gather([0, 1]).inputs.fill(9);
    expect(everything(split)).toEqual([0, 1, 2, 3]);
  });

  it('refuses an example that does not exist', () => {
    expect(() => counted(3).gather([0, 3])).toThrow("counted: example 3 does not exist in the train split, which has 3");
    expect(() => counted(3).gather([-1])).toThrow(RangeError);
    expect(() => counted(3).gather([NaN])).toThrow(RangeError);
  });
});

describe('partition', () => {
  it('makes disjoint parts that repeat with the seed', () => {
    fc.assert(fc.property(fc.integer({ min: 10, max: 200 }), fc.nat(9_999), fc.boolean(), fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 4 }), (size, seed, stratified, validation, test) => {
      const parts = (): number[][] => {
        const { train, validation: held, test: tested } = partition(counted(size), { seed, stratified, validation, test });
        return [train, held, tested].map(everything);
      };
      const [train, held, tested] = parts();
      expect(new Set([...train, ...held, ...tested]).size).toBe(size);
      expect([held.length, tested.length]).toEqual([validation, test]);
      expect(parts()).toEqual([train, held, tested]);
    }));
  });

  it('takes the subset first and the validation part next, from one permutation', () => {
    const all = everything(partition(counted(50), { seed: 3 }).train);
    const { train, validation } = partition(counted(50), { seed: 3, subset: 20, validation: 10 });
    expect([...everything(train), ...everything(validation)]).toEqual(all.slice(0, 30));
    expect(everything(subset(counted(50), { n: 20, seed: 3 }))).toEqual(everything(train));
  });

  it('takes shares', () => {
    const { train, validation, test } = partition(counted(50), { validation: 0.2, test: 0.1 });
    expect([train.size, validation.size, test.size]).toEqual([35, 10, 5]);
  });

  it('keeps the share of each class when stratified', () => {
    const skewed = fromArrays({ inputs: Array.from({ length: 1_000 }, (_, i) => [i]), classes: Array.from({ length: 1_000 }, (_, i) => (i < 900 ? 0 : 1)) });
    for (const seed of [1, 2, 3]) {
      const { validation } = partition(skewed, { validation: 100, seed, stratified: true });
      expect(Math.abs(everything(validation).filter((i) => i >= 900).length - 10)).toBeLessThanOrEqual(1);
    }
  });

  it('gives another order for another seed', () => {
    expect(everything(partition(counted(50), { seed: 1 }).train)).not.toEqual(everything(partition(counted(50), { seed: 2 }).train));
  });

  it('divides parts again without a mix-up', () => {
    const { train } = partition(counted(50), { validation: 10, seed: 1 });
    const again = partition(train, { validation: 5, seed: 2 });
    const seen = everything(train);
    expect([...everything(again.train), ...everything(again.validation)].sort()).toEqual([...seen].sort());
    expect(again.train.store?.positions).toHaveLength(35);
  });

  it.each([
    [{ validation: 50 }, 'counted: 50 examples are too few to train on at least one, validate on 50 and test on 0'],
    [{ subset: 45, validation: 10 }, 'counted: 50 examples are too few to train on 45, validate on 10 and test on 0'],
  ])('refuses %j', (options, message) => {
    expect(() => partition(counted(50), options)).toThrow(message);
  });

  it('divides only what trains', () => {
    expect(() => partition(counted(9, 3, 'test'))).toThrow("partition: only a train split is divided or changed, received the test split of 'counted'");
    expect(() => partition(counted(9, 3, 'validation'))).toThrow('the validation split');
  });
});

describe('kFold', () => {
  it('validates every example exactly once, and never on what it trains', () => {
    fc.assert(fc.property(fc.integer({ min: 2, max: 7 }), fc.integer({ min: 7, max: 60 }), fc.boolean(), (k, size, stratified) => {
      const folds = kFold(counted(size), { k, stratified, seed: 5 });
      expect(folds.flatMap(({ validation }) => everything(validation)).sort((a, b) => a - b)).toEqual(everything(counted(size)));
      for (const { train, validation } of folds) expect(new Set([...everything(train), ...everything(validation)]).size).toBe(size);
    }));
  });

  it('refuses a single fold', () => {
    expect(() => kFold(counted(9), { k: 1 })).toThrow('kFold: k must be a whole number from 2 to 9, received 1');
  });
});

describe('a test split', () => {
  it('counts how often its examples were looked at', () => {
    const test = counted(10, 4, 'test');
    expect(test.looks).toBe(0);
    test.gather([0, 1, 2]);
    test.gather([3, 4, 5, 6, 7, 8, 9]);
    expect(test.looks).toBe(1);
    test.gather([4]);
    expect(test.looks).toBe(2);
  });

  it('hands out no store, so that nothing is read uncounted', () => {
    expect(counted(10, 4, 'test').store).toBeUndefined();
    expect(partition(counted(10), { test: 3 }).test.store).toBeUndefined();
    expect(counted(10).store).toBeDefined();
  });

  it('shares its ledger with its parts', () => {
    const test = counted(10, 4, 'test');
    const some = first(test, 5);
    const fewer = first(some, 2);
    fewer.gather([0]);
    some.gather([0]);
    expect([test.looks, some.looks, fewer.looks]).toEqual([2, 2, 2]);
  });

  it('never becomes anything else', () => {
    expect(() => view(counted(10, 4, 'test'), Uint32Array.of(1), 'train')).toThrow("counted: a test split stays a test split; it cannot become a train split");
    expect(first(counted(10, 4, 'test'), 3).role).toBe('test');
  });

  it('does not count the reads of other splits', () => {
    const split = counted(5);
    split.gather([1]);
    expect(split.looks).toBeUndefined();
  });
});

describe('labelNoise', () => {
  it('plants exactly the asked share of wrong labels, and says where', () => {
    const { split, changed, original } = labelNoise(counted(200, 5), { share: 0.3, seed: 1 });
    const noisy = split.gather(Array.from({ length: 200 }, (_, i) => i)).targets.values;
    const wrong = [...noisy].flatMap((label, i) => (label === i % 5 ? [] : [i]));
    expect(wrong).toEqual([...changed]);
    expect(wrong).toHaveLength(60);
    expect([...original]).toEqual(wrong.map((i) => i % 5));
    expect(new Set(wrong.map((i) => (noisy[i] - (i % 5) + 5) % 5))).toEqual(new Set([1, 2, 3, 4]));
  });

  it('moves to the next class when paired', () => {
    const { split, changed } = labelNoise(counted(100, 5), { share: 0.2, kind: 'pair' });
    expect([...split.gather(changed).targets.values]).toEqual([...changed].map((i) => (i + 1) % 5));
  });

  it('says the same through the store as through gather, and leaves the clean split alone', () => {
    const clean = partition(counted(100, 5), { validation: 20 }).train;
    const before = [...clean.gather([0, 1, 2, 3]).targets.values];
    const { split } = labelNoise(clean, { share: 1 });
    const { targets, positions } = split.store!;
    expect([0, 1, 2, 3].map((i) => targets.values[positions![i]])).toEqual([...split.gather([0, 1, 2, 3]).targets.values]);
    expect([...clean.gather([0, 1, 2, 3]).targets.values]).toEqual(before);
  });

  it('refuses to falsify held-out labels', () => {
    expect(() => labelNoise(counted(9, 3, 'validation'), { share: 0.1 })).toThrow('labelNoise: only a train split');
  });
});

describe('fromArrays', () => {
  it('names the kind of targets by the option that holds them', () => {
    expect(fromArrays({ inputs: [[1], [2]], classes: [0, 2] }).targets).toEqual({ kind: 'classes', width: 3 });
    expect(fromArrays({ inputs: [[1], [2]], values: [0.5, 2] }).targets).toEqual({ kind: 'values', width: 1 });
    expect(fromArrays({ inputs: [[1], [2]], values: Float32Array.of(0.5, 2) }).gather([1]).targets.values).toEqual(Float32Array.of(2));
    expect(fromArrays({ inputs: [[1], [2]], probabilities: [[0.5, 0.5], [1, 0]] }).targets).toEqual({ kind: 'probabilities', width: 2 });
  });

  it('takes typed arrays as they are, with their shape', () => {
    const split = fromArrays({ inputs: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), inputShape: [2, 2, 1], classes: [1, 0], names: ['no', 'yes'] });
    expect(split).toMatchObject({ size: 2, inputShape: [2, 2, 1], targets: { width: 2, names: ['no', 'yes'] } });
    expect(split.gather([1]).inputs).toEqual(Uint8Array.of(5, 6, 7, 8));
  });

  it.each([
    [{ inputs: [[1, 2], [3]], classes: [0, 1] }, 'arrays: inputs[1] must be a list of 2, received one of 1'],
    [{ inputs: [[1], ['2' as unknown as number]], classes: [0, 1] }, "arrays: inputs[1][0] must be a number, received '2'"],
    [{ inputs: [[1], [2]], classes: [0] }, 'arrays: 1 examples of shape [1] are 1 numbers, received 2'],
    [{ inputs: [[1], [2]], classes: [0, 0.5] }, 'arrays: the label of example 1 must be a whole number, received 0.5'],
    [{ inputs: [[1], [2]], classes: [0, 3], width: 3 }, 'arrays: the label of example 1 must be one of 3 classes (0 to 2), received 3'],
    [{ inputs: [[1], [2]], classes: [0, -1] }, 'arrays: the label of example 1 must be one of 1 classes (0 to 0), received -1'],
    [{ inputs: Float32Array.of(1, 2), classes: [0, 1] }, 'arrays: inputs in a typed array need their inputShape'],
  ])('refuses %j', (options, message) => {
    expect(() => fromArrays(options)).toThrow(message);
  });

  it('refuses probabilities that do not sum to 1', () => {
    expect(() => fromArrays({ inputs: [[1]], probabilities: [[0.5, 0.4]] })).toThrow(/the probabilities of example 0 must sum to 1, received 0\.9/);
  });
});

it('inMemory refuses targets of another shape', () => {
  const store = { inputShape: [1], inputs: Float32Array.of(1, 2), targets: { kind: 'values' as const, width: 2, shape: [2, 1], values: Float32Array.of(1, 2) } };
  expect(() => inMemory({ dataset: 'odd', store })).toThrow('odd: targets must have shape [2, 2], received [2,1]');
});
