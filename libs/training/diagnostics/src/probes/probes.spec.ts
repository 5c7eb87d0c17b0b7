import { lastValueFrom, share, Subject, take, tap, toArray, type Observable } from 'rxjs';
import * as tf from '@tensorflow/tfjs-core';
import { key, type Split } from '@gradstream/numerics';
import { blobs, digits, kFold, labelNoise, linear, subset } from '@gradstream/datasets';
import { useBackend } from '@gradstream/engine';
import { areaUnderRoc, calibrationError, meanSquaredError, softmaxCrossEntropy } from '@gradstream/losses';
import { build, initialize, mlp } from '@gradstream/models';
import { adam, sgd } from '@gradstream/optimizers';
import { atEnd, batches, epochs, evaluate, forward, loss, metrics, optimize, RUN, steps, type BatchesOptions } from '@gradstream/pipeline';
import type { RunEvent } from '@gradstream/protocol';
import { lanczos } from '../curvature/hessian.ts';
import { filterNormalizedDirection, lossOnPlane } from '../curvature/slice.ts';
import { surfaceOf } from '../curvature/surface.ts';
import { testLedger } from '../ledger.ts';
import { norm, plus } from '../linear-algebra.ts';
import { allOf } from '../split-arrays.ts';
import { adviseBatchSize, curvature, deadUnits, disagreement, exampleHistory, generalizationGap, gradientNoise, probe, sharpness, slice, spectrum, weightStatistics, type Diagnostic } from '../index.ts';

const { train, validation, test } = blobs({ n: 550, validation: 100, test: 50, seed: 1 });
const classifier = (split: Split<'classes' | 'probabilities'> = train, options: BatchesOptions = {}, optimizer = adam({ learningRate: 0.01 }), activation: 'relu' | 'tanh' = 'relu') =>
  batches(split, { size: 32, epochs: 4, seed: 2, ...options }).pipe(forward(mlp({ hidden: [16], activation })), loss(softmaxCrossEntropy()), optimize(optimizer), metrics());
const all = <T>(source: Observable<T>): Promise<T[]> => lastValueFrom(source.pipe(toArray()));
const timeless = (events: readonly RunEvent[]): unknown => JSON.parse(JSON.stringify(events.map((event) => ({ ...event, wall: 0, seconds: 0 }))));

// Busy machines take longer than the five seconds that jest allows.
jest.setTimeout(30_000);
beforeAll(() => useBackend({ backend: 'wasm' }));

const everyDiagnostic: readonly (readonly [string, () => Diagnostic])[] = [
  ['curvature', () => curvature(train)],
  ['spectrum', () => spectrum(train, { examples: 64, iterations: 5, probes: 3 })],
  ['sharpness', () => sharpness(train, { examples: 64 })],
  ['slice', () => slice(train, { examples: 64, points: 5 })],
  ['generalizationGap', () => generalizationGap(train, validation)],
  ['gradientNoise', () => gradientNoise(train, { size: 16, batches: 8 })],
  ['weightStatistics', () => weightStatistics(train)],
  ['deadUnits', () => deadUnits(train)],
  ['exampleHistory', () => exampleHistory(train)],
];

