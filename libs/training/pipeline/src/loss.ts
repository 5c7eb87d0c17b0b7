import { map } from 'rxjs';
import { InputError, shown, toSpec, type Targets } from '@gradstream/numerics';
import type { Objective } from '@gradstream/losses';
import type { Model } from '@gradstream/models';
import type { Regularizer } from '@gradstream/regularizers';
import type { Batch } from '@gradstream/numerics';
import { Forward } from './forward.ts';
import { RUN, type Source, type Sourced } from './run.ts';
import { stage, type Stage } from './stage.ts';

/** A batch, its model, and what is to be minimised; nothing is computed yet. */
export class Loss {
  readonly [RUN]: Source;

  constructor(
    readonly batch: Batch & Sourced,
    readonly model: Model,
    readonly objective: Objective,
    readonly regularizers: readonly Regularizer[],
  ) {
    this[RUN] = batch[RUN];
  }
}

/** What to minimise: an objective, and whatever stands beside it (penalties, weight noise, constraints). */
export function loss<T extends Targets>(objective: Objective<T>, ...regularizers: readonly Regularizer[]): Stage<Forward<T>, Loss> {
  if (typeof objective?.loss !== 'function') throw new InputError(`loss: takes an objective (softmaxCrossEntropy(), meanSquaredError()), received ${shown(objective)}`);
  const spec = () => ({ stage: 'loss', loss: toSpec(objective), ...(regularizers.length > 0 ? { regularizers: regularizers.map(toSpec) } : {}) });
  return stage(spec, (source) =>
    source.pipe(
      map((forward) => {
        if (!(forward instanceof Forward)) throw new InputError(`loss: expected what 'forward' emits, received ${shown(forward)}`);
        const { kind } = forward.batch.targets;
        if (!(objective.accepts as readonly Targets[]).includes(kind)) throw new InputError(`loss: ${objective.name} takes ${objective.accepts.join(' or ')}, and the batches hold ${kind}`);
        return new Loss(forward.batch as Batch & Sourced, forward.model, objective as unknown as Objective, regularizers);
      }),
    ),
  );
}
