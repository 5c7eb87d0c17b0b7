import { Observable } from 'rxjs';
import { checkOptions, InputError, oneOf, shown, toSpec } from '@gradstream/numerics';
import { build } from '@gradstream/models';
import type { Transformation } from '@gradstream/optimizers';
import { compile, compileRules, currentBackend, useBackend, type BackendChoice, type CompileOptions } from '@gradstream/engine';
import type { Checkpoint } from './checkpoint.ts';
import { Loss } from './loss.ts';
import { claiming, RUN, Run } from './run.ts';
import { stage, type Stage } from './stage.ts';
import { setAgain } from './steered.ts';
import { Step } from './step.ts';

export interface OptimizeOptions extends CompileOptions {
  /** Where tensors live, when no backend runs yet. Default `auto`. */
  readonly backend?: BackendChoice;
  /** Goes on from here; give `batches` the same step (`from: checkpoint.step`). */
  readonly resume?: Checkpoint;
}

/**
 * Takes the optimizer's steps: compiles model, loss and update into one step when the first batch comes, and owns the
 * weights for as long as somebody leases them. Emits each `Step` on loan.
 */
export function optimize(optimizer: Transformation, options: OptimizeOptions = {}): Stage<Loss, Step> {
  checkOptions('optimize', options, { ...compileRules, backend: oneOf('auto', 'cpu', 'wasm', 'webgl'), resume: { says: 'a checkpoint', accepts: (x) => typeof x === 'object', schema: {} } });
  if (typeof optimizer !== 'object' || optimizer === null) throw new InputError(`optimize: takes an optimizer (adam({ learningRate: 1e-3 }), chain(…)), received ${shown(optimizer)}`);
  const { resume, ...plain } = options;
  return stage(
    () => ({ stage: 'optimize', optimizer: toSpec(optimizer), ...(Object.keys(plain).length > 0 ? { engine: plain } : {}) }),
    (source) =>
      new Observable<Step>((subscriber) => {
        let run: Run | undefined;
        let release: (() => void) | undefined;
        let waiting: Loss[] | undefined;
        let completed = false;
        let inStep = false;

        const take = (loss: Loss): void => {
          run ??= begin(loss);
          const lap = loss[RUN].clock?.lap;
          lap?.('rest');
          const step = new Step(run, loss.batch, run.trainer.step(loss.batch, lap));
          run.step = loss.batch.step;
          inStep = true;
          try {
            subscriber.next(step);
          } finally {
            inStep = false;
            step.revoke();
            if (subscriber.closed) release?.();
          }
        };
        const begin = (loss: Loss): Run => {
          const { [RUN]: from, model, objective, regularizers } = loss;
          const built = build(model, from.inputShape, from.width);
          const trainer = compile({ model: built, objective, regularizers, optimizer, key: from.key }, options);
          const made = new Run(from, trainer, resume?.memory);
          release = made.lease();
          if (resume) {
            trainer.restore(resume.state);
            setAgain(trainer, resume.memory);
            if (resume.best) made.adopt(resume.best.weights, resume.best.step);
            made.good = resume.good;
            made.step = resume.step - 1;
          }
          return made;
        };
        /** The first batch waits, and the source with it, until the backend has started. */
        const startBackend = (first: Loss): void => {
          waiting = [first];
          const go = first[RUN].pacer.hold();
          useBackend({ backend: options.backend }).then(
            () => {
              const batches = waiting!;
              waiting = undefined;
              try {
                for (const loss of batches) if (!subscriber.closed) take(loss);
                if (completed) subscriber.complete();
              } catch (error) {
                subscriber.error(error);
              }
              go();
            },
            (error: unknown) => {
              waiting = undefined;
              subscriber.error(error);
              go();
            },
          );
        };

        const subscription = claiming(() => source.subscribe({
          next: (loss) => {
            if (subscriber.closed) return;
            try {
              if (!(loss instanceof Loss)) throw new InputError(`optimize: expected what 'loss' emits, received ${shown(loss)}`);
              loss[RUN].unreached = 0;
              if (waiting) waiting.push(loss);
              else if (!run && (options.backend !== undefined || !currentBackend())) startBackend(loss);
              else take(loss);
            } catch (error) {
              subscriber.error(error);
            }
          },
          error: (error: unknown) => subscriber.error(error),
          complete: () => {
            completed = true;
            if (!waiting) subscriber.complete();
          },
        }));
        return () => {
          subscription.unsubscribe();
          waiting = undefined;
          if (!inStep) release?.();
        };
      }),
  );
}
