import fc from 'fast-check';
import { InputError } from '@gradstream/numerics';
import { generalizationLoss, patience, percentAbove, progressQuotient, stoppingMonitor, successiveRises, trainingProgress, type MonitorOptions, type StoppingRule } from '../index.ts';

/** Position of the evaluation that stops, or undefined; `train` beside each. */
function stopsAt(values: readonly number[], options: Partial<MonitorOptions>, train: readonly number[] = values): number | undefined {
  const monitor = stoppingMonitor({ monitor: 'validation/loss', ...options });
  const at = values.findIndex((value, i) => monitor.see({ value, step: i, epoch: i, train: train[i] }).stop !== undefined);
  return at < 0 ? undefined : at;
}

const losses = fc.array(fc.oneof(fc.double({ min: 0.01, max: 10, noNaN: true }), fc.constant(NaN)), { minLength: 1, maxLength: 40 });

describe('patience', () => {
  test('counts evaluations without an improvement', () => {
    expect(stopsAt([3, 2, 2.5, 2.2, 1, 1, 1, 1], { patience: 3 })).toBe(7);
    expect(stopsAt([3, 2, 1], { patience: 0 })).toBeUndefined();
    expect(stopsAt([3, 3], { patience: 0 })).toBe(1);
  });

  test('a change that is not larger than minDelta uses it up', () => {
    expect(stopsAt([1, 0.99, 0.98, 0.97], { patience: 2, minDelta: 0.05 })).toBe(2);
  });

  test('evaluations before startFrom do not count', () => {
    expect(stopsAt([1, 2, 3, 4, 5], { patience: 1, startFrom: 3 })).toBe(4);
  });

  test('a baseline is a bar: the best is kept meanwhile, patience runs out', () => {
    const monitor = stoppingMonitor({ monitor: 'validation/loss', patience: 2, baseline: 0.5 });
    expect([0.9, 0.8].map((value, step) => monitor.see({ value, step, epoch: step }).stop)).toEqual([undefined, undefined]);
    expect(monitor.see({ value: 0.85, step: 2, epoch: 2 }).stop).toBe('validation/loss has not improved for 3 evaluations since step 1 (0.8)');
  });

  test('or the first best itself, which nothing has beaten', () => {
    const monitor = stoppingMonitor({ monitor: 'validation/loss', patience: 1, baseline: 0.5, baselineIs: 'best' });
    expect(monitor.see({ value: 0.9, step: 0, epoch: 0 })).toEqual({ best: false, stop: 'validation/loss has not improved for 1 evaluation' });
    expect(monitor.bestStep).toBe(-1);
  });
});

describe('every rule', () => {
  const rules: [string, StoppingRule][] = [patience(), generalizationLoss(), progressQuotient({ strip: 2 }), successiveRises({ rises: 1, strip: 2 })].map((rule) => [rule.name, rule]);

  test.each(rules)('%s: NaN is never the best, and a run of nothing but NaN has none', (_, rule) => {
    fc.assert(fc.property(losses, (values) => {
      const monitor = stoppingMonitor({ monitor: 'validation/loss', rule });
      values.forEach((value, i) => expect(monitor.see({ value, step: i, epoch: i, train: 1 }).best && Number.isNaN(value)).toBe(false));
      const finite = values.filter((value) => !Number.isNaN(value));
      expect(monitor.best).toBe(Math.min(...finite));
    }), { seed: 5 });
  });

  test.each(rules)('%s: goes on from its memory as if nothing had been', (_, rule) => {
    fc.assert(fc.property(losses, fc.nat(39), (values, cut) => {
      const see = (monitor: ReturnType<typeof stoppingMonitor>, from: number, to: number) => values.slice(from, to).map((value, i) => monitor.see({ value, step: from + i, epoch: from + i, train: 1 + value }));
      const [whole, first, second] = [0, 1, 2].map(() => stoppingMonitor({ monitor: 'validation/loss', rule }));
      const uninterrupted = see(whole, 0, values.length);
      see(first, 0, cut);
      second.restore(JSON.parse(JSON.stringify(first.save())) as ReturnType<typeof first.save>);
      expect(see(second, cut, values.length)).toEqual(uninterrupted.slice(cut));
    }), { seed: 5 });
  });
});

