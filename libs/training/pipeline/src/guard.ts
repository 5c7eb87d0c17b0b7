import { checkOptions, InputError, oneOf, wholeNumber, type Weights } from '@gradstream/numerics';
import type { StepEvent } from '@gradstream/protocol';
import { ending, type EndingStage } from './ending.ts';
import { Crossing, epochs, parseEvery, type Every } from './every.ts';
import type { Run } from './run.ts';

export interface GuardOptions {
  /** What happens when a step's loss or another of its numbers is NaN or infinite: see `guard`. */
  readonly nonFinite: 'stop' | 'skip' | 'backOff';
  /** How often the state is kept to go back to. Default `epochs(1)`; the state after the first step is kept as well. */
  readonly every?: Every;
  /** Times a run may back off before it stops. Default 3. */
  readonly limit?: number;
}

export const guardRules = {
  nonFinite: oneOf('stop', 'skip', 'backOff'),
  every: { says: 'epochs(n) or steps(n)', accepts: (x: unknown) => typeof x === 'object' && x !== null, schema: { type: 'object' } },
  limit: wholeNumber,
};

/**
 * Watches every step for numbers that are not finite:
 *
 * - `stop` takes the run back to its last state that was finite throughout (weights, running statistics, the optimizer's
 *   state) and ends it;
 * - `backOff` takes it back and goes on with the batches that come next, so that the ones that led astray are left behind
 *   (Chowdhery et al. 2022, "PaLM", section 5.1), and stops after `limit` times. How often stands in the step events as `backOffs`;
 * - `skip` goes on: an optimizer wrapped in `skipNonFinite` has left the update out (a document's guard wraps it), and running
 *   statistics that the batch has spoilt go back to the last finite ones.
 *
 * Stands between `metrics` and `evaluate`. A copy of the state is taken at each boundary, and looked through for what is not finite.
 */
export function guard(options: GuardOptions): EndingStage {
  checkOptions('guard', options, guardRules);
  if (options.nonFinite === undefined) throw new InputError(`guard: nonFinite is required: ${guardRules.nonFinite.says}`);
  const { nonFinite, limit = 3 } = options;
  const every = parseEvery(options.every ?? epochs(1), 'guard: every');
  if (every === 'end') throw new InputError("guard: every must be epochs(n) or steps(n), received 'end'");
  return ending('guard', () => ({ stage: 'guard', guard: { ...options } }), () => {
    const crossing = new Crossing(every);
    let backOffs = 0;
    /** Goes back, and says how the run ends where it does. */
    const goBack = (run: Run, event: StepEvent, bad: string): string | undefined => {
      if (nonFinite === 'skip') return leaveOut(run);
      const what = `${bad} of step ${event.step} is ${event.metrics[bad]}`;
      const { good } = run;
      if (!good) return `${what}, and no earlier state was finite`;
      run.trainer.restore(good.state);
      if (nonFinite === 'stop') return `${what}; the result is the state after step ${good.step}`;
      if (backOffs === limit) return `${what} after backing off ${backOffs} time${backOffs === 1 ? '' : 's'}; the result is the state after step ${good.step}`;
      backOffs++;
      return undefined;
    };
    const keepIfFinite = (run: Run): void => {
      const state = run.trainer.snapshot();
      if (isFinite(state.weights) && isFinite(state.optimizer.slots)) run.good = { state, step: run.step };
    };
    return {
      join(_, kept) {
        backOffs = Number(kept?.['backOffs'] ?? 0);
      },
      memory: () => ({ backOffs }),
      see(event, run) {
        if (event.type !== 'step') return undefined;
        const due = crossing.crossed(event) || !run.good;
        const bad = Object.entries(event.metrics).find(([name, value]) => name !== 'train/lossMean' && !Number.isFinite(value))?.[0];
        const reason = bad === undefined ? undefined : goBack(run, event, bad);
        if (bad === undefined && due) keepIfFinite(run);
        return { reason, event: backOffs > 0 ? { ...event, metrics: { ...event.metrics, backOffs } } : event };
      },
    };
  });
}

/** Takes running statistics back where they are not finite; the weights must be. */
function leaveOut({ trainer, good, step }: Run): undefined {
  const weights = new Map(trainer.weights());
  const spoilt = [...weights.keys()].filter((name) => !weights.get(name)!.values.every(Number.isFinite));
  const buffers = new Set(trainer.model.params.filter(({ role }) => role === 'buffer').map(({ name }) => name));
  const trained = spoilt.find((name) => !buffers.has(name));
  if (trained !== undefined) throw new InputError(`guard: '${trained}' is not finite after step ${step}; skip needs an optimizer that leaves the update out: skipNonFinite({ inner: … })`);
  if (spoilt.length === 0) return;
  if (!good) throw new InputError(`guard: '${spoilt[0]}' is not finite after step ${step}, and no earlier one was`);
  for (const name of spoilt) weights.set(name, good.state.weights.get(name)!);
  trainer.restore({ weights });
}

const isFinite = (weights: Weights): boolean => [...weights.values()].every(({ values }) => values.every(Number.isFinite));
