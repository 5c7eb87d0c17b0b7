import '@tensorflow/tfjs';
import { averageByEma, adam, chain } from '@gradstream/optimizers';
import { softmaxCrossEntropy, accuracy } from '@gradstream/losses';
import { mlp } from '@gradstream/models';
import { weightsSha256 } from '@gradstream/numerics';
import { atEnd, batches, earlyStopping, evaluate, forward, keep, loss, metrics, optimize, steps, type WeightsStore } from './index.ts';
import { all, data, onCpu, tensors } from './small-run.fixture.ts';

beforeAll(onCpu);
afterEach(() => expect(tensors()).toBe(0));

const averaged$ = (norms: boolean) =>
  batches(data.train, { size: 32, epochs: 4, seed: 5 }).pipe(
    forward(mlp({ hidden: [8], batchNorm: true })),
    loss(softmaxCrossEntropy()),
    optimize(chain(adam({ learningRate: 3e-2 }), averageByEma({ decay: 0.9 }))),
    metrics(accuracy()),
    evaluate(data.validation, { every: steps(3), ...(norms ? { norms: data.train } : {}) }),
  );

const losses = (events: readonly { type: string; metrics?: unknown }[]) => events.filter(({ type }) => type === 'evaluation').map(({ metrics: m }) => (m as Record<string, number>)['validation/loss']);

test('averaged weights are evaluated with recomputed statistics, and training goes on untouched', async () => {
  const result = async (norms: boolean) => {
    const store: WeightsStore = {};
    const events = await all(averaged$(norms).pipe(keep(store)));
    return { losses: losses(events), sha: weightsSha256(store.weights!), trained: events.filter(({ type }) => type === 'step').map((event) => (event as { metrics: Record<string, number> }).metrics['train/loss']) };
  };
  const [plain, recomputed] = [await result(false), await result(true)];
  expect(recomputed.losses).not.toEqual(plain.losses);
  expect(recomputed.trained).toEqual(plain.trained);
  expect(recomputed.sha).toBe(plain.sha);
});

test('the result that is evaluated at the end is the best one, also when the optimizer averages', async () => {
  const events = await all(averaged$(false).pipe(earlyStopping({ monitor: 'validation/loss', patience: 50 }), evaluate(data.validation, { every: atEnd() })));
  const seen = losses(events);
  expect(seen.at(-1)).toBeCloseTo(Math.min(...seen.slice(0, -1)), 5);
});
