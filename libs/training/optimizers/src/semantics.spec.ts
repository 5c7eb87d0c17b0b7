/** What is often got wrong, one test each. Numbers are worked out by hand, or come from torch and the papers through the golden files. */
import * as tf from '@tensorflow/tfjs';
import type { ParamInfo } from '@gradstream/numerics';
import { BehaviorSubject, Subject } from 'rxjs';
import {
  accumulate, adadelta, adafactor, adagrad, adam, adamax, adamw, addDecayedWeights, addNoise, amsgrad, averageByEma, averageBySwa, bind, chain, clipByGlobalNorm, clipByNorm, clipByValue, freeze, fromSpec, lamb,
  lion, lookahead, masked, momentum, muon, nadam, nesterov, nesterovLookahead, partition, radam, rmsprop, sam, scale, scaleByAdam, scaleByEma, scaleByLearningRate, scaleByMomentum, scheduleFreeSgd, sgd, sgdw, signSgd,
  skipNonFinite, type BoundOptimizer, type Transformation,
} from './index.ts';

tf.env().set('PROD', true);

const kernel = (name: string, shape: readonly number[] = [1]): ParamInfo => ({ name, shape, role: 'kernel' });
const bias = (name: string, shape: readonly number[] = [1]): ParamInfo => ({ name, shape, role: 'bias' });
const X = kernel('x');

/** The values of one number under some gradients, in float64, beginning at p. */
function path(transformation: Transformation, gradients: readonly number[], p = 1): number[] {
  const optimizer = bind(transformation, [X], { executor: 'float64' });
  const params = new Map([['x', Float64Array.of(p)]]);
  return gradients.map((g, step) => optimizer.update({ step, params, gradients: new Map([['x', Float64Array.of(g)]]) }).get('x')![0]);
}

const last = (values: readonly number[]): number => values.at(-1)!;
const constantly = (value: number, n: number): number[] => Array.from({ length: n }, () => value);

type Bound64 = BoundOptimizer<Float64Array, Float64Array>;
const named = (values: Readonly<Record<string, readonly number[]>>): Map<string, Float64Array> => new Map(Object.entries(values).map(([name, x]) => [name, Float64Array.from(x)]));
const plain = (values: ReadonlyMap<string, Float64Array>): Record<string, number[]> => Object.fromEntries([...values].map(([name, x]) => [name, [...x]]));
const reference = (transformation: Transformation, params: readonly ParamInfo[]): Bound64 => bind(transformation, params, { executor: 'float64' });

describe('epsilon', () => {
  it("stands behind Adam's corrected root, and on the uncorrected one with epsHat", () => {
    expect(path(adam({ learningRate: 1, eps: 1 }), [3])[0]).toBeCloseTo(1 - 3 / (3 + 1), 12);
    expect(path(adam({ learningRate: 1, eps: 1, epsHat: true }), [3])[0]).toBeCloseTo(1 - (Math.sqrt(0.001) / 0.1) * (0.3 / (3 * Math.sqrt(0.001) + 1)), 12);
  });

  it('stands outside the root of RMSprop and Adagrad, and inside where asked for', () => {
    expect(path(rmsprop({ learningRate: 1, decay: 0, eps: 1 }), [3])[0]).toBeCloseTo(1 - 3 / 4, 12);
    expect(path(rmsprop({ learningRate: 1, decay: 0, eps: 7, epsInside: true }), [3])[0]).toBeCloseTo(1 - 3 / 4, 12);
    expect(path(adagrad({ learningRate: 1, eps: 1 }), [3])[0]).toBeCloseTo(1 - 3 / 4, 12);
    expect(path(adagrad({ learningRate: 1, eps: 7, epsInside: true }), [3])[0]).toBeCloseTo(1 - 3 / 4, 12);
  });

  it("is added to Adamax's divisor, or enters its maximum", () => {
    expect(path(adamax({ learningRate: 1, b2: 0.5, eps: 1 }), [4, 0])[1]).toBeCloseTo(1 - 4 / 5 - (0.36 / 0.19) / 3, 12);
    expect(path(adamax({ learningRate: 1, b2: 0.5, eps: 3, epsInMax: true }), [4, 0])[1]).toBeCloseTo(1 - 4 / 7 - (0.36 / 0.19) / 3.5, 12);
  });

  it('is subtracted from nothing in centered RMSprop: a tiny gradient gives a number', () => {
    for (const executor of ['js', 'float64'] as const) {
      const made = bind(rmsprop({ learningRate: 0.01, centered: true }) as Transformation, [X], { executor: executor as 'js' });
      const next = made.update({ step: 0, params: new Map([['x', Float32Array.of(1)]]), gradients: new Map([['x', Float32Array.of(1e-12)]]) });
      expect(Number.isFinite(next.get('x')![0])).toBe(true);
    }
  });
});

