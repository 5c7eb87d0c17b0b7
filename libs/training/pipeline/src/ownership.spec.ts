import '@tensorflow/tfjs';
import fc from 'fast-check';
import { delay, filter, map, Subject, take, takeUntil, tap, type Observable } from 'rxjs';
import { softmaxCrossEntropy } from '@gradstream/losses';
import { mlp } from '@gradstream/models';
import { adam } from '@gradstream/optimizers';
import { batches, earlyStopping, evaluate, forward, keep, loss, metrics, optimize, RUN, Step, steps, type WeightsStore } from './index.ts';
import { all, data, onCpu, run$, steps$, tensors, timeless } from './small-run.fixture.ts';

beforeAll(onCpu);
beforeEach(() => expect(tensors()).toBe(0));
afterEach(() => expect(tensors()).toBe(0));

/** Subscribes until something happens, and settles whichever way the run ends. */
const settled = (source$: Observable<unknown>): Promise<string> =>
  new Promise((resolve) => source$.subscribe({ error: (error: Error) => resolve(error.message), complete: () => resolve('complete') }));
const turn = () => new Promise((resolve) => setTimeout(resolve, 20));

describe('tensors', () => {
  test('their number is the same at the same phase of every step', async () => {
    const counts = new Map<string, Set<number>>();
    await all(run$({ epochs: 4 }).pipe(tap(({ type }) => counts.set(type, (counts.get(type) ?? new Set()).add(tensors())))));
    expect([...counts].map(([type, seen]) => [type, seen.size])).toEqual([['step', 1], ['evaluation', 1]]);
  });

  test('are back at their start after completion, error and unsubscription at any step', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 7 }), fc.constantFrom('take', 'error', 'unsubscribe', 'unsubscribe inside', 'error above'), fc.boolean(), async (at, how, withKeep) => {
        const store: WeightsStore = {};
        const source$ = (how === 'error above'
          ? batches(data.train, { size: 32, epochs: 2 }).pipe(tap(({ step }) => { if (step === at) throw new Error('above'); }), forward(mlp({ hidden: [4] })), loss(softmaxCrossEntropy()), optimize(adam({ learningRate: 0.01 })), metrics(), evaluate(data.validation, { every: steps(2) }))
          : run$({}, { every: steps(2) })).pipe(withKeep ? keep(store) : map((event) => event));
        let seen = 0;
        if (how === 'take') await settled(source$.pipe(take(at + 1)));
        else if (how === 'error') await settled(source$.pipe(tap(() => { if (seen++ === at) throw new Error('below'); })));
        else if (how === 'error above') await settled(source$);
        else {
          await new Promise<void>((resolve) => {
            const subscription = source$.subscribe({
              next: () => {
                if (seen++ !== at) return;
                if (how === 'unsubscribe inside') subscription.unsubscribe();
                else setImmediate(() => subscription.unsubscribe());
                setImmediate(resolve);
              },
              complete: resolve,
            });
          });
        }
        await turn();
        expect(tensors()).toBe(0);
        if (withKeep && !(how === 'error above' && at === 0)) expect(store.weights?.size).toBe(4);
      }),
      { numRuns: 40, seed: 7 },
    );
  });

  test('a step that is read after it has ended says so', async () => {
    let held: Step | undefined;
    const message = await settled(
      batches(data.train, { epochs: 1 }).pipe(forward(mlp({ hidden: [4] })), loss(softmaxCrossEntropy()), optimize(adam({ learningRate: 0.01 })), tap((step) => { void held?.loss; held = step; }), metrics()),
    );
    expect(message).toBe("'loss' of step 0 was read after the step had ended: tensors are lent while a step is emitted; put asynchronous operators below 'metrics'");
  });

  test('an asynchronous operator between optimize and metrics is refused with the same sentence', async () => {
    const message = await settled(batches(data.train, { epochs: 1 }).pipe(forward(mlp({ hidden: [4] })), loss(softmaxCrossEntropy()), optimize(adam({ learningRate: 0.01 })), delay(1), metrics()));
    expect(message).toMatch(/^'scalars' of step 0 was read after the step had ended/);
  });

  test('an asynchronous operator above optimize is refused before batches pile up', async () => {
    const message = await settled(batches(data.train, { size: 4 }).pipe(delay(1000), forward(mlp({ hidden: [4] })), loss(softmaxCrossEntropy()), optimize(adam({ learningRate: 0.01 })), metrics()));
    expect(message).toMatch(/^batches: 256 batches were emitted and none reached 'optimize'/);
  });
});

