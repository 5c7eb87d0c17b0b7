import '@tensorflow/tfjs';
import { BehaviorSubject, delay, share, shareReplay, Subject, takeWhile, tap } from 'rxjs';
import { InputError, weightsSha256 } from '@gradstream/numerics';
import { accuracy, gradientNorm, softmaxCrossEntropy } from '@gradstream/losses';
import { mlp } from '@gradstream/models';
import { adam, reduceOnPlateau, sgd } from '@gradstream/optimizers';
import { atEnd, batches, checkpoint, checkpointOf, earlyStopping, evaluate, forward, keep, loss, metrics, optimize, RUN, steps, valuesOf, type BatchesOptions, type Checkpoint, type WeightsStore } from './index.ts';
import { all, data, onCpu, run$, steps$, timeless } from './small-run.fixture.ts';

beforeAll(onCpu);

describe('metrics', () => {
  test('gives the batch loss, the mean over the epoch so far, and what was asked for', async () => {
    const events = await all(steps$());
    expect(Object.keys(events[0].metrics)).toEqual(['train/loss', 'train/lossMean', 'train/accuracy', 'gradientNorm']);
    expect(events[1].metrics['train/lossMean']).toBeCloseTo((events[0].metrics['train/loss'] + events[1].metrics['train/loss']) / 2, 6);
    expect(events[3].metrics['train/lossMean']).toBe(events[3].metrics['train/loss']);
    expect(events[0].hyper['learningRate']).toBe(0.01);
  });

  test.each([1, 2, 4, 8])('with a lag of %p gives the same events in the same order', async (lag) => {
    const lagging = (k: number) =>
      all(batches(data.train, { size: 16, epochs: 3, seed: 5 }).pipe(forward(mlp({ hidden: [8] })), loss(softmaxCrossEntropy()), optimize(adam({ learningRate: 1e-2 })), metrics({ lag: k }, accuracy(), gradientNorm()), evaluate(data.validation, { every: steps(4) })));
    expect((await lagging(lag)).map(timeless)).toEqual((await lagging(0)).map(timeless));
  });
});

describe('hyper-parameters that are streams', () => {
  test('are read at the start of each step and written to its event', async () => {
    const rate$ = new BehaviorSubject(0.1);
    const events = await all(steps$({}, sgd({ learningRate: rate$ })).pipe(tap(({ step }) => rate$.next(0.1 / (step + 2)))));
    expect(events.map(({ hyper }) => hyper['learningRate'])).toEqual(Array.from({ length: 6 }, (_, i) => 0.1 / (i + 1)));
    expect(rate$.observed).toBe(false);
  });

  test('replaying the recorded values gives the same run bit for bit', async () => {
    const rate$ = new BehaviorSubject(0.1);
    const first = await all(steps$({}, sgd({ learningRate: rate$ })).pipe(tap(({ step }) => rate$.next(0.1 / (step + 2)))));
    const recorded = first.map(({ hyper }) => hyper['learningRate']);
    expect((await all(steps$({}, sgd({ learningRate: (step) => recorded[step] })))).map(timeless)).toEqual(first.map(timeless));
  });

  test('out of range end the run with owner, name, step and value', async () => {
    const rate$ = new BehaviorSubject(0.1);
    await expect(all(steps$({}, sgd({ learningRate: rate$ })).pipe(tap(({ step }) => step === 2 && rate$.next(-1))))).rejects.toThrow(/learningRate must be .* received -1 at step 3/);
  });
});