describe('momentum', () => {
  it('takes the first gradient whole and damps those behind it', () => {
    expect(path(momentum({ learningRate: 1, momentum: 0.5, dampening: 0.75 }), [2, 2], 0)).toEqual([-2, -2 - (1 + 0.5)]);
  });

  it('stands inside the learning rate: a lower rate acts at once on what was gathered', () => {
    const learningRate = (step: number): number => (step < 1 ? 1 : 0.1);
    expect(last(path(momentum({ learningRate, momentum: 0.5 }), [1, 0], 0))).toBeCloseTo(-1 - 0.05, 12);
    expect(last(path(chain(scaleByLearningRate(learningRate), scaleByMomentum({ momentum: 0.5 })), [1, 0], 0))).toBeCloseTo(-1 - 0.5, 12);
  });

  it("follows Sutskever's look-ahead points in torch's form of Nesterov", () => {
    const slope = (y: number): number => 2 * y + Math.sin(y);
    const [mu, learningRate] = [0.9, 0.05];
    let [x, v] = [1, 0];
    const optimizers = [nesterov({ learningRate, momentum: mu }), nesterovLookahead({ learningRate, momentum: mu })].map((each) => reference(each, [X]));
    const params = optimizers.map(() => new Map([['x', Float64Array.of(1)]]));
    for (let step = 0; step < 8; step++) {
      optimizers.forEach((each, i) => each.update({ step, params: params[i], gradients: new Map([['x', params[i].get('x')!.map(slope)]]) }));
      v = mu * v - learningRate * slope(x + mu * v);
      x += v;
      for (const each of params) expect(each.get('x')![0]).toBeCloseTo(x + mu * v, 12);
      expect(optimizers[1].evaluationParams(params[1]).get('x')![0]).toBeCloseTo(x, 12);
    }
  });

  it('of Nesterov needs a momentum above 0 and no dampening under torch’s name', () => {
    const document = { name: 'torch.SGD', lr: 0.1, nesterov: true };
    expect(() => fromSpec(document)).toThrow('torch.SGD: nesterov needs a momentum above 0 and dampening 0');
    expect(() => fromSpec({ ...document, momentum: 0.9, dampening: 0.1 })).toThrow('nesterov needs');
    expect(() => fromSpec({ ...document, momentum: 0.9 })).not.toThrow();
  });
});

describe('accumulators', () => {
  it('of Adagrad start at 0, or where asked for', () => {
    expect(path(adagrad({ learningRate: 1, eps: 0 }), [3])[0]).toBeCloseTo(0, 12);
    expect(path(adagrad({ learningRate: 1, eps: 0, initialAccumulator: 16 }), [3])[0]).toBeCloseTo(1 - 3 / 5, 12);
  });

  it('of Adadelta hold this gradient when they divide', () => {
    const first = Math.sqrt(1e-6) / Math.sqrt(0.1 * 9 + 1e-6);
    expect(path(adadelta(), [3])[0]).toBeCloseTo(1 - 3 * first, 12);
  });

  it('of AMSGrad keep the largest uncorrected moment', () => {
    const [b1, b2] = [0.5, 0.5];
    expect(last(path(amsgrad({ learningRate: 1, b1, b2, eps: 0 }), [4, 0], 0))).toBeCloseTo(-1 - (1 / 0.75) / Math.sqrt(8 / 0.75), 12);
  });
});