describe.each(everyDiagnostic)('%s', (_, make) => {
  it('measures when it is asked to, changes nothing of the run, and leaves no tensor behind', async () => {
    const alone = timeless(await all(classifier()));
    const tensors = tf.memory().numTensors;
    const run$ = classifier().pipe(share());
    const seen: RunEvent[] = [];
    const beside = run$.subscribe((event) => seen.push(event));
    const events = await all(run$.pipe(probe(make(), { every: steps(20) })));
    beside.unsubscribe();
    expect(events.map(({ step }) => step)).toEqual([19, 39]);
    for (const { metrics, diagnostic } of events) {
      expect(Object.keys(metrics).every((name) => name.startsWith(`${diagnostic}/`))).toBe(true);
      expect(Object.values(metrics).every(Number.isFinite)).toBe(true);
    }
    expect(timeless(seen)).toEqual(alone);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it('gives the same numbers again', async () => {
    const once = () => all(classifier().pipe(probe(make(), { every: epochs(2) })));
    expect(timeless(await once())).toEqual(timeless(await once()));
  });

  it('frees everything when its subscriber leaves while it measures', async () => {
    const tensors = tf.memory().numTensors;
    await lastValueFrom(classifier().pipe(probe(make(), { every: steps(3) }), take(1)));
    await new Promise<void>((resolve) => {
      const subscription = classifier().pipe(tap((event) => {
        if (event.type === 'step' && event.step === 5) setImmediate(() => {
          subscription.unsubscribe();
          resolve();
        });
      }), probe(make(), { every: steps(6) })).subscribe();
    });
    expect(tf.memory().numTensors).toBe(tensors);
  });
});

describe('probe', () => {
  const counting = (): { readonly diagnostic: Diagnostic; readonly seen: number[] } => {
    const seen: number[] = [];
    return { seen, diagnostic: { name: 'count', begin: () => ({ read: (_, { step }) => ({ metrics: { step: seen.push(step) } }) }) } };
  };

  it('computes nothing without a subscriber, and nothing more once it has left', async () => {
    const { diagnostic, seen } = counting();
    const run$ = classifier().pipe(share());
    const probed$ = run$.pipe(probe(diagnostic, { every: steps(5) }));
    await all(run$);
    expect(seen).toEqual([]);
    const watched = all(run$);
    await lastValueFrom(probed$.pipe(take(2)));
    await watched;
    expect(seen).toEqual([4, 9]);
  });

  it('measures after the next step whenever an Observable asks', async () => {
    const { diagnostic, seen } = counting();
    const ask$ = new Subject<void>();
    await all(classifier().pipe(tap((event) => event.type === 'step' && [10, 20].includes(event.step) && ask$.next()), probe(diagnostic, { every: ask$ })));
    expect(seen).toEqual([10, 20]);
    expect(ask$.observed).toBe(false);
  });

  it('measures the result at the end', async () => {
    const { diagnostic, seen } = counting();
    await all(classifier().pipe(probe(diagnostic, { every: atEnd() })));
    expect(seen).toEqual([51]);
  });

  it('fails with a diagnostic that fails, and refuses what is no rhythm and splits that decide', async () => {
    const broken: Diagnostic = { name: 'broken', begin: () => ({ read: () => { throw new Error('no number'); } }) };
    await expect(all(classifier().pipe(probe(broken)))).rejects.toThrow('no number');
    expect(() => probe(broken, { every: 7 as never })).toThrow('probe: every must be steps(n), epochs(n), atEnd() or an Observable, received 7');
    for (const make of [curvature, exampleHistory, deadUnits]) expect(() => make(test)).toThrow('takes a train or validation split');
    expect(() => curvature(train, { iterations: 0 })).toThrow('curvature: iterations must be a whole number of at least 1');
  });
});

describe('what diagnostics say', () => {
  it.each([
    ['blobs', async () => train, { epochs: 10 }, sgd({ learningRate: 0.1 })],
    ['digits', async () => (await digits({ validation: 300 })).train, { epochs: 4 }, adam({ learningRate: 1e-3 })],
  ] as const)('curvature follows 100 Lanczos iterations within 5 %%: a tanh network on %s', async (_, given, options, optimizer) => {
    const split = await given();
    const ratios: number[] = [];
    await all(classifier(split, options, optimizer, 'tanh').pipe(probe(curvature(split), { every: steps(20) }), tap((event) => {
      const { trainer } = event[RUN];
      const weights = trainer.weights();
      const surface = surfaceOf(trainer.model, trainer.objective, allOf(split, 64), weights, { compiled: true });
      ratios.push(event.metrics['curvature/lambdaMax'] / lanczos(surface, surface.pointOf(weights), { iterations: 100 }).at(-1)!);
      surface.dispose();
    })));
    expect(ratios.length).toBeGreaterThanOrEqual(6);
    for (const ratio of ratios) expect(Math.abs(ratio - 1)).toBeLessThan(0.05);
  }, 60_000);

  it('compiled gradients are those of the tape but for rounding', () => {
    const model = build(mlp({ hidden: [16, 8] }), train.inputShape, train.targets.width);
    const weights = initialize(model, key(3));
    const [tape, compiled] = [false, true].map((compiled) => surfaceOf(model, softmaxCrossEntropy(), allOf(train), weights, { compiled, size: 150 }));
    const at = tape.pointOf(weights);
    const [a, b] = [tape.gradient(at), compiled.gradient(at)];
    expect(b.loss).toBeCloseTo(a.loss, 5);
    expect(norm(plus(b.gradient, a.gradient, -1)) / norm(a.gradient)).toBeLessThan(1e-5);
    tape.dispose();
    compiled.dispose();
  });

  it('a slice is filter by filter as long as the weights, and its plane has the loss in its middle', () => {
    const model = build(mlp({ hidden: [5] }), train.inputShape, train.targets.width);
    const weights = initialize(model, key(3));
    const surface = surfaceOf(model, softmaxCrossEntropy(), allOf(train), weights);
    const at = surface.pointOf(weights);
    const direction = filterNormalizedDirection(surface, at, key(1));
    const [inputs, units] = surface.params[0].shape;
    for (let unit = 0; unit < units; unit++) {
      const filter = (of: ArrayLike<number>): number[] => Array.from({ length: inputs }, (_, i) => of[i * units + unit]);
      expect(norm(filter(direction))).toBeCloseTo(norm(filter(at)), 8);
    }
    expect(direction.slice(inputs * units, inputs * units + units)).toEqual(new Float64Array(units));
    const plane = lossOnPlane(surface, at, [-1, 0, 1], [-1, 0, 1], key(1));
    expect(plane[1][1]).toBe(surface.loss(at));
    surface.dispose();
  });

  it('the gap is what evaluations differ by, inside its interval, and grows where a network memorises', async () => {
    const few = subset((await digits({ validation: 300 })).train, { n: 60 });
    const held = (await digits({ validation: 300 })).validation;
    const run$ = classifier(few, { size: 20, epochs: 60 }).pipe(evaluate(held, { every: epochs(60) }), share());
    const evaluated = lastValueFrom(run$);
    const gaps = await all(run$.pipe(probe(generalizationGap(few, held), { every: epochs(20) })));
    const last = gaps.at(-1)!.metrics;
    const event = await evaluated;
    const heldLoss = event.type === 'evaluation' ? event.metrics['validation/loss'] : NaN;
    expect(last['gap/loss']).toBeGreaterThan(0.2);
    expect(last['gap/loss']).toBeLessThan(heldLoss);
    expect(last['gap/low']).toBeLessThan(last['gap/loss']);
    expect(last['gap/high']).toBeGreaterThan(last['gap/loss']);
    expect(last['gap/error']).toBeGreaterThan(5);
  });

  it('squared errors have a gap too, and other losses are refused with a sentence', async () => {
    const values = linear({ n: 100, validation: 50, noise: 0.1, seed: 1 });
    const run = (split: Split<'values'>) => batches(split, { size: 25, epochs: 4 }).pipe(forward(mlp({ hidden: [4] })), loss(meanSquaredError()), optimize(adam({ learningRate: 0.01 })), metrics());
    const [gap] = await all(run(values.train).pipe(probe(generalizationGap(values.train, values.validation), { every: atEnd() })));
    expect(Object.keys(gap.metrics)).toEqual(['gap/loss', 'gap/low', 'gap/high']);
    const soft: Split<'probabilities'> = { ...train, store: undefined, targets: { kind: 'probabilities', width: 3 }, gather: (indices) => {
      const { targets, ...rest } = train.gather(indices);
      return { ...rest, targets: { kind: 'probabilities', width: 3, shape: [indices.length, 3], values: Float32Array.from({ length: indices.length * 3 }, (_, i) => (targets.values[Math.floor(i / 3)] === i % 3 ? 1 : 0)) } };
    } };
    await expect(all(classifier().pipe(probe(generalizationGap(soft, soft))))).rejects.toThrow("losses of single examples: known for classes with softmax and for values, received probabilities with 'softmaxCrossEntropy'");
  });

  it('a network that was driven into the ground has dead units, a fresh one has none or few', async () => {
    const dead = async (learningRate: number) => (await all(classifier(train, { epochs: 1 }, sgd({ learningRate })).pipe(probe(deadUnits(train), { every: atEnd() }))))[0].metrics['units/dead'];
    expect(await dead(1_000)).toBeGreaterThan(0.3);
    expect(await dead(1e-4)).toBeLessThan(0.2);
  });

  it('weights move by the learning rate under sign-like steps, and the ratio is per step', async () => {
    const [, second] = await all(classifier(train, { epochs: 2 }, adam({ learningRate: 1e-3 })).pipe(probe(weightStatistics(train, { examples: 0 }), { every: steps(10) })));
    const ratio = second.metrics['weights/update/hidden1/kernel'];
    expect(ratio).toBeGreaterThan(1e-4);
    expect(ratio).toBeLessThan(1e-2);
    expect(second.metrics['weights/gradient/hidden1/kernel']).toBeUndefined();
    expect(second.metrics['weights/norm/hidden1/kernel']).toBeGreaterThan(0.1);
  });

  it('wrong labels stand first among the suspects', async () => {
    const { split, changed } = labelNoise(subset((await digits()).train, { n: 600 }), { share: 0.1, seed: 4 });
    const { detail } = await lastValueFrom(classifier(split, { size: 30, epochs: 3 }).pipe(probe(exampleHistory(split), { every: epochs(1) })));
    const meanLoss = detail!['meanLoss'] as number[];
    const planted = new Set(changed);
    expect(areaUnderRoc(meanLoss, meanLoss.map((_, i) => planted.has(i)))).toBeGreaterThan(0.9);
    const suspects = (detail!['suspects'] as number[]).slice(0, 30);
    expect(suspects.filter((i) => planted.has(i)).length).toBeGreaterThan(24);
  });

  it('twins on disjoint halves differ about as often as they err', async () => {
    const { train: whole, validation: unlabelled } = await digits({ validation: 400 });
    const [left, right] = kFold(whole, { k: 2, seed: 1 }).map(({ train: half }, i) => classifier(half, { epochs: 15, seed: i }));
    const events = await all(left.pipe(disagreement(right, unlabelled, { every: epochs(5) })));
    const disagreements = events.map(({ metrics }) => metrics['twins/disagreement']);
    expect(events.length).toBe(3);
    expect(disagreements[2]).toBeLessThan(disagreements[0]);
    expect(disagreements[2]).toBeGreaterThan(2);
    expect(disagreements[2]).toBeLessThan(15);
    expect(events[2].metrics['twins/entropy']).toBeGreaterThan(3);
  });

  it('the noise scale of a network falls short of its data set and grows while it learns', async () => {
    const events = await all(classifier(train, { epochs: 10 }, sgd({ learningRate: 0.1 })).pipe(probe(gradientNoise(train, { size: 16, batches: 16, smoothing: 0 }), { every: steps(60) })));
    const scales = events.map(({ metrics }) => metrics['noise/scale']);
    expect(scales.at(-1)!).toBeGreaterThan(scales[0]);
    expect(() => gradientNoise(train, { size: 300 })).toThrow('takes at least two batches that the split can fill');
  });

  it('calibration is a metric of any evaluation', async () => {
    const events = await all(classifier(train, { epochs: 1 }).pipe(evaluate(validation, { metrics: [calibrationError({ bins: 5 })] })));
    expect(events.at(-1)!.metrics).toHaveProperty('validation/calibrationError');
  });
});

describe('advice on the batch size', () => {
  it('prices the noise scale at twice the fewest steps and twice the fewest examples, and stays below it', () => {
    const { advised, priced, says } = adviseBatchSize(64);
    expect(priced.find(({ size }) => size === 64)).toEqual({ size: 64, steps: 2, examples: 2 });
    expect(advised).toBe(64);
    expect(says).toBe('At a noise scale of 64 examples a batch of 64 needs 2 times the fewest steps and 2 times the fewest examples.');
    expect(adviseBatchSize(64, { most: 1.2 }).advised).toBe(8);
  });

  it('takes the fastest where step times are known: large batches where they cost nothing, small ones where they cost all', () => {
    expect(adviseBatchSize(64, { stepSeconds: { 8: 1, 4096: 1 } }).advised).toBe(4096);
    expect(adviseBatchSize(64, { stepSeconds: { 8: 1, 4096: 512 } }).advised).toBe(8);
    expect(adviseBatchSize(64, { stepSeconds: { 8: 1, 256: 1.1, 512: 4 } }).advised).toBe(256);
  });

  it('refuses a scale that was not measured', () => {
    for (const scale of [NaN, 0, -3, Infinity]) expect(() => adviseBatchSize(scale)).toThrow('the noise scale must be a positive number');
  });
});

describe('the ledger of the test set', () => {
  const coins = (models: number, examples: number, error: number, alike = false) => {
    const ledger = testLedger(examples);
    for (let m = 0; m < models; m++) ledger.note(`model ${m}`, Array.from({ length: examples }, (_, i) => ((i * 7_919 + (alike ? 0 : m) * 104_729) * 2_654_435_761) % 4_294_967_296 < error * 4_294_967_296));
    return ledger;
  };

  it('finds no optimism in one look, nor in thirty looks at one model', () => {
    expect(coins(1, 500, 0.1).optimism()).toMatchObject({ looks: 1, optimism: 0 });
    expect(coins(30, 500, 0.1, true).optimism().optimism).toBeLessThan(0.002);
  });

  it('finds about two standard errors in the best of thirty that are independent, and less on more examples', () => {
    // The least of thirty normal numbers is 2.04 deviations below their mean (Harter 1961, table 1).
    const { optimism, best, corrected, looks } = coins(30, 500, 0.1).optimism();
    const deviation = Math.sqrt((0.1 * 0.9) / 500);
    expect(looks).toBe(30);
    expect(optimism).toBeGreaterThan(1.2 * deviation);
    expect(optimism).toBeLessThan(2.6 * deviation);
    expect(corrected).toBeCloseTo(best!.error + optimism, 12);
    expect(coins(30, 4_000, 0.1).optimism().optimism).toBeLessThan(optimism / 1.8);
  });

  it('refuses looks at another set', () => {
    expect(() => testLedger(10).note('a', [1])).toThrow("'a' was measured on 1 examples, the test set has 10");
    expect(() => testLedger(0)).toThrow('testLedger: examples must be a whole number of at least 1, received 0');
    expect(testLedger(5).optimism()).toEqual({ looks: 0, optimism: 0, corrected: NaN });
  });
});
