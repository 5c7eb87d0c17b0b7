import { from, Observable, type ObservableInput } from 'rxjs';
import type { Trainer } from '@gradstream/engine';
import type { RunEvent, StepEvent, StopEvent } from '@gradstream/protocol';
import { RUN, type Live, type StageMemory } from './run.ts';
import { recorded } from './stage.ts';

/** What a run is told while it trains, and how it answers; what `commands` of `@gradstream/client` hears is such. */
export interface Told {
  readonly command: 'pause' | 'resume' | 'step' | 'stop' | 'set';
  /** For `set`: the hyper-parameter, by the name it has in a step's `hyper`, and its value. */
  readonly path?: string;
  readonly value?: number;
  /** @param outcome the step at which it takes effect, and the value that stood before */
  applied(outcome: { readonly step: number; readonly old?: number }): unknown;
  refused(reason: string): unknown;
}

const NAME = 'steered';

/** Hyper-parameters that were set, by name. */
type Values = Readonly<Record<string, number>>;

/**
 * Lets a run be steered: `pause`, `resume`, `step` (one more, then pause), `stop` (gracefully, as early stopping does), and `set` for a
 * hyper-parameter of the optimizer, which keeps its value from then on, also in a run that goes on from a checkpoint. Put it between
 * `metrics` and `evaluate`. What is told before the first step waits for it; what cannot be done is refused with a sentence.
 *
 * @param commands$ `commands(url, run)`, or a stream of your own; where it fails, the run goes on without
 * @param options.onProblem told why nobody can steer any more. Default `console.warn`
 */
export const steered =
  (commands$: ObservableInput<Told>, { onProblem = console.warn }: { readonly onProblem?: (message: string) => void } = {}) =>
  <E extends RunEvent & Live>(source: Observable<E>): Observable<E | (StopEvent & Live)> =>
    recorded(
      new Observable<E | (StopEvent & Live)>((subscriber) => {
        let last: (StepEvent & Live) | undefined;
        /** Heard before the first step, or while an event is on its way. */
        const early: Told[] = [];
        let emitting = false;
        let values: Values = {};
        let resume: (() => void) | undefined;
        /** Steps to take before it pauses again. */
        let left = 0;
        let joined = false;
        let stopping = false;

        const pause = (): void => void (resume ??= last![RUN].pacer.hold());
        const goOn = (): void => {
          resume?.();
          resume = undefined;
        };
        const join = ({ [RUN]: run }: E): void => {
          values = valuesIn(run.remember(NAME, () => ({ values })));
          run.drainBefore.push(() => stopping);
        };
        const end = ({ step, epoch, [RUN]: run }: StepEvent & Live): void => {
          subscriber.next({ type: 'stop', step, epoch, wall: Date.now(), reason: 'it was told to stop', told: true, [RUN]: run });
          subscriber.complete();
        };
        const obey = (told: Told, { hyper, [RUN]: run }: StepEvent & Live): unknown => {
          const { path = '', value = NaN } = told;
          switch (told.command) {
            case 'pause':
              left = 0;
              pause();
              return told.applied({ step: run.step });
            case 'resume':
              left = 0;
              goOn();
              return told.applied({ step: run.step });
            case 'step':
              left++;
              goOn();
              return told.applied({ step: run.step + 1 });
            case 'set': {
              run.trainer.set(path, value);
              const old = values[path] ?? hyper[path];
              values = { ...values, [path]: value };
              return told.applied({ step: run.step + 1, ...(old === undefined ? {} : { old }) });
            }
            case 'stop':
              stopping = true;
              return told.applied({ step: run.step });
          }
        };
        const hear = (told: Told): void => {
          if (!last || emitting) {
            early.push(told);
            return;
          }
          try {
            answered(obey(told, last));
          } catch (error) {
            answered(told.refused(error instanceof Error ? error.message : String(error)));
          }
          // Metrics that lag owe events still: the run ends after its next step, with which they all come.
          if (stopping && last.step < last[RUN].step) goOn();
          else if (stopping) end(last);
        };

        const subscription = source.subscribe({
          next: (event) => {
            try {
              if (!joined) join(event);
              joined = true;
              if (event.type === 'step') last = event;
              emitting = true;
              subscriber.next(event);
              emitting = false;
              if (subscriber.closed || !last) return;
              if (event.type === 'step' && left > 0 && --left === 0) pause();
              if (stopping && last.step === event[RUN].step) return end(last);
              for (const told of early.splice(0)) if (!subscriber.closed) hear(told);
            } catch (error) {
              subscriber.error(error);
            }
          },
          error: (error: unknown) => subscriber.error(error),
          complete: () => subscriber.complete(),
        });
        const steering = from(commands$).subscribe({ next: hear, error: (error: unknown) => onProblem(`steered: ${error instanceof Error ? error.message : String(error)}; the run goes on`) });
        return () => {
          steering.unsubscribe();
          subscription.unsubscribe();
          goOn();
        };
      }),
      () => ({ stage: NAME }),
      source,
    );

/** Sets again what was set in the run that this one continues, before its first step. */
export function setAgain(trainer: Trainer, memory: Readonly<Record<string, StageMemory>>): void {
  for (const [name, value] of Object.entries(valuesIn(memory[NAME]))) trainer.set(name, value);
}

const valuesIn = (kept: StageMemory | undefined): Values => (kept as { readonly values: Values } | undefined)?.values ?? {};

/** What became of an answer is no concern of the run: a server that is away hears nothing. */
const answered = (answer: unknown): void => void Promise.resolve(answer).catch(() => undefined);