describe('valuesOf', () => {
  test('lets a plateau of the validation loss lower the learning rate', async () => {
    const loss$ = new Subject<number>();
    // Nothing is better than a threshold of the whole loss: each second evaluation lowers the rate.
    const rate$ = loss$.pipe(reduceOnPlateau({ initial: 0.1, factor: 0.5, patience: 0, threshold: 1, thresholdMode: 'absolute' }), shareReplay({ bufferSize: 1, refCount: true }));
    const run$ = batches(data.train, { size: 32, epochs: 3, seed: 5 }).pipe(forward(mlp({ hidden: [8] })), loss(softmaxCrossEntropy()), optimize(sgd({ learningRate: rate$ })), metrics(), evaluate(data.validation), share());
    run$.pipe(valuesOf('validation/loss')).subscribe(loss$);
    const events = await all(run$);
    const rates = events.filter((event) => event.type === 'step').map(({ hyper }) => hyper['learningRate']);
    expect(rates).toEqual([0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.05, 0.05, 0.05]);
  });

  test('refuses the test split', () => {
    expect(() => valuesOf('test/loss')).toThrow(new InputError("valuesOf: metric must not be one of the test split, received 'test/loss'; what decides is no longer a test, use 'validation/…'"));
  });
});

describe('evaluate', () => {
  test('gives exact values of the whole split under its role, at each boundary', async () => {
    const events = await all(run$({ epochs: 2 }));
    expect(events.map(({ type }) => type)).toEqual(['step', 'step', 'step', 'evaluation', 'step', 'step', 'step', 'evaluation']);
    const { metrics: values, split, step } = events[3] as { metrics: Record<string, number>; split: string; step: number };
    expect([split, step, Object.keys(values)]).toEqual(['validation', 2, ['validation/loss', 'validation/accuracy']]);
  });

  test('does not depend on how many examples go through at a time', async () => {
    const at = async (size: number) => (await all(run$({ epochs: 1 }, { size }))).at(-1)!.metrics as Record<string, number>;
    const [one, many] = [await at(1), await at(1000)];
    expect(one['validation/accuracy']).toBe(many['validation/accuracy']);
    expect(one['validation/loss']).toBeCloseTo(many['validation/loss'], 5);
  });

  test('changes nothing of the training', async () => {
    const result = async (observed: boolean) => {
      const store: WeightsStore = {};
      await all((observed ? run$({}, { every: steps(1) }) : steps$()).pipe(keep(store)));
      return weightsSha256(store.weights!);
    };
    expect(await result(true)).toBe(await result(false));
  });

  test('at the end looks at the result once, with the best weights', async () => {
    const looks = data.test!.looks ?? 0;
    const events = await all(run$({ epochs: 3 }).pipe(earlyStopping({ monitor: 'validation/loss' }), evaluate(data.test!, { every: atEnd() })));
    const tests = events.filter((event) => event.type === 'evaluation' && event.split === 'test');
    expect(tests).toHaveLength(1);
    expect(events.at(-1)).toBe(tests[0]);
    expect((data.test!.looks ?? 0) - looks).toBe(1);
  });
});

describe('earlyStopping', () => {
  test('stops when patience is used up, and says why', async () => {
    const events = await all(run$({ epochs: 30 }, { every: steps(1) }).pipe(earlyStopping({ monitor: 'validation/loss', patience: 2, minDelta: 10 })));
    const stop = events.at(-1)!;
    expect(stop.type).toBe('stop');
    expect(stop.step).toBe(2);
    expect((stop as { reason: string }).reason).toMatch(/^validation\/loss has not improved for 2 evaluations since step 0/);
  });

  test('a NaN is no improvement', async () => {
    const broken = { name: 'broken', accumulator: () => ({ add: () => undefined, result: () => ({ broken: NaN }) }) };
    const events = await all(run$({ epochs: 9 }, { metrics: [broken] }).pipe(earlyStopping({ monitor: 'validation/broken', patience: 1 })));
    expect([events.at(-1)!.type, (events.at(-1) as { bestStep?: number }).bestStep]).toEqual(['stop', undefined]);
  });

  test('a metric that is not measured is named', async () => {
    await expect(all(run$().pipe(earlyStopping({ monitor: 'validation/auc' })))).rejects.toThrow(new InputError("earlyStopping: monitor 'validation/auc' is not measured; the evaluation has validation/loss, validation/accuracy"));
  });

  test('refuses to decide by the test split', () => {
    expect(() => earlyStopping({ monitor: 'test/loss' })).toThrow(/must not be a metric of the test split/);
  });
});

