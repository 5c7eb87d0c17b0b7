/** What is often got wrong, one test each. Numbers are worked out by hand. */
import * as tf from '@tensorflow/tfjs';
import { adam, addNoise, bind, chain, clipByGlobalNorm, clipByNorm, clipByValue, lamb, masked, momentum, scale, scaleByEma, signSgd, type Transformation } from '../index.ts';
import { kernel, bias, X, path, constantly, named, plain, reference } from './path.fixture.ts';

tf.env().set('PROD', true);

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
