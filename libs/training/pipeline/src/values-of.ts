import { filter, map, type OperatorFunction } from 'rxjs';
import { InputError, shown } from '@gradstream/numerics';
import type { EvaluationEvent, RunEvent, StepEvent } from '@gradstream/protocol';

/**
 * The values of one metric, for what is to follow it: `reduceOnPlateau`, a slider, a chart.
 *
 * @param metric `train/lossMean`, `validation/loss` … A metric of the test split is refused: what it steers would no longer be tested by it
 */
export function valuesOf(metric: string): OperatorFunction<RunEvent, number> {
  if (metric.startsWith('test/')) throw new InputError(`valuesOf: metric must not be one of the test split, received ${shown(metric)}; what decides is no longer a test, use 'validation/…'`);
  return (source$) => source$.pipe(
    filter((event): event is StepEvent | EvaluationEvent => 'metrics' in event && Object.hasOwn(event.metrics, metric)),
    map(({ metrics }) => metrics[metric]),
  );
}
