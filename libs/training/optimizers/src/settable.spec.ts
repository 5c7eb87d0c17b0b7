import type { ParamInfo } from '@gradstream/numerics';
import { adam, adamw, bind, chain, clipByGlobalNorm, cosine, masked, momentum, partition, settable, sgd, transformations, type Transformation } from './index.ts';

const params: ParamInfo[] = [{ name: 'a/kernel', shape: [2], role: 'kernel' }, { name: 'a/bias', shape: [1], role: 'bias' }];

describe('what may be set', () => {
  it('is every hyper-parameter, the learning rate first, within its rule', () => {
    expect(settable(chain(clipByGlobalNorm(1), momentum({ learningRate: cosine({ initial: 0.1, totalSteps: 10 }), momentum: 0.9 })), params)).toEqual({
      learningRate: { min: 0, max: 1 }, maxNorm: { min: 1e-6, max: 10 }, eps: { min: 0, max: 1 }, momentum: { min: 0, max: 1 - 1e-6 }, dampening: { min: 0, max: 1 },
    });
  });

  it('has the names of a step, also where two links share one', () => {
    const two = partition({ body: adam({ learningRate: 1e-3 }), rest: masked(sgd({ learningRate: 20 }), () => true) }, ({ role }) => (role === 'bias' ? 'rest' : 'body'));
    const bound = bind(two, params, { executor: 'js' });
    const arrays = (n: number) => new Map(params.map(({ name, shape }) => [name, new Float32Array(shape[0]).fill(n)]));
    bound.update({ step: 0, params: arrays(1), gradients: arrays(1) });
    expect(Object.keys(settable(two, params)).sort()).toEqual(Object.keys(bound.hyper).sort());
    expect(settable(two, params)['rest.scaleByLearningRate/learningRate'].max).toBe(200);
    bound.close();
  });

  it.each(Object.keys(transformations).filter((name) => ['adam', 'adamw', 'adadelta', 'adagrad', 'rmsprop', 'nesterov', 'lion', 'muon'].includes(name)))('of %s can be set to either end', (name) => {
    const make = transformations[name as keyof typeof transformations] as unknown as (options: object) => Transformation;
    const optimizer = make({ learningRate: 0.01 });
    const bound = bind(optimizer, params, { executor: 'js' });
    for (const [hyper, { min, max }] of Object.entries(settable(optimizer, params))) {
      bound.set(hyper, min);
      bound.set(hyper, max);
    }
    bound.close();
  });
});

describe('setting', () => {
  const step = (of: ReturnType<typeof bind<Float32Array>> | ReturnType<typeof rule>, at: number) => {
    const weights = new Map(params.map(({ name, shape }) => [name, new Float32Array(shape[0])]));
    of.update({ step: at, params: weights, gradients: new Map(params.map(({ name, shape }) => [name, new Float32Array(shape[0]).fill(1)])) });
    return weights.get('a/kernel')![0];
  };
  const rule = () => bind(sgd({ learningRate: (at: number) => 0.5 / (at + 1) }), params, { executor: 'js' });

  it('stands from the next update on, whatever schedule there was', () => {
    const bound = rule();
    expect(step(bound, 0)).toBe(-0.5);
    bound.set('learningRate', 0.25);
    expect([step(bound, 1), step(bound, 2), bound.hyper['learningRate']]).toEqual([-0.25, -0.25, 0.25]);
    bound.close();
  });

  it('refuses what nobody knows and what is out of range, and changes nothing', () => {
    const bound = bind(adamw({ learningRate: 0.1 }), params, { executor: 'js' });
    expect(() => bound.set('rate', 1)).toThrow("set: 'rate' is not a hyper-parameter of this optimizer; known: b1, b2, eps, weightDecay, learningRate");
    expect(() => bound.set('b1', 1)).toThrow('scaleByAdam: b1 must be in [0, 1), received 1');
    expect(() => bound.set('learningRate', NaN)).toThrow('learningRate must be a number of at least 0, received NaN');
    step(bound, 0);
    expect(bound.hyper).toMatchObject({ b1: 0.9, learningRate: 0.1 });
    bound.close();
  });
});
