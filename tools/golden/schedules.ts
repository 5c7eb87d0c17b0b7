/** Golden schedules: each library's name and options, as a function of the step. They need no engine: float64 is all there is. */
import {
  constant, cosine, cyclic, cyclicMomentum, exponential, inverseTime, join, linear, multiStep, noam, oneCycle, oneCycleMomentum, piecewise, plateau, polynomial, product, rangeTest, step,
  warmRestarts, warmupCosine, warmupStableDecay,
} from '@gradstream/optimizers';
import type { Schedule } from '@gradstream/numerics';
import type { Comparison, Engine, Family, GoldenCase } from './case.ts';

type Numbers = Readonly<Record<string, number>>;
interface Made {
  readonly values: Schedule;
  readonly momentum?: Schedule;
}

const only = (values: Schedule): Made => ({ values });
const swa = (baseLr: number, { swa_lr: end, anneal_epochs: totalSteps, anneal_strategy }: Record<string, unknown>): Made =>
  only((anneal_strategy === 'linear' ? linear : cosine)({ initial: baseLr, end: end as number, totalSteps: totalSteps as number }));

/** Where a name has options of more than one kind, they are read from `hyper` as it stands. */
const SCHEDULES: Readonly<Record<string, (baseLr: number, hyper: Numbers & Readonly<Record<string, unknown>>) => Made>> = {
  StepLR: (initial, { step_size: every, gamma: factor }) => only(step({ initial, every, factor })),
  MultiStepLR: (initial, { milestones, gamma: factor }) => only(multiStep({ initial, milestones: milestones as unknown as number[], factor })),
  ExponentialLR: (initial, { gamma: decay }) => only(exponential({ initial, decay })),
  CosineAnnealingLR: (initial, { T_max: totalSteps, eta_min: end }) => only(cosine({ initial, totalSteps, end, after: 'rise' })),
  CosineAnnealingWarmRestarts: (initial, { T_0: period, T_mult: factor, eta_min: end }) => only(warmRestarts({ initial, period, factor, end })),
  OneCycleLR: (_, h) => {
    const phases = { totalSteps: h.total_steps, rise: h.pct_start, shape: h.anneal_strategy as unknown as string === 'linear' ? ('linear' as const) : ('cosine' as const), threePhase: h.three_phase as unknown as boolean | undefined };
    return {
      values: oneCycle({ peak: h.max_lr, divideBy: h.div_factor, finalDivideBy: h.final_div_factor, ...phases }),
      momentum: oneCycleMomentum({ low: h.base_momentum, high: h.max_momentum, ...phases }),
    };
  },
  PolynomialLR: (initial, { total_iters: totalSteps, power }) => only(polynomial({ initial, totalSteps, power })),
  LinearLR: (base, { start_factor, end_factor, total_iters: totalSteps }) => only(linear({ initial: base * start_factor, end: base * end_factor, totalSteps })),
  ConstantLR: (base, { factor, total_iters }) => only(piecewise({ boundaries: [total_iters], values: [base * factor, base] })),
  CyclicLR: (_, h) => {
    const mode = ({ triangular2: 'halving', exp_range: 'exponential' } as const)[h.mode as unknown as 'triangular2'] ?? 'triangular';
    const shape = { up: h.step_size_up, down: h.step_size_down, mode, gamma: h.gamma };
    return { values: cyclic({ low: h.base_lr, high: h.max_lr, ...shape }), momentum: cyclicMomentum({ low: h.base_momentum, high: h.max_momentum, ...shape }) };
  },
  SequentialLR: (base, h) => {
    const [warmup, wave] = [h.warmup, h.cosine] as unknown as [Numbers, Numbers];
    return only(join({
      schedules: [
        linear({ initial: base * warmup.start_factor, end: base * (warmup.end_factor ?? 1), totalSteps: warmup.total_iters }),
        cosine({ initial: base, totalSteps: wave.T_max, end: wave.eta_min, after: 'rise' }),
      ],
      boundaries: h.milestones as unknown as number[],
    }));
  },
  ChainedScheduler: (base, h) => {
    const [flat, falling] = [h.constant, h.exponential] as unknown as [Numbers, Numbers];
    return only(product({ schedules: [base, piecewise({ boundaries: [flat.total_iters], values: [flat.factor, 1] }), exponential({ initial: 1, decay: falling.gamma })] }));
  },
  SWALR: swa,
  PolynomialDecay: (initial, { decay_steps: totalSteps, end_learning_rate: end, power }) => only(polynomial({ initial, totalSteps, end, power })),
  cosineDecay: (initial, { decay_steps: totalSteps, alpha }) => only(cosine({ initial, totalSteps, end: initial * alpha })),
  exponentialDecay: (initial, { decay_rate: decay, decay_steps: every, staircase }) => only(exponential({ initial, decay, every, staircase: staircase as unknown as boolean })),
  inverseTimeDecay: (initial, { decay_rate: decay, decay_steps: every, staircase }) => only(inverseTime({ initial, decay, every, staircase: staircase as unknown as boolean })),
  warmupCosineDecay: (_, h) => only(warmupCosine({ peak: h.peak_value, warmupSteps: h.warmup_steps, totalSteps: h.decay_steps, start: h.init_value, end: h.end_value })),
  noam: (factor, { d_model: modelSize, warmup_steps: warmupSteps }) => only(noam({ modelSize, warmupSteps, factor })),
  wsd: (peak, h) => only(warmupStableDecay({ peak, warmupSteps: h.warmup_steps, stableSteps: h.stable_steps, decaySteps: h.decay_steps, end: peak * (h.final_factor ?? 0) })),
  // Keras: the boundary step still has the old value.
  piecewiseConstant: (_, { boundaries, values }) => only(piecewise({ boundaries: (boundaries as unknown as number[]).map((at) => at + 1), values: values as unknown as number[] })),
  piecewiseConstantScale: (base, { boundaries_and_scales }) => {
    const changes = Object.entries(boundaries_and_scales as unknown as Numbers).map(([at, scale]) => [Number(at), scale] as const).sort(([a], [b]) => a - b);
    return only(product({ schedules: [constant(base), ...changes.map(([at, scale]) => piecewise({ boundaries: [at], values: [1, scale] }))] }));
  },
  lrFinder: (_, { start_lr: start, end_lr: end, num_it: totalSteps }) => only(rangeTest({ start, end, totalSteps })),
};

