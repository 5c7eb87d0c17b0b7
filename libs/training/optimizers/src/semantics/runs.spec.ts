/** What is often got wrong, one test each. Numbers are worked out by hand. */
import type { ParamInfo } from '@gradstream/numerics';
import { BehaviorSubject, Subject } from 'rxjs';
import { accumulate, adam, bind, averageByEma, averageBySwa, chain, clipByGlobalNorm, freeze, lookahead, momentum, partition, sam, scale, scheduleFreeSgd, sgd, skipNonFinite, type Transformation } from '../index.ts';
import { kernel, X, path, last, named, plain, reference } from './path.fixture.ts';

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

  it('refuse arrays of another length', () => {
    const optimizer = bind(sgd({ learningRate: 1 }), [kernel('x', [3])], { executor: 'js' });
    expect(() => optimizer.update({ step: 0, params: new Map([['x', new Float32Array(3)]]), gradients: new Map([['x', new Float32Array(2)]]) })).toThrow("update: 'x' needs 3 numbers and as many gradients, received 3 and 2");
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

  it.each([['first', ['a', 'b']], ['last', ['b', 'a']]])('work on a group of params only, when it comes %s', (_, order) => {
    const groups = { a: accumulate({ inner: sgd({ learningRate: 1 }), every: 2 }), b: sam({ inner: sgd({ learningRate: 1 }), rho: 0 }) };
    const recipe = partition(Object.fromEntries(order.map((name) => [name, groups[name as 'a']])), ({ name }) => name);
    const optimizer = reference(recipe, [kernel('a'), kernel('b')]);
    const params = named({ a: [0], b: [0] });
    const gradients = named({ a: [1], b: [1] });
    for (let step = 0; step < 3; step++) optimizer.update({ step, params, gradients, gradientsAt: () => gradients });
    expect(plain(params)).toEqual({ a: [-1], b: [-3] });
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
