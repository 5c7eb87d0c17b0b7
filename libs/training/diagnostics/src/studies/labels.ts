import { buildFrom, fold, key, permutation, type Split } from '@gradstream/numerics';
import { kFold, labelNoise, partition, type Data } from '@gradstream/datasets';
import { predict } from '@gradstream/engine';
import { areaUnderRoc } from '@gradstream/losses';
import { study } from '../recipe/study.ts';
import { allOf } from '../split-arrays.ts';
import { classification, crossEntropy } from './measures.ts';
import { readData, trainOnce, type TrainingOptions } from './training.ts';

const winners = (logits: Float32Array, count: number): Int32Array => {
  const width = logits.length / count;
  return Int32Array.from({ length: count }, (_, i) => {
    const row = logits.subarray(i * width, (i + 1) * width);
    return row.indexOf(Math.max(...row));
  });
};
const share = (a: Int32Array, b: Int32Array): number => (100 * a.reduce((n, value, i) => n + (value === b[i] ? 0 : 1), 0)) / a.length;

/** Jiang et al. 2022, "Assessing Generalization of SGD via Disagreement": two nets trained on disjoint halves differ about as often as they err. */
export const disagreement = study<TrainingOptions & { readonly examples: number; readonly sameData?: boolean }>('disagreement', async ({ examples: n, sameData = false, ...options }, seed, parts) => {
  const whole = await buildFrom<Data | Promise<Data>>(parts.registries, 'dataset', options.data, 'data');
  const both = partition(whole.train, { subset: 2 * n, seed }).train;
  const halves = kFold(both, { k: 2, seed: 0 });
  const test = allOf(whole.test!);
  const twin = async (which: number): Promise<Float32Array> => {
    const { model, weights } = await trainOnce(options, 2 * seed + which, parts, { train: halves[sameData ? 0 : which].train });
    return predict(model, weights, test, { size: 1_000 });
  };
  const [a, b] = [await twin(0), await twin(1)];
  const error = (classification(a, test).error + classification(b, test).error) / 2;
  const differ = share(winners(a, test.size), winners(b, test.size));
  return { disagreement: differ, testError: error, distance: Math.abs(differ - error), ratio: differ / error };
});

/** Planted wrong labels are those whose mean loss over the first epochs is largest: Arazo et al. 2019; Pleiss et al. 2020. */
export const mislabelFinder = study<TrainingOptions & { readonly after: readonly number[] }>('mislabel-finder', async ({ after, wrongLabels = 0, ...options }, seed, parts) => {
  const { train: clean } = await readData(options, seed, parts);
  const { split, changed } = labelNoise(clean as Split<'classes'>, { share: wrongLabels, seed });
  const examples = allOf(split);
  const history = new Float64Array(examples.size);
  const planted = new Set(changed);
  const truth = Array.from({ length: examples.size }, (_, i) => planted.has(i));
  const measured: Record<string, number> = {};
  await trainOnce(options, seed, parts, {
    train: split,
    watch: ({ model, weights, epoch }) => {
      crossEntropy(predict(model, weights, examples, { size: 1_000 }), examples.targets.values, examples.size).forEach((loss, i) => (history[i] += loss));
      if (after.includes(epoch)) measured[`auc${epoch}`] = areaUnderRoc([...history], truth) ?? NaN;
    },
  });
  return measured;
});

/** Optimism of the error that chose among models: what the chosen one errs on other images, minus the error that chose it, in points. */
export const testPeeking = study<Pick<TrainingOptions, 'data'> & { readonly models: number; readonly draws: number; readonly chosenOn: readonly number[] }>('test-peeking', async ({ data: document, models, draws, chosenOn }, seed, parts) => {
  const from = fold(key(seed), 'models');
  const wrong: Uint8Array[] = [];
  for (let m = 0; m < models; m++) {
    const [u, w] = [0, 1].map((i) => (fold(fold(from, m), i).k0 >>> 0) / 2 ** 32);
    const trained = await trainOnce({ data: document, model: { name: 'mlp', hidden: [[32, 64, 128][Math.floor(w * 3)]] }, optimizer: { name: 'adam', learningRate: 10 ** (-3.5 + u), eps: 1e-7 }, batches: { size: 50, steps: 200 } }, seed, parts);
    const test = allOf(trained.data.test);
    wrong.push(Uint8Array.from(winners(predict(trained.model, trained.weights, test, { size: 1_000 }), test.size), (said, i) => (said === test.targets.values[i] ? 0 : 1)));
  }
  const total = wrong[0].length;
  const all = wrong.map((errors) => errors.reduce((a, b) => a + b, 0));
  return Object.fromEntries(chosenOn.map((m) => {
    let optimism = 0;
    for (let draw = 0; draw < draws; draw++) {
      const looked = permutation(fold(fold(fold(key(seed), 'look'), m), draw), total).subarray(0, m);
      const seen = wrong.map((errors) => looked.reduce((sum, i) => sum + errors[i], 0));
      const chosen = seen.indexOf(Math.min(...seen));
      optimism += (100 * ((all[chosen] - seen[chosen]) / (total - m) - seen[chosen] / m)) / draws;
    }
    return [`optimism${m}`, optimism];
  }));
});
