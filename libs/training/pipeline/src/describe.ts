import type { Observable } from 'rxjs';
import { isComplete } from '@gradstream/numerics';
import { RUN_SPEC_VERSION, type RunSpec } from '@gradstream/protocol';
import { recordOf, type StageSpec } from './stage.ts';

/** What `describe` found, outermost stage last. */
export interface Description extends Partial<RunSpec> {
  /** Whether the document holds everything: building it gives the same run. */
  readonly complete: boolean;
  /** Operators between the stages that a document cannot hold, by the name `named` gave them. */
  readonly opaque?: readonly string[];
}

/**
 * The document of a run composed in code. Operators that are not ours, streams and lambdas are marked opaque, and the
 * document is then not `complete`; building from it is refused by name.
 */
export function describe(run$: Observable<unknown>): Description {
  const stages: StageSpec[] = [];
  const opaque: string[] = [];
  for (let at: Observable<unknown> | undefined = run$; at; ) {
    const record = recordOf(at);
    if (record) {
      const spec = record.spec();
      if (spec.stage === 'opaque') opaque.unshift(String(spec['opaque']));
      stages.unshift(spec);
      at = record.source;
    } else {
      // RxJS keeps what an operator was applied to in `source` (pinned to 7.8.2 and tested).
      const { source } = at as { source?: Observable<unknown> };
      opaque.unshift(source ? 'an operator' : 'a source');
      at = source;
    }
  }
  const { augment, loss, optimize, metrics, batches: source, ...rest } = merged(stages);
  const { seed, ...batches } = (source?.['batches'] ?? {}) as { seed?: number };
  const evaluate = rest['evaluate'] as StageSpec | undefined;
  const document = {
    version: RUN_SPEC_VERSION,
    ...(seed === undefined ? {} : { seed }),
    ...(source ? { data: source['data'] as RunSpec['data'] } : {}),
    ...(Object.keys(batches).length > 0 ? { batches } : {}),
    ...(augment ? { augment: augment['augment'] as RunSpec['augment'] } : {}),
    ...(rest['forward'] ? { model: rest['forward']['model'] as RunSpec['model'] } : {}),
    ...(loss ? { loss: loss['loss'] as RunSpec['loss'], ...(loss['regularizers'] ? { regularizers: loss['regularizers'] as RunSpec['regularizers'] } : {}) } : {}),
    ...(optimize ? { optimizer: optimize['optimizer'] as RunSpec['optimizer'], ...(optimize['engine'] ? { engine: optimize['engine'] as RunSpec['engine'] } : {}) } : {}),
    ...(metrics && (metrics['metrics'] as unknown[]).length > 0 ? { metrics: metrics['metrics'] as RunSpec['metrics'] } : {}),
    ...(evaluate ? { evaluate: { every: evaluate['every'], ...(evaluate['size'] ? { size: evaluate['size'] } : {}) } } : {}),
    ...(rest['guard'] ? { guard: rest['guard']['guard'] as RunSpec['guard'] } : {}),
    ...(rest['budget'] ? { budget: rest['budget']['budget'] as RunSpec['budget'] } : {}),
    ...(rest['earlyStopping'] ? { earlyStopping: rest['earlyStopping']['earlyStopping'] as RunSpec['earlyStopping'] } : {}),
  };
  const whole = 'data' in document && 'model' in document && 'loss' in document && 'optimizer' in document;
  return { ...document, complete: whole && opaque.length === 0 && isComplete(document), ...(opaque.length > 0 ? { opaque } : {}) };
}

/** One entry per kind of stage; augmentations of several stages follow each other. */
function merged(stages: readonly StageSpec[]): Partial<Record<string, StageSpec>> {
  const found: Record<string, StageSpec> = {};
  for (const spec of stages) {
    const before = found[spec.stage];
    if (spec.stage === 'augment' && before) found[spec.stage] = { stage: 'augment', augment: [...(before['augment'] as unknown[]), ...(spec['augment'] as unknown[])] };
    else if (spec.stage === 'evaluate' && spec['split'] === 'test') continue;
    else found[spec.stage] = spec;
  }
  return found;
}