describe('bias correction', () => {
  it('makes the first step of Adam the learning rate, whatever the gradient', () => {
    for (const g of [1e-6, 1, 1e6]) expect(path(adam({ learningRate: 0.1, eps: 0 }), [g], 0)[0]).toBeCloseTo(-0.1, 12);
  });

  it('counts the updates of each param by itself', () => {
    const optimizer = reference(adam({ learningRate: 0.1, eps: 0 }), [kernel('a'), kernel('b')]);
    const params = named({ a: [0], b: [0] });
    for (let step = 0; step < 4; step++) optimizer.update({ step, params, gradients: named({ a: [1] }) });
    optimizer.update({ step: 4, params, gradients: named({ a: [1], b: [5] }) });
    expect(params.get('b')![0]).toBeCloseTo(-0.1, 12);
  });

  it('does not drift: powers come from the count, not from a product of float32', () => {
    const optimizer = bind(scaleByAdam({ b1: 0, eps: 0 }), [X], { executor: 'js' });
    const params = new Map([['x', Float32Array.of(0)]]);
    for (let step = 0; step < 3000; step++) {
      params.get('x')![0] = 0;
      optimizer.update({ step, params, gradients: new Map([['x', Float32Array.of(0.5)]]) });
    }
    expect(Math.abs(params.get('x')![0] - 1)).toBeLessThan(2e-6);
  });

  it('of NAdam keeps the product of the momenta exact', () => {
    const optimizer = reference(nadam({ learningRate: 0.1 }), [X]);
    const params = named({ x: [0] });
    for (let step = 0; step < 3; step++) optimizer.update({ step, params, gradients: named({ x: [1] }) });
    const mu = (t: number): number => 0.9 * (1 - 0.5 * 0.96 ** (t * 0.004));
    expect(optimizer.snapshot().counts['scaleByNadam/product/x']).toBeCloseTo(mu(1) * mu(2) * mu(3), 15);
  });

  it('of RAdam begins as momentum that nothing divides', () => {
    expect(path(radam({ learningRate: 0.01 }), constantly(1000, 5), 0)[4]).toBeCloseTo(-50, 8);
    expect(Math.abs(last(path(radam({ learningRate: 0.01 }), constantly(1000, 6), 0)) + 50)).toBeLessThan(0.01);
  });
});

describe('weight decay', () => {
  it('is decoupled in AdamW: learningRate · weightDecay of the weight goes, whatever the gradient', () => {
    for (const g of [1e-3, 1e3]) expect(path(adamw({ learningRate: 0.1, weightDecay: 0.5, eps: 0 }), [g], 2)[0]).toBeCloseTo(2 - 0.1 - 0.1 * 0.5 * 2, 12);
  });

  it('is divided by the root in Adam with an L2 penalty: not the same', () => {
    expect(path(chain(addDecayedWeights(0.5), adam({ learningRate: 0.1, eps: 0 })), [1e-3], 2)[0]).toBeCloseTo(2 - 0.1, 12);
  });

  it('stays out of the momentum of SGDW, and goes into that of torch’s SGD', () => {
    const options = { learningRate: 0.1, momentum: 0.5 };
    expect(last(path(sgdw({ ...options, weightDecay: 1 }), [0, 0], 1))).toBeCloseTo(0.81, 12);
    expect(last(path(fromSpec({ name: 'torch.SGD', lr: 0.1, momentum: 0.5, weight_decay: 1 }), [0, 0], 1))).toBeCloseTo(0.9 - 0.1 * (0.5 + 0.9), 12);
  });

  it('coupled, is the gradient of (weightDecay / 2) · p²', () => {
    expect(path(chain(addDecayedWeights(0.5), sgd({ learningRate: 1 })), [0], 3)[0]).toBeCloseTo(3 - 1.5, 12);
  });

  it('spares biases and norm params unless told otherwise, and has a schedule of its own', () => {
    const params: readonly ParamInfo[] = [kernel('k'), bias('b'), { name: 'n', shape: [1], role: 'norm' }, { name: 'e', shape: [1], role: 'embedding' }];
    const decayed = (transformation: Transformation): Record<string, number[]> => {
      const values = named({ k: [1], b: [1], n: [1], e: [1] });
      const optimizer = reference(chain(transformation, sgd({ learningRate: 1 })), params);
      for (let step = 0; step < 2; step++) optimizer.update({ step, params: values, gradients: named({ k: [0], b: [0], n: [0], e: [0] }) });
      return plain(values);
    };
    expect(decayed(addDecayedWeights((step) => (step === 0 ? 0.5 : 0)))).toEqual({ k: [0.5], b: [1], n: [1], e: [0.5] });
    expect(decayed(addDecayedWeights({ weightDecay: 0.5, mask: 'all' }))).toEqual({ k: [0.25], b: [0.25], n: [0.25], e: [0.25] });
    expect(decayed(addDecayedWeights({ weightDecay: 0.5, mask: ['b', 'n*'] }))).toEqual({ k: [1], b: [0.25], n: [0.25], e: [1] });
    expect(decayed(addDecayedWeights({ weightDecay: 0.5, mask: ({ role }) => role === 'norm' }))).toEqual({ k: [1], b: [1], n: [0.25], e: [1] });
  });

  it('of Lion is 0 unless asked for', () => {
    expect(path(lion({ learningRate: 0.1 }), [0], 5)[0]).toBe(5);
    expect(path(lion({ learningRate: 0.1, weightDecay: 1 }), [0], 5)[0]).toBeCloseTo(4.5, 12);
  });
});

