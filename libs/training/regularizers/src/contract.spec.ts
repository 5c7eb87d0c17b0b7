import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { buildFrom, key, normals, sizeOf, specOf, type ParamInfo } from '@gradstream/numerics';
import {
  elasticNet, groupLasso, jacobian, l1, l2, maxNorm, minMaxNorm, nonNegativeWeights, orthogonal, proximalL1, regularizers, spectral, spectralNorm, unitNorm, weightNoise,
  type Amount, type Constraint, type OutputPenalty, type Penalty, type Regularizer,
} from './index.ts';

tf.enableProdMode();
beforeAll(() => tf.setBackend('cpu'));

const examples: readonly Regularizer[] = [
  l1(0.3), l2(0.2), l2({ amount: 0.2, convention: 'keras', on: 'all' }), elasticNet({ l1: 0.1, l2: 0.2 }),
  groupLasso(0.1), groupLasso({ amount: 0.1, groups: 'columns' }), orthogonal(0.1), orthogonal({ amount: 0.1, of: 'rows' }), orthogonal({ amount: 0.1, measure: 'cosine' }),
  spectral({ amount: 0.1, iterations: 200 }), jacobian({ amount: 0.1, directions: 2 }),
  maxNorm(0.9), unitNorm(), minMaxNorm({ min: 0.5, max: 0.9 }), nonNegativeWeights(), spectralNorm({ max: 0.7, iterations: 500 }), proximalL1(0.2), weightNoise(0.1),
];

const isA = <T extends Regularizer['type']>(type: T) => (r: Regularizer): r is Extract<Regularizer, { type: T }> => r.type === type;
const named = <R extends Regularizer>(all: readonly R[]) => all.map((r) => [JSON.stringify(specOf(r)), r] as const);
const kernel: ParamInfo = { name: 'dense1/kernel', shape: [4, 3], role: 'kernel' };
const some = (seed: number, shape: readonly number[]) => normals(key(seed), sizeOf(shape));

it('has an example of every regularizer in the registry', () => {
  expect([...new Set(examples.map((each) => specOf(each)!.name))].sort()).toEqual(Object.keys(regularizers).sort());
});

it.each(named(examples))('%s comes back from its document', (_, each) => {
  const again = buildFrom<Regularizer>({ regularizer: regularizers }, 'regularizer', JSON.parse(JSON.stringify(specOf(each))), 'regularizer');
  expect([again.type, again.name, specOf(again)]).toEqual([each.type, each.name, specOf(each)]);
});

it.each(named(examples.filter((each): each is Exclude<Regularizer, OutputPenalty> => each.type !== 'outputPenalty')))('%s leaves biases, norm params and buffers alone unless asked', (_, each) => {
  const all = (specOf(each) as { on?: string }).on === 'all';
  expect((['kernel', 'embedding', 'bias', 'norm', 'buffer'] as const).map((role) => each.applies({ ...kernel, role }))).toEqual([true, true, all, all, false]);
});

describe.each(named(examples.filter(isA('penalty'))))('%s', (_, penalty: Penalty) => {
  it.each([[[4, 3]], [[3, 4]], [[2, 2, 2, 3]]])('has the gradient that finite differences see at %j', (shape) => {
    tf.tidy(() => {
      const w = tf.tensor(some(1, shape), shape);
      const value = (x: tf.Tensor) => penalty.value({ 'a/kernel': x }, 0);
      const gradient = tf.grad(value)(w);
      for (let trial = 0; trial < 3; trial++) {
        const direction = tf.tensor(some(5 + trial, shape), shape);
        const moved = (h: number) => value(tf.add(w, tf.mul(direction, h))).dataSync()[0];
        const measured = (moved(2e-3) - moved(-2e-3)) / 4e-3;
        expect(Math.abs(measured - tf.sum(tf.mul(gradient, direction)).dataSync()[0])).toBeLessThan(3e-3);
      }
    });
  });

  it('has a finite gradient at zero weights, none of it for L1 and its kin', () => {
    tf.tidy(() => {
      const gradient = tf.grad((x) => penalty.value({ 'a/kernel': x }, 0))(tf.zeros([4, 3])).dataSync();
      gradient.forEach((g) => expect(g).toBeCloseTo(0, 12));
    });
  });

  it('leaves no tensor behind', () => {
    const w = tf.tensor(some(1, [4, 3]), [4, 3]);
    const before = tf.memory().numTensors;
    penalty.value({ w }, 0).dispose();
    tf.grad((x) => penalty.value({ x }, 0))(w).dispose();
    expect(tf.memory().numTensors).toBe(before);
    w.dispose();
  });
});