describe('the result', () => {
  test('is the best evaluation on every way a run can end', async () => {
    const weightsAt = async (end: (run: ReturnType<typeof run$>) => Observable<unknown>, graceful?: Subject<void>) => {
      const store: WeightsStore = {};
      let best: { step: number } | undefined;
      const source$ = (graceful ? run$({ epochs: 6 }).pipe(takeUntil(graceful)) : run$({ epochs: 6 })).pipe(earlyStopping({ monitor: 'validation/loss', patience: 100 }), tap((event) => (best = event[RUN].nominated)), keep(store));
      await settled(end(source$ as never));
      await turn();
      return { weights: store.weights, best };
    };
    for (const end of [(s: Observable<unknown>) => s, (s: Observable<unknown>) => s.pipe(take(9)), (s: Observable<unknown>) => s.pipe(tap((e) => { if ((e as { step: number }).step === 11) throw new Error('x'); }))]) {
      const { weights, best } = await weightsAt(end as never);
      expect(weights).toBeDefined();
      expect(weights).toBe((best as { weights?: unknown } | undefined)?.weights);
    }
  });

  test('an observer that unsubscribed hears nothing, and the store still gets the weights', async () => {
    const store: WeightsStore = {};
    const heard: string[] = [];
    const subscription = run$({ epochs: 50 }).pipe(keep(store)).subscribe({ next: () => heard.push('next'), complete: () => heard.push('complete'), error: () => heard.push('error') });
    await turn();
    subscription.unsubscribe();
    const before = heard.length;
    await turn();
    expect(heard.length).toBe(before);
    expect(heard).not.toContain('complete');
    expect(store.weights?.size).toBe(4);
  });
});

describe('a stop at the top', () => {
  test('completes, also in the middle of an evaluation', async () => {
    const stop$ = new Subject<void>();
    const events: string[] = [];
    const graceful$ = batches(data.train, { size: 32, epochs: 50 }).pipe(
      takeUntil(stop$),
      forward(mlp({ hidden: [8] })),
      loss(softmaxCrossEntropy()),
      optimize(adam({ learningRate: 0.01 })),
      metrics(),
      evaluate(data.validation, { every: steps(2), size: 1 }),
      tap(({ type, step }) => {
        events.push(type);
        if (type === 'step' && step === 3) setImmediate(() => stop$.next());
      }),
    );
    expect(await settled(graceful$)).toBe('complete');
    expect(events.at(-1)).toBe('evaluation');
  });
});

test('synchronous operators fit between any two stages, and filtered steps do not lose an evaluation', async () => {
  const plain = await all(run$());
  const touched = await all(
    batches(data.train, { size: 32, epochs: 2, seed: 5 }).pipe(map((batch) => ({ ...batch })), forward(mlp({ hidden: [8] })), tap(), loss(softmaxCrossEntropy()), tap(), optimize(adam({ learningRate: 1e-2 })), tap(), metrics()).pipe(filter(({ index }) => index !== 2), evaluate(data.validation)),
  );
  const evaluations = (events: readonly { type: string }[]) => events.filter(({ type }) => type === 'evaluation').length;
  expect(evaluations(touched)).toBe(evaluations(plain));
});

test('subscribing twice trains twice, with the same events', async () => {
  const twice$ = steps$();
  const [a, b] = [await all(twice$), await all(twice$)];
  expect(a.map(timeless)).toEqual(b.map(timeless));
});