describe('norms and ratios', () => {
  const two = [kernel('a', [2]), kernel('b', [1])];
  const clipped = (transformation: Transformation, gradients: Record<string, number[]>): Record<string, number[]> => {
    const params = named({ a: [0, 0], b: [0] });
    reference(transformation, two).update({ step: 0, params, gradients: named(gradients) });
    return plain(params);
  };

  it('clip all tensors together, each by itself, or each number', () => {
    expect(clipped(clipByGlobalNorm(6.5), { a: [3, 4], b: [12] })).toEqual({ a: [1.5, 2], b: [6] });
    expect(clipped(clipByNorm(2.5), { a: [3, 4], b: [2] })).toEqual({ a: [1.5, 2], b: [2] });
    expect(clipped(clipByValue(2.5), { a: [3, -4], b: [2] })).toEqual({ a: [2.5, -2.5], b: [2] });
  });

  it('clip by other norms too, and by all params whatever else works on them', () => {
    expect(clipped(clipByGlobalNorm({ maxNorm: 9.5, norm: 1 }), { a: [3, -4], b: [12] })).toEqual({ a: [1.5, -2], b: [6] });
    expect(clipped(clipByGlobalNorm({ maxNorm: 6, norm: 'max' }), { a: [3, -4], b: [12] })).toEqual({ a: [1.5, -2], b: [6] });
    const grouped = chain(clipByGlobalNorm(6.5), masked(scale(10), ['b']));
    expect(clipped(grouped, { a: [3, 4], b: [12] })).toEqual({ a: [1.5, 2], b: [60] });
    const behind = chain(masked(clipByNorm(5), ['a']), clipByGlobalNorm(6.5));
    expect(clipped(behind, { a: [6, 8], b: [12] })).toEqual({ a: [1.5, 2], b: [6] });
  });

  it('leave zero gradients zero, and clip exactly, or to torch’s max/(norm + 1e-6)', () => {
    expect(clipped(clipByGlobalNorm(1), { a: [0, 0], b: [0] })).toEqual({ a: [0, 0], b: [0] });
    expect(clipped(clipByGlobalNorm({ maxNorm: 1, eps: 1 }), { a: [3, 0], b: [0] }).a[0]).toBeCloseTo(3 / 4, 12);
  });

  it('of LAMB are 1 where either norm is 0, and spare biases', () => {
    const optimizer = reference(lamb({ learningRate: 1, eps: 0 }), [kernel('zero'), kernel('two', [1]), bias('bias')]);
    const params = named({ zero: [0], two: [2], bias: [2] });
    optimizer.update({ step: 0, params, gradients: named({ zero: [5], two: [5], bias: [5] }) });
    expect(params.get('zero')![0]).toBeCloseTo(-1, 12);
    expect(params.get('two')![0]).toBeCloseTo(0, 12);
    expect(params.get('bias')![0]).toBeCloseTo(1, 12);
  });

  it('pass NaN on, so that it is seen', () => {
    expect(clipped(clipByValue(1), { a: [NaN, 5], b: [1] }).a).toEqual([NaN, 1]);
    expect(path(signSgd({ learningRate: 1 }), [NaN])[0]).toBeNaN();
  });
});

