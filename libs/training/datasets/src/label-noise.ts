import { fold, InputError, integerAt, key, permutation, type Split } from '@gradstream/numerics';
import { mustTrain } from './partition.ts';
import { targetsOf } from './split.ts';

/** Where planted labels stand and what they were. */
export interface LabelNoise {
  readonly split: Split<'classes'>;
  /** Indices in the split, ascending. */
  readonly changed: Uint32Array;
  /** The true class of each changed example. */
  readonly original: Int32Array;
}

/**
 * Plants wrong labels on purpose: exactly `share` of the examples get a class other than their own.
 * `symmetric`: any other class, evenly. `pair`: the next class (Han et al. 2018, "Co-teaching").
 */
export function labelNoise(split: Split<'classes'>, { share, seed = 0, kind = 'symmetric' }: { readonly share: number; readonly seed?: number; readonly kind?: 'symmetric' | 'pair' }): LabelNoise {
  mustTrain('labelNoise', split);
  if (!(share >= 0 && share <= 1)) throw new InputError(`labelNoise: share must be in [0, 1], received ${share}`);
  const from = fold(key(seed), 'labelNoise');
  const { width } = split.targets;
  if (width < 2) throw new InputError(`labelNoise: needs at least 2 classes, '${split.dataset}' has ${width}`);
  const changed = permutation(from, split.size).slice(0, Math.round(share * split.size)).sort();
  const truth = targetsOf(split) as Int32Array;
  const labels = truth.slice();
  for (const i of changed) labels[i] = (truth[i] + 1 + (kind === 'pair' ? 0 : integerAt(fold(from, 'class'), i, width - 1))) % width;

  const relabel: Split<'classes'>['gather'] = (indices) => {
    const examples = split.gather(indices);
    return { ...examples, targets: { ...examples.targets, values: Int32Array.from(indices, (i) => labels[i]) } };
  };
  const { store } = split;
  const noisy: Split<'classes'> = { ...split, gather: relabel };
  if (store) {
    const values = store.targets.values.slice();
    labels.forEach((label, i) => { values[store.positions ? store.positions[i] : i] = label; });
    Object.assign(noisy, { store: { ...store, targets: { ...store.targets, values } } });
  }
  return { split: noisy, changed, original: Int32Array.from(changed, (i) => truth[i]) };
}
