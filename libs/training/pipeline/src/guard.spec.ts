import '@tensorflow/tfjs';
import { map, tap, toArray, firstValueFrom, type Observable } from 'rxjs';
import { InputError, weightsSha256, type Weights } from '@gradstream/numerics';
import { useBackend } from '@gradstream/engine';
import { accuracy, softmaxCrossEntropy } from '@gradstream/losses';
import { mlp } from '@gradstream/models';
import { adam, averageByEma, chain, skipNonFinite, type Transformation } from '@gradstream/optimizers';
import type { StepEvent } from '@gradstream/protocol';
import { batches, checkpointOf, evaluate, forward, guard, keep, loss, metrics, optimize, RUN, steps, type Checkpoint, type GuardOptions, type Live, type OptimizeOptions, type WeightsStore } from './index.ts';
import { decodeCheckpoint, encodeCheckpoint } from './checkpoint-file.ts';
import { all, data, tensors } from './small-run.fixture.ts';

beforeAll(() => useBackend({ backend: 'wasm' }));
afterEach(() => expect(tensors()).toBe(0));

/** A run whose inputs are poisoned at some steps: a NaN that reaches weights, slots and running statistics. */
const poisoned$ = (at: readonly number[], options: GuardOptions, { from, engine = {}, ...resume }: { from?: number; engine?: OptimizeOptions; resume?: Checkpoint } = {}): Observable<StepEvent & Live> =>
  batches(data.train, { size: 32, epochs: 4, seed: 5, from }).pipe(
    map((batch) => (at.includes(batch.step) ? { ...batch, inputs: new Float32Array(batch.inputs.length).fill(NaN) } : batch)),
    forward(mlp({ hidden: [8], batchNorm: true })),
    loss(softmaxCrossEntropy()),
    optimize(chain(adam({ learningRate: 1e-2 }), averageByEma({ decay: 0.9 })), { ...engine, ...resume }),
    metrics(accuracy()),
    guard(options),
  ) as Observable<StepEvent & Live>;

const finite = (weights: Weights): boolean => [...weights.values()].every(({ values }) => values.every(Number.isFinite));

/** Steps at which the loss was not finite. */
const badSteps = (events: readonly { step: number; type: string; metrics?: unknown }[]) => events.filter(({ type, metrics: m }) => type === 'step' && !Number.isFinite((m as Record<string, number>)['train/loss'])).map(({ step }) => step);

test.each<[string, OptimizeOptions]>([['plan', {}], ['tape', { engine: 'tape' }]])('%s: backs off to the last finite state, running statistics and slots included, and goes on with later batches', async (layer, engine) => {
  const store: WeightsStore = {};
  const events = await all(poisoned$([4, 8], { nonFinite: 'backOff', every: steps(2) }, { engine }).pipe(keep(store)));
  expect(events[0][RUN].trainer.engine.startsWith(layer)).toBe(true);
  expect(events.map(({ step }) => step)).toEqual(Array.from({ length: 12 }, (_, i) => i));
  expect(badSteps(events)).toEqual([4, 8]);
  expect(events.map(({ metrics: m }) => (m as Record<string, number>)['backOffs'] ?? 0)).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]);
  expect(finite(store.weights!)).toBe(true);
});

test('stops with the last finite state, says why, and evaluates it', async () => {
  const store: WeightsStore = {};
  const events = await firstValueFrom(poisoned$([5], { nonFinite: 'stop', every: steps(1) }).pipe(evaluate(data.validation), keep(store), toArray()));
  expect(events.map(({ type }) => type).slice(-2)).toEqual(['stop', 'evaluation']);
  expect((events.at(-2) as unknown as { reason: string }).reason).toBe('train/loss of step 5 is NaN; the result is the state after step 4');
  expect(Number.isFinite((events.at(-1) as unknown as { metrics: Record<string, number> }).metrics['validation/loss'])).toBe(true);
  const uninterrupted: WeightsStore = {};
  await all(poisoned$([], { nonFinite: 'stop' }).pipe(tap(({ step, [RUN]: run }) => step === 4 && (uninterrupted.weights = run.result()))));
  expect(weightsSha256(store.weights!)).toBe(weightsSha256(uninterrupted.weights!));
});

test('stops once it has backed off as often as it may, and when nothing was finite', async () => {
  const often = await all(poisoned$([2, 3, 4], { nonFinite: 'backOff', limit: 2 }));
  expect((often.at(-1) as unknown as { reason: string }).reason).toBe('train/loss of step 4 is NaN after backing off 2 times; the result is the state after step 0');
  const never = await all(poisoned$([0], { nonFinite: 'backOff' }));
  expect((never.at(-1) as unknown as { reason: string }).reason).toBe('train/loss of step 0 is NaN, and no earlier state was finite');
});

test('a resumed run backs off to the same state as the uninterrupted one', async () => {
  const points: Checkpoint[] = [];
  const options: GuardOptions = { nonFinite: 'backOff', every: steps(3) };
  const [whole, rest]: WeightsStore[] = [{}, {}];
  await all(poisoned$([4, 8], options).pipe(tap((event) => points.push(checkpointOf(event[RUN]))), keep(whole)));
  for (const at of [3, 4, 6]) {
    const kept = decodeCheckpoint(encodeCheckpoint(points[at]), 'here');
    await all(poisoned$([4, 8], options, { from: kept.step, resume: kept }).pipe(keep(rest)));
    expect([at, weightsSha256(rest.weights!)]).toEqual([at, weightsSha256(whole.weights!)]);
  }
});

const skipping$ = (optimizer: Transformation) =>
  batches(data.train, { size: 32, epochs: 2, seed: 5 }).pipe(
    map((batch) => (batch.step === 2 ? { ...batch, inputs: new Float32Array(batch.inputs.length).fill(NaN) } : batch)),
    forward(mlp({ hidden: [8], batchNorm: true })), loss(softmaxCrossEntropy()), optimize(optimizer), metrics(), guard({ nonFinite: 'skip' }),
  );

test('an update that is skipped leaves nothing behind, not even in running statistics', async () => {
  const store: WeightsStore = {};
  const events = await all(skipping$(skipNonFinite({ inner: adam({ learningRate: 1e-2 }) })).pipe(keep(store)));
  expect(badSteps(events)).toEqual([2]);
  expect(finite(store.weights!)).toBe(true);
});

test('to skip, the optimizer must', async () => {
  await expect(all(skipping$(adam({ learningRate: 1e-2 })))).rejects.toThrow(new InputError("guard: 'hidden1/kernel' is not finite after step 2; skip needs an optimizer that leaves the update out: skipNonFinite({ inner: … })"));
});

test.each<[GuardOptions, string]>([
  [{ nonFinite: 'ignore' as never }, "guard: nonFinite must be one of 'stop', 'skip', 'backOff', received 'ignore'"],
  [{} as never, "guard: nonFinite is required: one of 'stop', 'skip', 'backOff'"],
  [{ nonFinite: 'stop', every: 'end' }, "guard: every must be epochs(n) or steps(n), received 'end'"],
])('%# is refused with a sentence', (options, sentence) => {
  expect(() => guard(options)).toThrow(new InputError(sentence));
});