describe('Adafactor and Muon', () => {
  it('of vectors keep a whole second moment, of matrices rows and columns', () => {
    const slots = [...reference(adafactor(), [kernel('k', [3, 4]), bias('b', [4])]).snapshot().slots].map(([name, { values }]) => [name.replace('scaleByFactoredRms/', ''), values.length]);
    expect(Object.fromEntries(slots)).toEqual({ 'r/k': 3, 'c/k': 4, 'v/b': 4 });
  });

  it('Muon orthogonalizes matrices only, and gives everything else to Adam', () => {
    const params = [kernel('k', [2, 3]), bias('b', [3]), kernel('conv', [1, 1, 2, 2]), { name: 'e', shape: [2, 2], role: 'embedding' as const }];
    const { slots } = reference(muon({ learningRate: 0.1 }), params).snapshot();
    expect([...slots.keys()]).toEqual(expect.arrayContaining(['matrices.scaleByNesterov/m/k', 'others.scaleByAdam/m/b', 'others.scaleByAdam/m/conv', 'others.scaleByAdam/m/e']));
    expect([...slots.keys()].filter((key) => key.endsWith('/k'))).toHaveLength(1);
  });
});

describe('params that come and go', () => {
  it('keep their own state when others are frozen, reordered or added', () => {
    const all = [kernel('a', [2]), kernel('b', [3])];
    const frozen = partition({ train: adam({ learningRate: 0.1 }), rest: freeze() }, ({ name }) => (name === 'a' ? 'rest' : 'train'));
    const params = named({ a: [1, 2], b: [1, 2, 3] });
    reference(frozen, all).update({ step: 0, params, gradients: named({ a: [1, 1], b: [1, 1, 1] }) });
    expect([...params.get('a')!]).toEqual([1, 2]);

    const run = (order: readonly ParamInfo[]): Record<string, number[]> => {
      const values = new Map(order.map(({ name }) => [name, Float64Array.from(name === 'a' ? [1, 2] : [1, 2, 3])]));
      const optimizer = reference(adam({ learningRate: 0.1 }), order);
      for (let step = 0; step < 4; step++) {
        const present = order.filter(({ name }) => name === 'b' || step % 2 === 0);
        optimizer.update({ step, params: values, gradients: new Map(present.map(({ name }) => [name, values.get(name)!.map((x) => x * 2)])) });
      }
      return plain(values);
    };
    expect(run([...all].reverse())).toEqual(Object.fromEntries(Object.entries(run(all)).reverse()));
    expect(run([...all].reverse())).toEqual(run(all));
  });

  it('refuse a state of other names or shapes, and say which', () => {
    const { slots, counts } = reference(momentum({ learningRate: 0.1 }), [kernel('a', [2]), kernel('b', [3])]).snapshot();
    const other = reference(momentum({ learningRate: 0.1 }), [kernel('a', [4]), kernel('c', [3])]);
    expect(() => other.restore({ slots, counts })).toThrow(
      "restore: 'scaleByMomentum/m/a' has shape [2] where [4] is expected; 'scaleByMomentum/m/c' is missing; 'scaleByMomentum/m/b' is unknown",
    );
    const same = reference(momentum({ learningRate: 0.1 }), [kernel('a', [2]), kernel('b', [3])]);
    expect(() => same.restore({ slots, counts: { 'count/a': 1 } })).toThrow("restore: 'count/b' is missing");
  });

  it('refuse a gradient of nobody, and a group that is not there', () => {
    expect(() => reference(sgd({ learningRate: 1 }), [X]).update({ step: 0, params: named({ x: [1] }), gradients: named({ y: [1] }) })).toThrow("update: there is a gradient for 'y', which is no param of this optimizer");
    expect(() => reference(partition({ a: sgd({ learningRate: 1 }) }, () => 'b'), [X])).toThrow("partition: 'x' was put into group 'b'; groups: a");
  });

  it('may have learning rates of their own, layer by layer', () => {
    const layers = ['layer0/kernel', 'layer1/kernel', 'layer2/kernel'].map((name) => kernel(name));
    const groups = Object.fromEntries([0, 1, 2].map((depth) => [`layer${depth}`, scale(0.5 ** (2 - depth))]));
    const params = named(Object.fromEntries(layers.map(({ name }) => [name, [0]])));
    reference(chain(partition(groups, ({ name }) => name.split('/')[0]), sgd({ learningRate: 1 })), layers).update({ step: 0, params, gradients: named(Object.fromEntries(layers.map(({ name }) => [name, [1]]))) });
    expect(plain(params)).toEqual({ 'layer0/kernel': [-0.25], 'layer1/kernel': [-0.5], 'layer2/kernel': [-1] });
  });
});