describe.each(named(examples.filter(isA('constraint'))))('%s', (_, constraint: Constraint) => {
  const projected = (values: Float32Array, shape: number[]) => {
    const copy = values.slice();
    constraint.project(copy, { ...kernel, shape }, { step: 0, learningRate: 0.5 });
    return copy;
  };

  it.each([[[4, 3]], [[2, 2, 1, 5]], [[7]]])('moves weights of shape %j, and moves them no further the second time', (shape) => {
    const values = some(3, shape);
    const once = projected(values, shape);
    expect(once).not.toEqual(values);
    if (constraint.name === 'proximalL1') return;
    projected(once, shape).forEach((w, i) => expect(w).toBeCloseTo(once[i], 6));
  });

  it('leaves zeros at zero and invents nothing from NaN', () => {
    expect([...projected(new Float32Array(12), [4, 3])]).toEqual(new Array(12).fill(0));
    expect(projected(Float32Array.of(NaN, 1), [2, 1])[0]).toBeNaN();
  });
});

it('norms are those of each output, and what is allowed is left alone', () => {
  const of = (constraint: Constraint) => {
    const w = Float32Array.of(3, 0.1, 4, 0.2); // outputs (3, 4) and (0.1, 0.2)
    constraint.project(w, { ...kernel, shape: [2, 2] });
    return [...w].map((each) => expect.closeTo(each, 5));
  };
  const small = Math.hypot(0.1, 0.2);
  expect([0.6, 0.1, 0.8, 0.2]).toEqual(of(maxNorm(1)));
  expect([0.6, 0.1 / small, 0.8, 0.2 / small]).toEqual(of(unitNorm()));
  expect([3 * 0.6, 0.1 * (0.5 + 0.25 / small), 4 * 0.6, 0.2 * (0.5 + 0.25 / small)]).toEqual(of(minMaxNorm({ min: 0.5, max: 1, rate: 0.5 })));
});

it('jacobian is half the mean squared Frobenius norm of the Jacobian, and passes its gradient on', () => {
  tf.tidy(() => {
    const w = tf.tensor(some(1, [6, 3]), [6, 3]);
    const inputs = tf.tensor(some(2, [400, 6]), [400, 6]);
    const value = (kernel: tf.Tensor) => {
      const forward = (x: tf.Tensor) => tf.matMul(x as tf.Tensor2D, kernel as tf.Tensor2D);
      return (examples.find(isA('outputPenalty'))!).value({ inputs, outputs: forward(inputs), forward, key: key(4), step: 0 });
    };
    const exact = (0.1 / 2) * tf.sum(tf.square(w)).dataSync()[0];
    expect(value(w).dataSync()[0] / exact).toBeGreaterThan(0.93);
    expect(value(w).dataSync()[0] / exact).toBeLessThan(1.07);
    const gradient = tf.grad(value)(w);
    const cosine = tf.div(tf.sum(tf.mul(gradient, w)), tf.mul(tf.norm(gradient), tf.norm(w))).dataSync()[0];
    expect(cosine).toBeGreaterThan(0.99);
  });
});

