import { checkOptions, key, permutation, positiveInteger, type Split } from '@gradstream/numerics';
import { predict } from '@gradstream/engine';
import { allOf } from '../split-arrays.ts';
import { lossesOf } from './gap.ts';
import { notTest, type Diagnostic } from './probe.ts';

export interface ExampleHistoryOptions {
  /** Examples that are followed: the first ones. Default: all. */
  readonly examples?: number;
  /** Of the suspects, how many are named in `detail`. Default 100. */
  readonly suspects?: number;
}

/**
 * What becomes of each example while training goes on; measure it at each epoch.
 *
 * `detail.meanLoss` is each example's mean loss so far: wrong labels have the largest ones in the first epochs (Arazo et al. 2019;
 * Pleiss et al. 2020), and `detail.suspects` lists the examples by it, worst first. `detail.forgotten` counts how often an example was
 * right at one moment and wrong at the next (Toneva et al. 2019). `examples/forgotten` is the share forgotten at least once,
 * `examples/unlearned` the share never right so far.
 */
export function exampleHistory(split: Split, options: ExampleHistoryOptions = {}): Diagnostic {
  checkOptions('exampleHistory', options, { examples: positiveInteger, suspects: positiveInteger });
  notTest('exampleHistory', split);
  const { examples = split.size, suspects = 100 } = options;
  return {
    name: 'examples',
    begin({ trainer: { model, objective } }) {
      const some = allOf(split, examples);
      const sums = new Float64Array(some.size);
      const forgotten = new Uint16Array(some.size);
      const ever = new Uint8Array(some.size);
      let before: readonly boolean[] | undefined;
      let moments = 0;
      return {
        read(weights) {
          const { losses, right = [] } = lossesOf(objective, predict(model, weights, some, { size: 1_000 }), some);
          moments++;
          losses.forEach((loss, i) => (sums[i] += loss));
          right.forEach((yes, i) => {
            if (yes) ever[i] = 1;
            else if (before?.[i]) forgotten[i]++;
          });
          before = right;
          const share = (values: ArrayLike<number>, is: (value: number) => boolean): number => Array.from(values).filter(is).length / some.size;
          const meanLoss = Array.from(sums, (sum) => sum / moments);
          return {
            metrics: { forgotten: share(forgotten, (n) => n > 0), unlearned: share(ever, (yes) => yes === 0) },
            detail: { meanLoss, forgotten: Array.from(forgotten), suspects: worstFirst(meanLoss).slice(0, suspects) },
          };
        },
      };
    },
  };
}

/** Indices by falling value; equal ones in an order that does not follow the data. */
function worstFirst(values: readonly number[]): number[] {
  const tie = permutation(key(0), values.length);
  return Array.from(values.keys()).sort((a, b) => values[b] - values[a] || tie[a] - tie[b]);
}
