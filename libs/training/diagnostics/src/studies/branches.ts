import { lastValueFrom, tap } from 'rxjs';
import { buildFrom } from '@gradstream/numerics';
import { parseRunSpec, type RunEvent } from '@gradstream/protocol';
import type { Data } from '@gradstream/datasets';
import { useBackend } from '@gradstream/engine';
import { buildParts, checkpointOf, RUN, type Live, type Run } from '@gradstream/pipeline';
import { checkpointAt, continueFrom, type Resumable } from '../populations/branch.ts';
import { study } from '../recipe/study.ts';

export interface BranchOptions {
  /** A run document without version and seed. */
  readonly run: Readonly<Record<string, unknown>>;
  /** The step to branch at. */
  readonly at: number;
  /** What the third branch has instead. */
  readonly change: Readonly<Record<string, unknown>>;
}

/**
 * Weights, optimizer slots and the place in the data are kept at a step; randomness is a function of seed and step. Two branches
 * are then bit-equal to each other and to the run that was never cut; a third one with another setting parts from them after it.
 */
export const branches = study<BranchOptions>('branch', async ({ run, at, change }, seed, parts) => {
  await useBackend();
  const data = await buildFrom<Data | Promise<Data>>(parts.registries, 'dataset', run['data'], 'data');
  const from = (document: Readonly<Record<string, unknown>>): Resumable<RunEvent & Live> => {
    const made = buildParts(parseRunSpec({ version: 1, seed, ...document }, 'branch'), 'branch', parts.registries);
    return (extra) => parts.compose(made, data, extra);
  };
  const whole = await recorded(from(run)());
  const checkpoint = await lastValueFrom(checkpointAt(from(run), at));
  const [once, twice] = [await recorded(continueFrom(from(run), checkpoint)), await recorded(continueFrom(from(run), checkpoint))];
  const changed = await recorded(continueFrom(from({ ...run, ...change }), checkpoint));
  const after = whole.steps.slice(at);
  return {
    steps: whole.steps.length, branchSteps: once.steps.length,
    twins: differing(once.steps, twice.steps) + differing(once.numbers, twice.numbers),
    uncut: differing(once.steps, after) + differing(once.numbers, whole.numbers),
    changedFirst: differing(changed.steps.slice(0, 1), after.slice(0, 1)),
    changedLater: differing(changed.steps, after),
  };
});

interface Recorded {
  /** Loss of each batch, before the step that it decides. */
  readonly steps: readonly number[];
  /** Weights and optimizer slots after the last step. */
  readonly numbers: readonly number[];
}

async function recorded(run$: ReturnType<Resumable<RunEvent & Live>>): Promise<Recorded> {
  const steps: number[] = [];
  let numbers: readonly number[] = [];
  await lastValueFrom(run$.pipe(tap((event) => {
    if (event.type !== 'step') return;
    steps.push(event.metrics['train/loss']);
    if (event.step + 1 === event.totalSteps) numbers = stateOf(event[RUN]);
  })));
  return { steps, numbers };
}

function stateOf(run: Run): number[] {
  const { weights, optimizer } = checkpointOf(run).state;
  return [...[...weights.values(), ...optimizer.slots.values()].flatMap(({ values }) => [...values]), ...Object.values(optimizer.counts)];
}

/** Places at which two lists differ, bit for bit. */
const differing = (a: readonly number[], b: readonly number[]): number => Math.abs(a.length - b.length) + a.reduce((n, value, i) => n + (i >= b.length || Object.is(value, b[i]) ? 0 : 1), 0);
