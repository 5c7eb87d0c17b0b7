import { bind, findBatchSize, findLearningRate, sgd, smoothLosses, suggestLearningRate, type TrialRun } from '../index.ts';

/** A run down a parabola whose steps diverge above a learning rate of 1. */
function parabola(): TrialRun & { readonly weight: () => number; readonly restored: () => number } {
  const rate = { now: 0 };
  const optimizer = bind(sgd({ learningRate: () => rate.now }), [{ name: 'x', shape: [1], role: 'kernel' }], { executor: 'float64' });
  const params = new Map([['x', Float64Array.of(3)]]);
  let restored = 0;
  return {
    step(learningRate, step) {
      rate.now = learningRate;
      const x = params.get('x')![0];
      optimizer.update({ step, params, gradients: new Map([['x', Float64Array.of(2 * x)]]) });
      return x * x;
    },
    restore() {
      params.get('x')![0] = 3;
      restored++;
    },
    weight: () => params.get('x')![0],
    restored: () => restored,
  };
}

describe('findLearningRate', () => {
  it('suggests a rate below the divergence, stops there, and puts the run back', async () => {
    const run = parabola();
    const { rates, steepest, minimum } = await findLearningRate(run, { start: 1e-4, end: 100, totalSteps: 120, beta: 0.9 });
    expect(steepest!.rate).toBeGreaterThan(1e-3);
    expect(steepest!.rate).toBeLessThan(1);
    expect(minimum!.rate).toBeLessThan(1);
    expect(rates.length).toBeLessThan(120);
    expect([run.weight(), run.restored()]).toEqual([3, 1]);
  });

  it('puts the run back after an error and after a loss that is no number', async () => {
    const run = parabola();
    await expect(findLearningRate({ ...run, step: () => { throw new Error('lost'); } })).rejects.toThrow('lost');
    await findLearningRate({ ...run, step: (rate, step) => (step > 10 ? NaN : 1) });
    expect(run.restored()).toBe(2);
  });

  it('reads a sweep: steepest fall, and a tenth of the minimum', () => {
    const rates = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10];
    const { steepest, minimum } = suggestLearningRate(rates, [5, 5, 4.9, 3, 2, 1.5, 9], { beta: 0, skipBegin: 0 });
    expect(steepest).toEqual({ index: 3, rate: 1e-2 });
    expect(minimum).toEqual({ index: 5, rate: 0.1 });
    expect(suggestLearningRate([], [])).toEqual({ rates: [], losses: [], smoothed: [] });
  });

  it('smooths from the first loss on', () => expect(smoothLosses([4, 4, 4], 0.5)).toEqual([4, 4, 4]));

  it('refuses a sweep downwards', async () => {
    await expect(findLearningRate(parabola(), { start: 1, end: 0.1 })).rejects.toThrow('findLearningRate: end must be above start (1), received 0.1');
  });
});

describe('findBatchSize', () => {
  it.each([[1, 1], [2, 2], [100, 100], [777, 777], [5000, 1024]])('finds %i as %i', async (limit, found) => {
    const tried: number[] = [];
    const size = await findBatchSize((each) => (tried.push(each), each <= limit), { start: 1, max: 1024 });
    expect(size).toBe(found);
    expect(new Set(tried).size).toBe(tried.length);
    expect(tried.length).toBeLessThan(25);
  });

  it('takes an error for a size that does not work, and keeps to multiples', async () => {
    const works = (size: number): boolean => {
      if (size > 300) throw new Error('out of memory');
      return true;
    };
    expect(await findBatchSize(works, { start: 32, multipleOf: 32 })).toBe(288);
    await expect(findBatchSize(works, { start: 512 })).rejects.toThrow('findBatchSize: not even 512 examples work: out of memory');
    await expect(findBatchSize(works, { start: 8, max: 4 })).rejects.toThrow('findBatchSize: max must be at least start (8), received 4');
  });
});
