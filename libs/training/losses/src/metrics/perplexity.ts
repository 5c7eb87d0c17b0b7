import { factory } from '@gradstream/numerics';
import type { Metric } from '../metric.ts';
import { labelOf, needsClasses, rowsIn } from './predictions.ts';

/** exp of the mean cross-entropy over all rows (positions of sequences), in float64 from logits: as many equally likely choices. */
export const perplexity = factory<object, Metric>('perplexity', {}, () => ({
  name: 'perplexity',
  accumulator: () => {
    let total = 0;
    let seen = 0;
    return {
      add(outputs, examples) {
        needsClasses('perplexity', examples);
        const { count, width } = rowsIn('perplexity', outputs, examples.targets);
        for (let i = 0; i < count; i++) total += logSumExp(outputs, i * width, width) - outputs[i * width + labelOf(examples.targets, i)];
        seen += count;
      },
      result: () => ({ perplexity: Math.exp(total / seen) }),
    };
  },
}));

function logSumExp(values: Float32Array, offset: number, width: number): number {
  let largest = -Infinity;
  for (let k = 0; k < width; k++) largest = Math.max(largest, values[offset + k]);
  let sum = 0;
  for (let k = 0; k < width; k++) sum += Math.exp(values[offset + k] - largest);
  return largest + Math.log(sum);
}
