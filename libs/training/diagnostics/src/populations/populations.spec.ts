import { concat, defer, lastValueFrom, of, take, throwError, toArray, type Observable } from 'rxjs';
import * as tf from '@tensorflow/tfjs-core';
import { buildFrom } from '@gradstream/numerics';
import { parseRunSpec, type RunEvent, type RunSpec } from '@gradstream/protocol';
import type { Data } from '@gradstream/datasets';
import { useBackend } from '@gradstream/engine';
import { buildParts, compose, registries, type Live } from '@gradstream/pipeline';
import { branch, checkpointAt, type Resumable } from './branch.ts';
import { compare, population, type PopulationEvent, type StandingEvent } from './population.ts';
import { runThreads } from './run-threads.ts';

const at = (step: number, loss: number): RunEvent => ({ type: 'evaluation', step, epoch: step, wall: 0, split: 'validation', metrics: { 'validation/loss': loss }, seconds: 0 });
const standingsOf = (events: readonly PopulationEvent[]): StandingEvent[] => events.filter((event) => event.type === 'standing');
const all = <T>(source: Observable<T>): Promise<T[]> => lastValueFrom(source.pipe(toArray()));

describe('a population', () => {
  it('hands on the events of every run, and after each what can be said so far', async () => {
    const events = await all(population((seed) => of(at(0, 9), at(1, seed)), [1, 2, 4]));
    expect(events.filter(({ type }) => type === 'member').length).toBe(6);
    expect(standingsOf(events).map(({ done, of, arms }) => [done, of, arms['run']['validation/loss'].mean])).toEqual([[1, 3, 1], [2, 3, 1.5], [3, 3, 7 / 3]]);
  });

  it('keeps no more runs under way than it has jobs, and begins none before it is subscribed to', async () => {
    let [running, most, begun] = [0, 0, 0];
    const run = (seed: number) => defer(async () => {
      begun++;
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 2));
      running--;
      return at(0, seed);
    });
    const all$ = population(run, [0, 1, 2, 3, 4], { jobs: 2 });
    expect(begun).toBe(0);
    await lastValueFrom(all$);
    expect([begun, most]).toEqual([5, 2]);
    begun = 0;
    await lastValueFrom(all$.pipe(take(1)));
    expect(begun).toBeLessThanOrEqual(2);
  });

  it('fails with the run that fails', async () => {
    await expect(lastValueFrom(population((seed) => (seed === 1 ? throwError(() => new Error('run 1')) : of(at(0, 0))), [0, 1]))).rejects.toThrow('run 1');
  });

  it('refuses equal seeds and no seeds', () => {
    for (const seeds of [[], [1, 1]]) expect(() => population(() => of(at(0, 0)), seeds)).toThrow('population: seeds must be different numbers, at least one');
    expect(() => population(() => of(at(0, 0)), [0], { jobs: 0 })).toThrow('population: jobs must be a whole number of at least 1');
  });
});

describe('a comparison', () => {
  it('pairs seeds, whatever the order in which runs end', async () => {
    const later = (ms: number, loss: number) => defer(async () => {
      await new Promise((resolve) => setTimeout(resolve, ms));
      return at(0, loss);
    });
    const arms = { treated: (seed: number) => later(8 - 3 * seed, seed + (seed === 2 ? -2 : -1)) };
    const last = async (jobs: number) => standingsOf(await all(compare((seed) => later(1 + seed, seed), arms, [0, 1, 2], { jobs }))).at(-1)!;
    const { paired } = await last(6);
    expect(paired['treated']['validation/loss']).toMatchObject({ values: [-1, -1, -2], sign: 3, n: 3 });
    expect(paired).toEqual((await last(1)).paired);
  });

  it('has a base that no arm may be named after', () => {
    expect(() => compare(() => of(at(0, 0)), { base: () => of(at(0, 0)) }, [0])).toThrow("an arm may not be named 'base'");
  });
});

const document: RunSpec = { version: 1, seed: 3, data: 'digits', batches: { size: 64, epochs: 2 }, model: { name: 'mlp', hidden: [16], dropout: 0.2 }, loss: 'softmaxCrossEntropy', optimizer: { name: 'adam', learningRate: 0.01 }, metrics: ['accuracy'] };
const timeless = (event: RunEvent): unknown => JSON.parse(JSON.stringify({ ...event, wall: 0, seconds: 0 }));

describe('on real runs', () => {
  let run: Resumable;
  beforeAll(async () => {
    await useBackend({ backend: 'wasm' });
    const data = await buildFrom<Promise<Data>>(registries, 'dataset', 'digits', 'data');
    run = (extra) => compose(buildParts(parseRunSpec(document, 'run'), 'run'), data, extra);
  });

  it('a branch without a change is the rest of the run, bit for bit, and leaves no tensor behind', async () => {
    const whole = (await all(run())).map(timeless);
    const tensors = tf.memory().numTensors;
    const rest = (await all(branch(run, 20))).map(timeless);
    expect(rest).toEqual(whole.slice(-rest.length));
    expect(rest.length).toBeGreaterThan(17);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it('a branch cannot begin after the end of the run', async () => {
    await expect(lastValueFrom(checkpointAt(run, 1_000))).rejects.toThrow('the run ended after 38 steps, before step 1000');
    expect(() => checkpointAt(run, 0)).toThrow('checkpointAt: step must be a whole number of at least 1');
  });

  it('threads give the events of this thread, bit for bit, and are freed by whoever leaves', async () => {
    const pool = runThreads(2);
    try {
      const here = (await all(run() as Observable<RunEvent & Live>)).map(timeless);
      const elsewhere = (seed: number) => pool.run({ ...document, seed });
      const events = await all(population(elsewhere, [3, 4, 5], { jobs: 2 }));
      expect(events.filter((event) => event.type === 'member' && event.seed === 3).map((event) => timeless((event as { event: RunEvent }).event))).toEqual(here);
      expect(standingsOf(events).at(-1)).toMatchObject({ done: 3, of: 3 });
      await lastValueFrom(concat(elsewhere(6).pipe(take(1)), elsewhere(7).pipe(take(1)), elsewhere(8).pipe(take(1))));
      await expect(lastValueFrom(pool.run({ ...document, model: 'mpl' }))).rejects.toThrow("did you mean 'mlp'");
    } finally {
      await pool.close();
    }
  }, 60_000);
});