it('weightNoise has the asked deviation, the same for the same key', () => {
  const [noise] = examples.filter(isA('weightNoise'));
  const param = { ...kernel, shape: [100, 100] };
  const draw = noise.sample(key(1), param, 0);
  expect(Math.sqrt(draw.reduce((sum, z) => sum + z * z, 0) / 10_000)).toBeCloseTo(0.1, 2);
  expect(noise.sample(key(1), param, 0)).toEqual(draw);
  expect(noise.sample(key(2), param, 0)).not.toEqual(draw);
});

describe('a strength that changes', () => {
  /** A stream that counts its subscribers. */
  const stream = () => {
    const observers = new Set<{ next(value: number): void }>();
    return {
      observers,
      next: (value: number) => observers.forEach((observer) => observer.next(value)),
      subscribe: (observer: { next(value: number): void }) => {
        observers.add(observer);
        return { unsubscribe: () => void observers.delete(observer) };
      },
    };
  };
  const made = (strength: Amount): readonly (readonly [string, Regularizer])[] => [
    ['l1.amount', l1(strength)], ['l2.amount', l2({ amount: strength })], ['elasticNet.l2', elasticNet({ l1: 0, l2: strength })], ['jacobian.amount', jacobian(strength)],
    ['proximalL1.amount', proximalL1(strength)], ['weightNoise.stddev', weightNoise(strength)],
  ];

  it('says what a step uses, from a schedule or a stream, and nothing where it is a number', () => {
    for (const [, each] of made(0.5)) expect([each.open, each.close, each.hyperAt]).toEqual([undefined, undefined, undefined]);
    for (const [name, each] of made((step) => step / 10)) expect(each.hyperAt!(3)).toEqual({ [name]: 0.3 });
    const strength = stream();
    for (const [name, each] of made(strength)) {
      each.open!();
      strength.next(0.7);
      expect(each.hyperAt!(3)).toEqual({ [name]: 0.7 });
      each.close!();
      expect(strength.observers.size).toBe(0);
    }
  });

  it('follows its stream, shared by the runs that have it open', () => {
    const strength = stream();
    const penalty = l2(strength);
    const at = () => tf.tidy(() => penalty.value({ w: tf.tensor1d([2]) }, 0).dataSync()[0]);
    expect(at).toThrow('l2: amount is a stream that had no value yet at step 0; give it a first one (startWith)');
    penalty.open!();
    penalty.open!();
    expect(strength.observers.size).toBe(1);
    strength.next(3);
    expect(at()).toBe(6);
    penalty.close!();
    strength.next(4);
    expect(at()).toBe(8);
    strength.next(-1);
    expect(at).toThrow('l2: amount must be a number of at least 0, received -1 at step 0');
    penalty.close!();
    expect(strength.observers.size).toBe(0);
  });
});

it.each([
  [() => maxNorm(0), 'maxNorm: max must be a number above 0, received 0'],
  [() => minMaxNorm({ min: 2, max: 1 }), 'minMaxNorm: min must be at most max, received 2 and 1'],
  [() => minMaxNorm({ rate: 1.5 }), 'minMaxNorm: rate must be in [0, 1], received 1.5'],
  [() => weightNoise(-1), 'weightNoise: stddev must be a number of at least 0 (or a schedule or a stream of such numbers), received -1'],
  [() => elasticNet({ l1: 1 } as Parameters<typeof elasticNet>[0]), 'elasticNet: l2 is required: a number of at least 0 (or a schedule or a stream of such numbers)'],
  [() => orthogonal({ amount: 1, measure: 'angle' as 'cosine' }), "orthogonal: measure must be one of 'frobenius', 'cosine', received 'angle'"],
  [() => proximalL1(1).project(new Float32Array(2), kernel), 'proximalL1: needs an optimizer that has a learning rate, for the threshold is learningRate · amount'],
])('%# refuses what it cannot do', (run, sentence) => expect(run).toThrow(sentence));
