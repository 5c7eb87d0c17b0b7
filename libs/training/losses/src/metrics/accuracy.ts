import * as tf from '@tensorflow/tfjs-core';
import { factory } from '@gradstream/numerics';
import type { Metric } from '../metric.ts';
import { classesOf, rowsOf } from '../rows.ts';
import { argMax, labelOf, needsClasses, rowsIn } from './predictions.ts';

/** Share of rows whose largest output is the target's class; of a mixed label, its largest share counts. */
export const accuracy = factory<object, Metric>('accuracy', {}, () => ({
  name: 'accuracy',
  step: ({ outputs, targets }) => tf.tidy(() => {
    const labels = targets.kind === 'classes' ? classesOf(targets) : tf.argMax(rowsOf(targets.values), 1);
    return tf.mean(tf.cast(tf.equal(tf.argMax(rowsOf(outputs), 1), labels), 'float32'));
  }),
  accumulator: () => {
    let right = 0;
    let seen = 0;
    return {
      add(outputs, examples) {
        needsClasses('accuracy', examples);
        const { count, width } = rowsIn('accuracy', outputs, examples.targets);
        for (let i = 0; i < count; i++) if (argMax(outputs, i * width, width) === labelOf(examples.targets, i)) right++;
        seen += count;
      },
      result: () => ({ accuracy: right / seen }),
    };
  },
}));
