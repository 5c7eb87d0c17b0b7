import { readFileSync, existsSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { Command } from 'commander';
import { buildFrom, InputError, type Examples } from '@gradstream/numerics';
import { stringify } from '@gradstream/protocol';
import { encodedWidth, encodeInputs, parseRows, type Data } from '@gradstream/datasets';
import { predict, useBackend } from '@gradstream/engine';
import { build, fromLayersModelArtifacts } from '@gradstream/models';
import { registriesIn } from '@gradstream/pipeline/node';
import { readFolder, type DataCard, type SavedRun } from '../run/run-folder.ts';

interface Rows {
  readonly examples: Pick<Examples, 'inputs' | 'inputShape'>;
  /** True targets, where the data have them. */
  readonly targets?: Examples['targets'];
}

/** The rows to predict: a table encoded as in training, or the held-out part of a data set. */
async function rowsOf(given: string, { spec, card }: SavedRun, dir: string | undefined): Promise<Rows> {
  if (card.encoding) {
    if (!existsSync(given)) throw new InputError(`predict: ${given} does not exist; this model predicts rows of a table like the one it was trained on`);
    const bytes = readFileSync(given);
    const table = parseRows(bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes, given, card.encoding);
    return { examples: { inputs: encodeInputs(table, card.encoding), inputShape: [table.rows.length, encodedWidth(card.encoding)] } };
  }
  const trained = typeof spec.data === 'string' ? { name: spec.data } : spec.data;
  const data = await buildFrom<Data | Promise<Data>>(registriesIn(dir), 'dataset', given === trained.name ? trained : given, 'predict');
  const split = data.test ?? data.validation ?? data.train;
  if (split.inputShape.join() !== card.inputShape.join()) throw new InputError(`predict: the model takes examples of shape [${card.inputShape}], and those of ${given} have shape [${split.inputShape}]`);
  const examples = split.gather(Uint32Array.from({ length: split.size }, (_, i) => i));
  return { examples, targets: examples.targets };
}

/** One line for a row of outputs. */
function described(row: Float32Array, { link, targets: { names, kind }, encoding }: DataCard): object {
  if (kind === 'values') {
    const target = encoding?.target;
    return { prediction: Array.from(row, (x) => (target?.kind === 'values' ? x * target.scale + target.offset : x)) };
  }
  const top = row.reduce((best, x, i) => (x > row[best] ? i : best), 0);
  const highest = row[top];
  const total = row.reduce((sum, x) => sum + Math.exp(x - highest), 0);
  return { prediction: names?.[top] ?? top, probability: link === 'sigmoid' ? 1 / (1 + Math.exp(-highest)) : 1 / total };
}

export const predictCommand = (): Command =>
  new Command('predict')
    .description('predict with a trained run: one JSON object per example on standard output')
    .argument('<dir>', 'the --out folder of a run')
    .argument('<data>', 'a CSV file like the one it was trained on, or the name of a data set (its test part)')
    .option('--data-dir <dir>', 'folder with the data files; else the cache')
    .action(async (dir: string, given: string, { dataDir }: { dataDir?: string }) => {
      const saved = readFolder(dir);
      const { model, weights, inputShape, width } = fromLayersModelArtifacts(saved.topology);
      const { examples, targets } = await rowsOf(given, saved, dataDir);
      await useBackend();
      const outputs = predict(build(model, inputShape, width), weights, examples);
      const count = examples.inputShape[0];
      const perRow = outputs.length / count;
      let right = 0;
      for (let i = 0; i < count; i++) {
        const row = outputs.subarray(i * perRow, (i + 1) * perRow);
        const truth = targets?.kind === 'classes' ? targets.values[i] : undefined;
        if (truth !== undefined && row.every((x) => x <= row[truth])) right++;
        const named = truth === undefined ? {} : { target: saved.card.targets.names?.[truth] ?? truth };
        process.stdout.write(`${stringify({ index: i, ...described(row, saved.card), ...named })}\n`);
      }
      process.stderr.write(`${count} predictions${targets?.kind === 'classes' ? `, ${((100 * right) / count).toFixed(2)} % right` : ''}.\n`);
    });