describe('hyper-parameters', () => {
  it('are reported as used, each under a name of its own', () => {
    const optimizer = reference(partition({ a: adam({ learningRate: (step) => 0.1 * (step + 1) }), b: sgd({ learningRate: 0.5 }) }, ({ name }) => name), [kernel('a'), kernel('b')]);
    for (let step = 0; step < 2; step++) optimizer.update({ step, params: named({ a: [0], b: [0] }), gradients: named({ a: [1], b: [1] }) });
    expect(optimizer.hyper).toEqual({ b1: 0.9, b2: 0.999, eps: 1e-8, learningRate: 0.2, 'b.scaleByLearningRate/learningRate': 0.5 });
  });

  it('from a stream take effect at the next step, and end the run when they are out of range', () => {
    const learningRate = new BehaviorSubject(1);
    const optimizer = reference(sgd({ learningRate }), [X]);
    const params = named({ x: [0] });
    const step = (at: number): number => optimizer.update({ step: at, params, gradients: named({ x: [1] }) }).get('x')![0];
    expect(step(0)).toBe(-1);
    learningRate.next(0.25);
    expect(step(1)).toBe(-1.25);
    learningRate.next(-1);
    expect(() => step(2)).toThrow('scaleByLearningRate: learningRate must be a number of at least 0, received -1 at step 2');
    optimizer.close();
    expect(learningRate.observed).toBe(false);
  });

  it('from a stream that was silent so far are refused by name', () => {
    const optimizer = reference(adam({ learningRate: 0.1, b1: new Subject<number>() }), [X]);
    expect(() => optimizer.update({ step: 7, params: named({ x: [0] }), gradients: named({ x: [1] }) })).toThrow('scaleByAdam: b1 is a stream that had no value yet at step 7');
    optimizer.close();
  });
});

describe('wrappers', () => {
  it('accumulate a mean weighted by size, count updates, and clip behind it', () => {
    const seen: number[] = [];
    const learningRate = (step: number): number => (seen.push(step), 1);
    const optimizer = reference(accumulate({ inner: chain(clipByGlobalNorm(10), sgd({ learningRate })), every: 2 }), [X]);
    const params = named({ x: [0] });
    const step = (at: number, g: number, size: number): number => optimizer.update({ step: at, params, size, gradients: named({ x: [g] }) }).get('x')![0];
    expect([step(0, 1, 3), step(1, 5, 1)]).toEqual([0, -2]);
    expect([step(2, 100, 1), step(3, 100, 1)]).toEqual([-2, -12]);
    expect(seen).toEqual([0, 1]);
  });

  it('accumulate nothing of a bad window into the next', () => {
    const optimizer = reference(accumulate({ inner: skipNonFinite({ inner: sgd({ learningRate: 1 }) }), every: 2 }), [X]);
    const params = named({ x: [0] });
    [NaN, 1, 2, 4].forEach((g, step) => optimizer.update({ step, params, gradients: named({ x: [g] }) }));
    expect(params.get('x')![0]).toBe(-3);
    expect(optimizer.hyper.skippedUpdates).toBe(1);
  });

  it('skip updates that are not finite, count them, and leave the moments as they were', () => {
    const values = (gradients: readonly number[]): number => last(path(skipNonFinite({ inner: adam({ learningRate: 0.1 }) }), gradients, 0));
    expect(values([1, Infinity, 2, NaN, 3])).toBe(values([1, 2, 3]));
  });

  it('SAM climbs by rho over all tensors, asks for the same batch again, and refuses callers that cannot', () => {
    const optimizer = reference(sam({ inner: sgd({ learningRate: 1 }), rho: 0.5 }), [kernel('a'), kernel('b')]);
    const params = named({ a: [1], b: [2] });
    const asked: Record<string, number[]>[] = [];
    optimizer.update({ step: 0, params, gradients: named({ a: [3], b: [4] }), gradientsAt: (at) => (asked.push(plain(at)), named({ a: [10], b: [20] })) });
    expect(asked).toEqual([{ a: [1 + 0.5 * 0.6], b: [2 + 0.5 * 0.8] }]);
    expect(plain(params)).toEqual({ a: [-9], b: [-18] });
    expect(() => optimizer.update({ step: 1, params, gradients: named({ a: [1], b: [1] }) })).toThrow('sam: needs the gradient of the same batch at other params');
  });

  it('Lookahead pulls the fast weights back every k updates', () => {
    expect(path(lookahead({ inner: sgd({ learningRate: 1 }), k: 2, alpha: 0.5 }), [1, 1, 1, 1], 0)).toEqual([-1, -1, -2, -2]);
  });
});

