/** What is often got wrong, one test each. Numbers are worked out by hand. */
import type { ParamInfo } from '@gradstream/numerics';
import { adadelta, adafactor, adagrad, adam, adamax, adamw, addDecayedWeights, amsgrad, bind, chain, fromSpec, lion, momentum, muon, nadam, nesterov, nesterovLookahead, radam, rmsprop, scaleByAdam, scaleByLearningRate, scaleByMomentum, sgd, sgdw, type Transformation } from '../index.ts';
import { kernel, bias, X, path, last, constantly, named, plain, reference } from './path.fixture.ts';

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
