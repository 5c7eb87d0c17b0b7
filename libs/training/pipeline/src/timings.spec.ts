import '@tensorflow/tfjs';
import { tap } from 'rxjs';
import { mixup } from '@gradstream/augment';
import { accuracy, softmaxCrossEntropy } from '@gradstream/losses';
import { mlp } from '@gradstream/models';
import { adam } from '@gradstream/optimizers';
import { weightsSha256 } from '@gradstream/numerics';
import { augment, batches, evaluate, forward, keep, loss, metrics, optimize, timings, type BatchesOptions, type WeightsStore } from './index.ts';
import { prefetchInThreads } from './node.ts';
import { all, data, onCpu, tensors, timeless } from './small-run.fixture.ts';

beforeAll(onCpu);
afterEach(() => expect(tensors()).toBe(0));

const run$ = (options: BatchesOptions = {}) =>
  batches(data.train, { size: 32, epochs: 8, seed: 5, ...options }).pipe(
    augment(mixup({ alpha: 0.2 })), forward(mlp({ hidden: [8] })), loss(softmaxCrossEntropy()), optimize(adam({ learningRate: 1e-2 })), metrics(accuracy()), evaluate(data.validation),
  );

/** A clock of ours: it goes on by a millisecond with each reading. */
const counting = () => {
  let reads = 0;
  return { now: () => ++reads, get reads() { return reads; } };
};

test('say where the time of a step goes, in parts that make up the whole', async () => {
  const said = (await all(run$().pipe(timings({ everyMs: 1e-3 })))).filter((event) => event.type === 'timing');
  // Every step from the second on is measured; the last is told when the run completes.
  expect(said.map(({ step }) => step)).toEqual(Array.from({ length: 23 }, (_, i) => i + 1));
  for (const { metrics: values } of said) {
    const parts = ['data', 'augment', 'forward', 'loss', 'backward', 'update', 'metrics', 'rest'].map((part) => values[`time/${part}`]);
    for (const ms of parts) expect(ms).toBeGreaterThanOrEqual(0);
    expect(parts.reduce((a, b) => a + b)).toBeCloseTo(values['time/total'], 9);
    expect(parts.slice(2, 6).reduce((a, b) => a + b)).toBeCloseTo(values['time/step'], 9);
    expect(values).not.toHaveProperty('queue/prefetch');
    if (values['time/wall'] !== undefined) expect(values['time/wall']).toBeGreaterThanOrEqual(values['time/total']);
  }
});

test('stand behind the event of their step, and change neither events nor weights', async () => {
  const [plain, timed]: WeightsStore[] = [{}, {}];
  const before = await all(run$().pipe(keep(plain)));
  const after = await all(run$().pipe(keep(timed), timings({ everyMs: 1e-3 })));
  expect(after.filter(({ type }) => type !== 'timing').map(timeless)).toEqual(before.map(timeless));
  expect(weightsSha256(timed.weights!)).toBe(weightsSha256(plain.weights!));
  after.forEach((event, i) => event.type === 'timing' && expect(after.slice(0, i).filter(({ type }) => type === 'step').at(-1)!.step).toBe(event.step));
});

test('read a clock only in measured steps, which lie as far apart as was asked for', async () => {
  const clock = counting();
  let [reads, step] = [0, 0];
  const perStep: number[] = [];
  const timed$ = batches(data.train, { size: 32, steps: 400, seed: 5 }).pipe(
    // Between two steps the clock goes on by a millisecond without being read.
    tap(() => { step++; }), forward(mlp({ hidden: [8] })), loss(softmaxCrossEntropy()), optimize(adam({ learningRate: 1e-2 })), metrics(),
    tap(() => { perStep.push(clock.reads - reads); reads = clock.reads; }), timings({ everyMs: 40 }, () => clock.now() + step),
  );
  const said = (await all(timed$)).filter((event) => event.type === 'timing');
  expect(perStep.filter((n) => n > 0).length).toBeLessThanOrEqual(2 * said.length + 1);
  const apart = said.slice(1).map((event, i) => event.step - said[i].step);
  expect(apart.slice(0, 2).every((n) => n <= 4)).toBe(true);
  for (const n of apart.slice(4)) expect(n).toBeGreaterThan(15);
  // Examples a second: 32 a step, a step a millisecond, and the clock's own readings.
  for (const { metrics: values } of said.slice(5)) expect(values['rate/examples']).toBeGreaterThan(15_000);
});

test('tell how many batches are ready where they are made ahead', async () => {
  const said = (await all(run$({ epochs: 4, maker: prefetchInThreads({ workers: 0, ahead: 3 }) }).pipe(timings({ everyMs: 1e-3 })))).filter((event) => event.type === 'timing');
  for (const { metrics: values } of said) {
    expect(values['queue/prefetch']).toBeGreaterThanOrEqual(0);
    expect(values['queue/prefetch']).toBeLessThanOrEqual(3);
    // They are augmented elsewhere, beside the step.
    expect(values).not.toHaveProperty('time/augment');
  }
  expect(Math.max(...said.map(({ metrics: values }) => values['queue/prefetch']))).toBeGreaterThan(0);
});

test('refuse what is no time', () => expect(() => timings({ everyMs: 0 })).toThrow(/timings: everyMs must be/));
