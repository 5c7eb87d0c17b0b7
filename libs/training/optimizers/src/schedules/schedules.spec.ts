import fc from 'fast-check';
import { TestScheduler } from 'rxjs/testing';
import { buildFrom, specOf, type Factory, type Rule, type Schedule } from '@gradstream/numerics';
import * as library from '../index.ts';
import { cosine, cyclic, cyclicMomentum, join, linear, oneCycle, oneCycleMomentum, optimizerRegistries, piecewise, plateau, polynomial, product, rangeTest, reduceOnPlateau, schedules, warmRestarts, warmup, warmupCosine, warmupStableDecay } from '../index.ts';

type Make = Factory<Record<string, unknown>, Schedule>;

/** An option that must be given, for any schedule that has it. */
const REQUIRED: Readonly<Record<string, unknown>> = {
  value: 0.1, initial: 0.1, end: 0.01, peak: 0.1, totalSteps: 20, warmupSteps: 5, stableSteps: 5, decaySteps: 10, every: 4, decay: 0.5, period: 6, low: 0.01, high: 0.1, up: 3, modelSize: 64,
  milestones: [3, 7], boundaries: [4], values: [0.1, 0.01], schedules: [0.1, 0.2], schedule: 0.1, steps: 5,
};
const build = (make: Make, more: Record<string, unknown> = {}): Schedule => make({ ...Object.fromEntries(make.required.map((option) => [option, REQUIRED[option]])), ...more });

describe.each(Object.entries(schedules) as unknown as [string, Make][])('%s', (name, make) => {
  it('is exported under its name', () => expect((library as Record<string, unknown>)[name]).toBe(make));

  it('is a pure function of the step, finite everywhere', () => {
    const [schedule, again] = [build(make), build(make)];
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 10_000 }), { minLength: 1 }), (steps) => {
      const forward = steps.map(schedule);
      expect(forward.every(Number.isFinite)).toBe(true);
      expect([...steps].reverse().map(again).reverse()).toEqual(forward);
    }), { seed: 1, numRuns: 30 });
  });

  it('is written as a document and read back', () => {
    const schedule = build(make);
    const again = buildFrom<Schedule>(optimizerRegistries, 'schedule', JSON.parse(JSON.stringify(specOf(schedule))), 'learningRate');
    expect([0, 1, 5, 19, 100].map(again)).toEqual([0, 1, 5, 19, 100].map(schedule));
  });

  it('refuses what its options must not be', () => {
    for (const [option, rule] of Object.entries<Rule>(make.options)) expect(() => build(make, { [option]: NaN })).toThrow(`${name}: ${option} must be ${rule.says}, received NaN`);
    for (const option of make.required) expect(() => build(make, { [option]: undefined })).toThrow(`${name}: ${option} is required`);
  });
});

describe('boundaries', () => {
  it('have the new value already', () => expect([9, 10, 11].map(piecewise({ boundaries: [10], values: [1, 2] }))).toEqual([1, 2, 2]));

  it('must rise, and be one fewer than the values or schedules', () => {
    expect(() => piecewise({ boundaries: [5, 5], values: [1, 2, 3] })).toThrow('piecewise: boundaries must rise, received [5,5]');
    expect(() => piecewise({ boundaries: [5], values: [1] })).toThrow('piecewise: values must be one more than boundaries (1), received 1');
    expect(() => join({ schedules: [1, 2], boundaries: [] })).toThrow('join: boundaries must be one less than schedules (2), received 0');
    expect(() => join({ schedules: [1, 2, 3], boundaries: [4, 3] })).toThrow('join: boundaries must rise, received [4,3]');
  });

  it('begin a clock of its own for each joined schedule, but one clock for factors', () => {
    const ramp = linear({ initial: 0, end: 10, totalSteps: 10 });
    expect([0, 4, 5, 6].map(join({ schedules: [ramp, ramp], boundaries: [5] }))).toEqual([0, 4, 0, 1]);
    expect([0, 4, 5].map(product({ schedules: [ramp, 2, ramp] }))).toEqual([0, 32, 50]);
  });
});

describe('ends', () => {
  it('are held by cosine, unless it is to rise again', () => {
    const options = { initial: 1, totalSteps: 10, end: 0.1 };
    expect(cosine(options)(15)).toBeCloseTo(0.1, 12);
    expect(cosine({ ...options, after: 'rise' })(20)).toBeCloseTo(1, 12);
  });

  it.each([
    ['linear', linear({ initial: 1, end: 0.2, totalSteps: 10 }), 0.2],
    ['polynomial', polynomial({ initial: 1, end: 0.2, totalSteps: 10, power: 3 }), 0.2],
    ['warmupCosine', warmupCosine({ peak: 1, warmupSteps: 3, totalSteps: 10, end: 0.2 }), 0.2],
    ['warmupStableDecay', warmupStableDecay({ peak: 1, warmupSteps: 3, stableSteps: 3, decaySteps: 4, end: 0.2 }), 0.2],
    ['rangeTest', rangeTest({ start: 1e-3, end: 0.2, totalSteps: 10 }), 0.2],
  ])('%s reaches its end and stays there', (_, schedule, end) => {
    for (const step of [10, 11, 1000]) expect(schedule(step)).toBeCloseTo(end, 12);
  });

  it('of a warm-up meet what comes behind it', () => {
    const schedule = warmup({ schedule: cosine({ initial: 1, totalSteps: 10 }), steps: 4, start: 0.2 });
    [0.2, 0.4, 0.6, 0.8, 1].forEach((value, step) => expect(schedule(step)).toBeCloseTo(value, 12));
    expect(schedule(14)).toBeCloseTo(0, 12);
    expect(warmupCosine({ peak: 1, warmupSteps: 4, totalSteps: 14 })(4)).toBe(1);
    expect(() => warmupCosine({ peak: 1, warmupSteps: 10, totalSteps: 10 })).toThrow('warmupCosine: totalSteps includes the warm-up and must be above warmupSteps (10), received 10');
  });
});