describe('averages of weights', () => {
  const average = (link: Transformation, gradients: readonly number[]): number[] => {
    const optimizer = reference(chain(sgd({ learningRate: 1 }), link), [X]);
    const params = named({ x: [10] });
    return gradients.map((g, step) => {
      optimizer.update({ step, params, gradients: named({ x: [g] }) });
      return optimizer.evaluationParams(params).get('x')![0];
    });
  };

  it('of an EMA begin with a copy, with the first params, or at 0 and corrected', () => {
    const decay = 0.5;
    expect(average(averageByEma({ decay }), [2, 2])).toEqual([8, 7]);
    expect(average(averageByEma({ decay, start: 'params' }), [2, 2])).toEqual([9, 7.5]);
    expect(average(averageByEma({ decay, start: 'zero' }), [2, 2])).toEqual([8, (0.5 * 4 + 0.5 * 6) / 0.75]);
  });

  it('of SWA begin when they are due, and are the trained weights before', () => {
    expect(average(averageBySwa({ after: 1, every: 2 }), [1, 1, 1, 1])).toEqual([9, 8, 8, 7]);
  });

  it('differ from the trained weights, which stay as they are', () => {
    const optimizer = reference(scheduleFreeSgd({ learningRate: 0.5 }), [X]);
    const params = named({ x: [1] });
    for (let step = 0; step < 3; step++) optimizer.update({ step, params, gradients: named({ x: [1] }) });
    const trained = params.get('x')![0];
    expect(optimizer.evaluationParams(params).get('x')![0]).not.toBe(trained);
    expect(params.get('x')![0]).toBe(trained);
  });

  it('are the given weights themselves where nothing is averaged', () => {
    const params = named({ x: [1] });
    expect(reference(sgd({ learningRate: 1 }), [X]).evaluationParams(params).get('x')).toBe(params.get('x'));
  });
});

describe('the rest', () => {
  it('noise is a function of the seed, the param and the update, and falls as it should', () => {
    const drawn = (seed: number): number[] => path(addNoise({ eta: 4, gamma: 0.55, seed }), constantly(0, 3), 0);
    expect(drawn(1)).toEqual(drawn(1));
    expect(drawn(1)).not.toEqual(drawn(2));
    const many = bind(addNoise({ eta: 4, gamma: 0.5 }), [kernel('x', [4000])], { executor: 'float64' });
    const deviations = [0, 1, 2, 3].map((step) => {
      const noise = many.update({ step, params: new Map([['x', new Float64Array(4000)]]), gradients: new Map([['x', new Float64Array(4000)]]) }).get('x')!;
      return Math.sqrt(noise.reduce((sum, x) => sum + x * x, 0) / 4000);
    });
    deviations.forEach((sigma, t) => expect(Math.abs(sigma / Math.sqrt(4 / (1 + t) ** 0.5) - 1)).toBeLessThan(0.05));
  });

  it('an average of gradients may be corrected', () => {
    expect(path(scaleByEma({ decay: 0.5 }), [4], 0)).toEqual([4]);
    expect(path(scaleByEma({ decay: 0.5, debias: false }), [4], 0)).toEqual([2]);
  });

  it('moments that decay do not stick at denormal numbers', () => {
    const optimizer = bind(momentum({ learningRate: 1 }), [X], { executor: 'js' });
    const params = new Map([['x', Float32Array.of(0)]]);
    for (let step = 0; step < 1200; step++) optimizer.update({ step, params, gradients: new Map([['x', Float32Array.of(step === 0 ? 1 : 0)]]) });
    const m = optimizer.snapshot().slots.get('scaleByMomentum/m/x')!.values[0];
    expect(m === 0 || m > 2 ** -126).toBe(true);
    expect(m).toBeLessThan(1e-33);
  });

  it('nothing is registered with TensorFlow.js: no variables, no classes', () => {
    const before = tf.engine().registeredVariables;
    const optimizer = bind(adam({ learningRate: 0.1 }), [X], { executor: 'tf' });
    expect(Object.keys(tf.engine().registeredVariables)).toEqual(Object.keys(before));
    optimizer.close();
  });
});
