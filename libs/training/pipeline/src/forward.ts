import { map, type Observable } from 'rxjs';
import { toSpec, type Batch, type Targets } from '@gradstream/numerics';
import type { Model } from '@gradstream/models';
import { InputError, shown } from '@gradstream/numerics';
import { RUN, type Source, type Sourced } from './run.ts';
import { recorded, type StageSpec } from './stage.ts';

/** A batch and the model it goes through; nothing is computed yet. */
export class Forward<T extends Targets> {
  readonly [RUN]: Source;

  constructor(
    readonly batch: Batch<T> & Sourced,
    readonly model: Model,
  ) {
    this[RUN] = batch[RUN];
  }
}

/** Sends each batch through a model. It describes; `optimize` carries the whole step out. */
export function forward(model: Model): { <T extends Targets>(source: Observable<Batch<T> & Sourced>): Observable<Forward<T>>; toSpec(): StageSpec } {
  if (typeof model?.layers !== 'function') throw new InputError(`forward: takes a model (mlp({ hidden: [64] }), sequential(…)), received ${shown(model)}`);
  const spec = (): StageSpec => ({ stage: 'forward', model: toSpec(model) });
  const operator = <T extends Targets>(source: Observable<Batch<T> & Sourced>) => recorded(source.pipe(map((batch) => new Forward(expectBatch(batch), model))), spec, source);
  return Object.assign(operator, { toSpec: spec });
}

function expectBatch<T extends Targets>(batch: Batch<T> & Sourced): Batch<T> & Sourced {
  if (!batch?.[RUN]?.pacer) throw new InputError(`forward: expected the batches of 'batches', received ${shown(batch)}; an operator above must hand them on whole ({ ...batch })`);
  return batch;
}