describe('cycles', () => {
  it('run momentum against the learning rate', () => {
    const phases = { totalSteps: 40 };
    const [rate, momentum] = [oneCycle({ peak: 1, ...phases }), oneCycleMomentum(phases)];
    const top = Array.from({ length: 40 }, (_, step) => rate(step)).indexOf(1);
    expect(momentum(top)).toBeCloseTo(0.85, 12);
    expect([momentum(0), momentum(39)]).toEqual([0.95, 0.95]);
    expect(rate(39)).toBeCloseTo(1 / 25 / 1e4, 15);
    const shape = { low: 1, high: 3, up: 2 };
    expect([0, 1, 2, 3, 4].map(cyclic(shape))).toEqual([1, 2, 3, 2, 1]);
    expect([0, 1, 2, 3, 4].map(cyclicMomentum(shape))).toEqual([3, 2, 1, 2, 3]);
  });

  it('halve their height, or restart in longer and longer periods', () => {
    expect([2, 6, 10].map(cyclic({ low: 1, high: 3, up: 2, mode: 'halving' }))).toEqual([3, 2, 1.5]);
    const restarts = warmRestarts({ initial: 1, period: 2, factor: 3 });
    expect([0, 2, 8].map(restarts)).toEqual([1, 1, 1]);
  });

  it('need steps to rise and to fall in', () => {
    expect(() => oneCycle({ peak: 1, totalSteps: 3 })).toThrow('oneCycle: totalSteps (3) and rise (0.3) leave no steps to rise or to fall in');
  });
});

describe('plateau', () => {
  const rates = (values: readonly number[], options: object): number[] => values.map(plateau({ initial: 1, factor: 0.5, ...options }));

  it('acts when more than `patience` values in a row were not better', () => {
    expect(rates([5, 5, 5, 5, 5], { patience: 2 })).toEqual([1, 1, 1, 0.5, 0.5]);
    expect(rates([5, 5, 4, 5, 5], { patience: 1 })).toEqual([1, 1, 1, 1, 0.5]);
  });

  it('takes NaN for no improvement, and counts nothing while it cools', () => {
    expect(rates([5, NaN, NaN], { patience: 1 })).toEqual([1, 1, 0.5]);
    expect(rates([5, 5, 5, 5, 5], { patience: 0, cooldown: 2 })).toEqual([1, 0.5, 0.5, 0.5, 0.25]);
  });

  it('goes up for metrics that should be large, and never below its smallest rate', () => {
    expect(rates([1, 2, 3, 3, 3], { patience: 0, mode: 'max', min: 0.4 })).toEqual([1, 1, 1, 0.5, 0.4]);
  });
});

describe('reduceOnPlateau', () => {
  const scheduler = (): TestScheduler => new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
  const operator = () => reduceOnPlateau({ initial: 1, factor: 0.5, patience: 0 });
  const metric = { a: 3, b: 3, c: 2 };
  const rate = { x: 1, y: 0.5 };

  it('emits its first rate at once, then one per value, and completes with its source', () => {
    scheduler().run(({ cold, expectObservable }) => expectObservable(cold('-a-b-c|', metric).pipe(operator())).toBe('xx-y-y|', rate));
  });

  it('hands an error on', () => {
    scheduler().run(({ cold, expectObservable }) => expectObservable(cold('-a-#', metric).pipe(operator())).toBe('xx-#', rate));
  });

  it('lets go of its source when it is let go, and begins anew for each subscriber', () => {
    scheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a-b-c-', metric);
      const reduced = source.pipe(operator());
      expectObservable(reduced, '^---!').toBe('xx-y', rate);
      expectObservable(reduced, '----------^-----!').toBe('----------xx-y-y', rate);
      expectSubscriptions(source.subscriptions).toBe(['^---!', '----------^-----!']);
    });
  });

  it('refuses what its options must not be', () => {
    expect(() => reduceOnPlateau({ initial: 0 })).toThrow('reduceOnPlateau: initial must be a number above 0, received 0');
    expect(() => reduceOnPlateau({ initial: 1, factor: 1 })).toThrow('reduceOnPlateau: factor must be in (0, 1), received 1');
  });
});