function run({ schedule, baseLr, hyper, values, momentum }: GoldenCase, { name }: Engine): readonly Comparison[] | undefined {
  if (name !== 'float64') return undefined;
  const made = SCHEDULES[schedule!](baseLr as number, hyper as Numbers);
  const at = (value: Schedule, expected: unknown): number[] => (expected as number[]).map((_, t) => value(t));
  return [
    { what: 'values', actual: at(made.values, values), expected: values },
    ...(momentum && made.momentum ? [{ what: 'momentum', actual: at(made.momentum, momentum), expected: momentum }] : []),
  ];
}

function runPlateau({ baseLr, hyper, metrics, values }: GoldenCase, { name }: Engine): readonly Comparison[] | undefined {
  if (name !== 'float64') return undefined;
  const { threshold_mode, min_lr, ...rest } = hyper as { threshold_mode?: string; min_lr?: number };
  const next = plateau({ initial: baseLr as number, ...(rest as object), min: min_lr, thresholdMode: threshold_mode === 'abs' ? 'absolute' : 'relative' });
  const actual = [baseLr as number, ...(metrics as number[]).map(next)];
  return [{ what: 'values', actual: actual.slice(0, (values as number[]).length), expected: values }];
}

export const schedules: Family = { ...Object.fromEntries(Object.keys(SCHEDULES).map((name) => [name, run])), ReduceLROnPlateau: runPlateau };