describe("Prechelt's criteria", () => {
  const validation = [10, 8, 7, 7.2, 6.8, 6.9, 7.4, 7.0, 7.3, 7.6, 7.9, 8.3];
  const train = [9, 7, 6, 5.5, 5.2, 5.0, 4.9, 4.85, 4.8, 4.79, 4.78, 4.77];

  test('GL stops when the error lies alpha percent above its lowest', () => {
    expect(percentAbove(7.4, 6.8)).toBeCloseTo(8.8235, 3);
    expect(stopsAt(validation, { rule: generalizationLoss({ alpha: 5 }) })).toBe(6);
    expect(stopsAt(validation, { rule: generalizationLoss({ alpha: 100 }) })).toBeUndefined();
  });

  test('PQ waits for the end of a strip, and while training makes progress', () => {
    expect(trainingProgress([6, 5.5, 5.2, 5.0])).toBeCloseTo(85, 6);
    expect(stopsAt(validation, { rule: progressQuotient({ alpha: 0.5, strip: 4 }) }, train)).toBe(11);
    expect(stopsAt(validation, { rule: progressQuotient({ alpha: 0.05, strip: 4 }) }, train)).toBe(7);
    expect(stopsAt(validation, { rule: progressQuotient({ alpha: 0.5, strip: 4 }) }, train.map((_, i) => 9 / 2 ** i))).toBeUndefined();
  });

  test('UP stops after strips that end higher, one after another', () => {
    // Ends of strips of 2: 8, 7.2, 6.9, 7.0, 7.6, 8.3.
    expect(stopsAt(validation, { rule: successiveRises({ rises: 3, strip: 2 }) })).toBe(11);
    expect(stopsAt(validation, { rule: successiveRises({ rises: 1, strip: 2 }) })).toBe(7);
    expect(stopsAt([3, 4, 3, 4, 3, 4], { rule: successiveRises({ rises: 2, strip: 1 }) })).toBeUndefined();
  });

  test('an error that becomes NaN ends the run at the next look', () => {
    expect(stopsAt([2, 1, NaN], { rule: generalizationLoss() })).toBe(2);
    expect(stopsAt([2, 1, 1, NaN], { rule: progressQuotient({ strip: 2 }) })).toBe(3);
    expect(stopsAt([2, 1, 1, NaN], { rule: successiveRises({ rises: 1, strip: 2 }) })).toBe(3);
  });

  test.each<[Partial<MonitorOptions>, string]>([
    [{ monitor: 'validation/accuracy', rule: generalizationLoss() }, 'stoppingMonitor: generalizationLoss compares errors, which are better when smaller; validation/accuracy is better when larger'],
    [{ rule: generalizationLoss(), patience: 3 }, 'stoppingMonitor: give patience or rule, not both'],
    [{ rule: progressQuotient(), baseline: 1 }, 'stoppingMonitor: baseline is for patience, and progressQuotient compares with the best so far'],
    [{ monitor: 'test/loss' }, "stoppingMonitor: monitor must not be a metric of the test split, received 'test/loss'; what decides when to stop is no longer a test, use 'validation/…'"],
    [{ patience: NaN }, 'stoppingMonitor: patience must be a whole number of at least 0, received NaN'],
  ])('%# refuses with a sentence', (options, sentence) => {
    expect(() => stoppingMonitor({ monitor: 'validation/loss', ...options })).toThrow(new InputError(sentence));
  });

  test('an error below 0 is refused where it comes', () => {
    expect(() => stopsAt([-1], { rule: generalizationLoss() })).toThrow('stoppingMonitor: generalizationLoss compares errors, which are at least 0; validation/loss was -1 at step 0');
  });
});