describe('a checkpoint', () => {
  test('continues bit for bit, early stopping and means included', async () => {
    const whole: WeightsStore = {};
    const points: Checkpoint[] = [];
    const stopping = () => earlyStopping({ monitor: 'validation/loss', patience: 50 });
    const events = await all(run$({ epochs: 3 }, { every: steps(2) }).pipe(stopping(), tap((event) => event.type === 'step' && points.push(checkpointOf(event[RUN]))), keep(whole)));
    const from = points[4];
    const rest: WeightsStore = {};
    const resumed = await all(
      batches(data.train, { size: 32, epochs: 3, seed: 5, from: from.step }).pipe(forward(mlp({ hidden: [8] })), loss(softmaxCrossEntropy()), optimize(adam({ learningRate: 1e-2 }), { resume: from }), metrics(accuracy(), gradientNorm())).pipe(evaluate(data.validation, { every: steps(2) }), stopping(), keep(rest)),
    );
    expect(weightsSha256(rest.weights!)).toBe(weightsSha256(whole.weights!));
    expect(resumed.map(timeless)).toEqual(events.filter(({ step }) => step >= from.step).map(timeless));
  });

  test('of a run that was stopped between two evaluations knows nothing of the one that its end brought', async () => {
    const going = (options: BatchesOptions, store: WeightsStore, resume?: Checkpoint) =>
      batches(data.train, { size: 32, epochs: 6, seed: 5, ...options }).pipe(
        takeWhile(({ step }) => step < 5 || resume !== undefined || store !== stopped),
        forward(mlp({ hidden: [8] })), loss(softmaxCrossEntropy()), optimize(adam({ learningRate: 1e-2 }), { resume }), metrics(), evaluate(data.validation, { every: steps(4) }), earlyStopping({ monitor: 'validation/loss', patience: 3, minDelta: 10 }),
        checkpoint({ write: (made) => void (last = made) }, { every: steps(100) }), keep(store),
      );
    let last: Checkpoint | undefined;
    const [whole, stopped, rest]: WeightsStore[] = [{}, {}, {}];
    const events = await all(going({}, whole));
    const first = await all(going({}, stopped));
    expect(first.map(({ type, step }) => `${type} ${step}`).slice(-3)).toEqual(['evaluation 3', 'step 4', 'evaluation 4']);
    const resumed = await all(going({ from: last!.step }, rest, last));
    expect([...first.slice(0, -1), ...resumed].map(timeless)).toEqual(events.map(timeless));
    expect(weightsSha256(rest.weights!)).toBe(weightsSha256(whole.weights!));
  });
});

describe('back-pressure', () => {
  test('a sink that holds the pace keeps the number of events in flight bounded', async () => {
    let inFlight = 0;
    let most = 0;
    const releases: (() => void)[] = [];
    await all(
      steps$({ epochs: 20 }).pipe(
        tap((event) => {
          most = Math.max(most, ++inFlight);
          if (inFlight >= 8) releases.push(event[RUN].pacer.hold());
        }),
        delay(2),
        tap(() => {
          inFlight--;
          while (inFlight < 4 && releases.length > 0) releases.shift()!();
        }),
      ),
    );
    expect(most).toBeLessThanOrEqual(8);
  });

  test('a watcher that joins late starts at the current step', async () => {
    const shared$ = steps$({ epochs: 10 }).pipe(share());
    const first: number[] = [];
    const late: number[] = [];
    await new Promise<void>((resolve) => {
      shared$.subscribe({
        next: ({ step }) => {
          first.push(step);
          if (step === 9) shared$.subscribe((event) => late.push(event.step));
        },
        complete: resolve,
      });
    });
    expect(late).toEqual(first.slice(10));
  });
});
