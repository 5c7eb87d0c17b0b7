import '@tensorflow/tfjs';
import { lastValueFrom, take } from 'rxjs';
import { softmaxCrossEntropy } from '@gradstream/losses';
import { mlp } from '@gradstream/models';
import { findBatchSize, findLearningRate, sgd } from '@gradstream/optimizers';
import type { Schedule } from '@gradstream/numerics';
import { batches, forward, loss, metrics, optimize, trialOf, type Pace } from './index.ts';
import { all, data, onCpu, steps$, tensors, timeless } from './small-run.fixture.ts';

beforeAll(onCpu);
afterEach(() => expect(tensors()).toBe(0));

const run = (learningRate: Schedule, pace: Pace, epochs?: number) => batches(data.train, { size: 32, seed: 5, pace, ...(epochs ? { epochs } : {}) }).pipe(forward(mlp({ hidden: [8] })), loss(softmaxCrossEntropy()), optimize(sgd({ learningRate })), metrics());

describe('trialOf', () => {
  test('lets findLearningRate sweep a real run, which touches no other', async () => {
    const before = await all(steps$());
    const { rates, losses, steepest } = await findLearningRate(trialOf(run), { start: 1e-4, end: 100, totalSteps: 60, beta: 0.9 });
    expect(steepest!.rate).toBeGreaterThan(1e-3);
    expect(steepest!.rate).toBeLessThan(20);
    expect(losses.length).toBe(rates.length);
    expect(losses[0]).toBe((before[0].metrics as Record<string, number>)['train/loss']);
    expect((await all(steps$())).map(timeless)).toEqual(before.map(timeless));
  });

  test('says when the run is too short for the sweep', async () => {
    await expect(findLearningRate(trialOf((rate, pace) => run(rate, pace, 1)), { totalSteps: 60 })).rejects.toThrow('trialOf: the run ended before the sweep did; give it more epochs, or none');
  });
});

test('findBatchSize tries sizes on real runs', async () => {
  const size = await findBatchSize(async (size) => {
    await lastValueFrom(batches(data.train, { size, lastBatch: 'drop' }).pipe(forward(mlp({ hidden: [8] })), loss(softmaxCrossEntropy()), optimize(sgd({ learningRate: 0.1 })), metrics(), take(2)));
    return true;
  }, { start: 16, max: 128 });
  expect(size).toBe(96);
});
