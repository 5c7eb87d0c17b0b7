import { lastValueFrom, takeWhile } from 'rxjs';
import { buildFrom, sizeOf, type Examples, type Split, type Weights } from '@gradstream/numerics';
import { parseRunSpec } from '@gradstream/protocol';
import { fromArrays, partition, type Data } from '@gradstream/datasets';
import { predict, useBackend } from '@gradstream/engine';
import { build } from '@gradstream/models';
import { buildParts, epochs, evaluate, keep } from '@gradstream/pipeline';
import { study } from '../recipe/study.ts';
import { allOf } from '../split-arrays.ts';

export interface SmallDataOptions {
  readonly data: { readonly name: string } & Readonly<Record<string, unknown>>;
  /** Rows to train on; all others are held out. */
  readonly rows: number;
  /** `neighbours`, or parts of a run document that trains until its loss is at most `untilTrainLoss`. */
  readonly method: 'neighbours' | Readonly<Record<string, unknown>>;
  readonly neighbours?: number;
  readonly untilTrainLoss?: number;
}

/** Held-out error in % of one method that learned from a few rows, standardised by those rows. The seed decides which rows. */
export const smallData = study<SmallDataOptions>('small-data', async ({ data: document, rows, method, neighbours = 5, untilTrainLoss = 0 }, seed, parts) => {
  await useBackend();
  const { train: all } = await buildFrom<Data | Promise<Data>>(parts.registries, 'dataset', document, 'data');
  const split = partition(all, { subset: rows, validation: all.size - rows, seed });
  const { known, held } = standardizedBy(allOf(split.train), allOf(split.validation));
  const said = method === 'neighbours' ? nearest(known, held, neighbours, all.targets.width) : await trained(method, untilTrainLoss, known, held);
  const wrong = held.labels.reduce((n, label, i) => n + (said[i] === label ? 0 : 1), 0);
  return { error: (100 * wrong) / held.labels.length };

  async function trained(parts_: Readonly<Record<string, unknown>>, until: number, { values, labels, columns }: Rows, held: Rows): Promise<number[]> {
    const width = all.targets.width;
    const train: Split = fromArrays({ inputs: values, inputShape: [columns], classes: labels, width });
    const made = buildParts(parseRunSpec({ version: 1, seed, data: 'given', loss: 'softmaxCrossEntropy', ...parts_ }, 'small-data'), 'small-data', parts.registries);
    const kept: { weights?: Weights } = {};
    await lastValueFrom(parts.compose(made, { train }).pipe(
      evaluate(train, { every: epochs(5), size: 2_000 }),
      takeWhile((event) => !(event.type === 'evaluation' && event.metrics['train/loss'] <= until), true),
      keep(kept),
    ));
    const logits = predict(build(made.model, [columns], width), kept.weights!, { inputs: held.values, inputShape: [held.labels.length, columns] }, { size: 2_000 });
    return held.labels.map((_, i) => {
      const row = logits.subarray(i * width, (i + 1) * width);
      return row.indexOf(Math.max(...row));
    });
  }
});

interface Rows {
  /** [rows, columns] */
  readonly values: Float32Array;
  readonly labels: readonly number[];
  readonly columns: number;
}

/** Both parts with the mean and deviation of the known rows taken out of each column; constant columns are only centred. */
function standardizedBy(known: Examples, held: Examples): { readonly known: Rows; readonly held: Rows } {
  const columns = sizeOf(known.inputShape.slice(1));
  const mean = new Float64Array(columns);
  const square = new Float64Array(columns);
  known.inputs.forEach((x, i) => (mean[i % columns] += x / known.size));
  known.inputs.forEach((x, i) => (square[i % columns] += (x - mean[i % columns]) ** 2 / known.size));
  const deviation = square.map((variance) => Math.sqrt(variance) || 1);
  const scaled = ({ inputs, targets }: Examples): Rows => ({ values: Float32Array.from(inputs, (x, i) => (x - mean[i % columns]) / deviation[i % columns]), labels: [...targets.values], columns });
  return { known: scaled(known), held: scaled(held) };
}

/** The class that most of the k nearest known rows have; of equals, the one of the nearer row. */
function nearest(known: Rows, held: Rows, k: number, width: number): number[] {
  const { columns } = known;
  return held.labels.map((_, h) => {
    const near = known.labels.map((label, i) => {
      let square = 0;
      for (let c = 0; c < columns; c++) square += (held.values[h * columns + c] - known.values[i * columns + c]) ** 2;
      return { label, square };
    }).sort((a, b) => a.square - b.square).slice(0, k);
    const votes = new Float64Array(width);
    near.forEach(({ label }) => votes[label]++);
    return near.find(({ label }) => votes[label] === Math.max(...votes))!.label;
  });
}
