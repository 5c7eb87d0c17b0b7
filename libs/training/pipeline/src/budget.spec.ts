import '@tensorflow/tfjs';
import { toArray, firstValueFrom, tap } from 'rxjs';
import { InputError } from '@gradstream/numerics';
import { accuracy, softmaxCrossEntropy } from '@gradstream/losses';
import { mlp } from '@gradstream/models';
import { adam } from '@gradstream/optimizers';
import { batches, budget, checkpointOf, evaluate, forward, keep, loss, metrics, optimize, RUN, type Checkpoint, type WeightsStore } from './index.ts';
import { data, onCpu, steps$, tensors } from './small-run.fixture.ts';

beforeAll(onCpu);
afterEach(() => expect(tensors()).toBe(0));

const types = (events: readonly { type: string; step: number }[]) => events.map(({ type, step }) => `${type} ${step}`);

test('steps: ends after the last one it allows, whose weights are evaluated and kept', async () => {
  const store: WeightsStore = {};
  const events = await firstValueFrom(steps$({ epochs: 9 }).pipe(budget({ steps: 4 }), evaluate(data.validation), keep(store), toArray()));
  expect(types(events)).toEqual(['step 0', 'step 1', 'step 2', 'evaluation 2', 'step 3', 'stop 3', 'evaluation 3']);
  expect(events[5]).toMatchObject({ reason: 'its budget of 4 steps is used up' });
  expect(store.weights?.size).toBe(4);
});

test('seconds: counted by a clock, over the parts of a resumed run together', async () => {
  let now = 0;
  const points: Checkpoint[] = [];
  const first = await firstValueFrom(steps$({ epochs: 9 }).pipe(tap(() => (now += 400)), budget({ seconds: 1 }, () => now), tap((event) => points.push(checkpointOf(event[RUN]))), toArray()));
  expect(types(first)).toEqual(['step 0', 'step 1', 'step 2', 'stop 2']);
  const from = points[0];
  const resumed = batches(data.train, { size: 32, epochs: 9, seed: 5, from: from.step }).pipe(forward(mlp({ hidden: [8] })), loss(softmaxCrossEntropy()), optimize(adam({ learningRate: 1e-2 }), { resume: from }), metrics(accuracy()));
  expect(types(await firstValueFrom(resumed.pipe(tap(() => (now += 400)), budget({ seconds: 1 }, () => now), toArray())))).toEqual(['step 1', 'step 2', 'stop 2']);
});

test('metrics that lag lose no event', async () => {
  const lagging = batches(data.train, { size: 32, epochs: 9, seed: 5 }).pipe(forward(mlp({ hidden: [8] })), loss(softmaxCrossEntropy()), optimize(adam({ learningRate: 1e-2 })), metrics({ lag: 8 }, accuracy()));
  expect(types(await firstValueFrom(lagging.pipe(budget({ steps: 5 }), toArray())))).toEqual(['step 0', 'step 1', 'step 2', 'step 3', 'step 4', 'stop 4']);
});

test('is refused with a sentence where it bounds nothing', () => {
  expect(() => budget({})).toThrow(new InputError('budget: give seconds or steps'));
  expect(() => budget({ seconds: 0 })).toThrow(new InputError('budget: seconds must be a number above 0, received 0'));
});
