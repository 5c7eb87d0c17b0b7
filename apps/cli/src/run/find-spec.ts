import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError, unknownName } from '@gradstream/numerics';
import { readRunSpec, type RunSpec } from '@gradstream/protocol';

/** Folder of the runs that ship. */
const shipped = fileURLToPath(new URL('../../../../specs/', import.meta.url));

/** Names of the runs that ship. */
export const shippedNames = (): string[] =>
  existsSync(shipped) ? readdirSync(shipped).filter((file) => file.endsWith('.yaml')).map((file) => file.slice(0, -5)).sort() : [];

/** A run document and what errors call it. */
export interface FoundSpec {
  readonly spec: RunSpec;
  readonly where: string;
}

/**
 * Reads a run document: a file, or the name of one that ships.
 *
 * @throws InputError when there is neither (with the nearest known name), or the document is wrong
 */
export function findSpec(given: string): FoundSpec {
  const isFile = /\.(ya?ml|json)$/i.test(given);
  if (isFile) {
    const path = resolve(given);
    if (!existsSync(path)) throw new InputError(`${given}: there is no such file`);
    return { spec: readRunSpec(readFileSync(path, 'utf8'), given), where: given };
  }
  const names = shippedNames();
  if (!names.includes(given)) throw new InputError(`train: ${unknownName('run', given, names)}; a run of your own is a .yaml or .json file`);
  const { name, ...spec } = readRunSpec(readFileSync(join(shipped, `${given}.yaml`), 'utf8'), given);
  return { spec: { ...spec, name: name ?? given }, where: given };
}

/** The run that `--data` alone means: the first that ships for this data set, or an MLP on a CSV file. */
export function specForData(data: string): FoundSpec {
  if (/\.(csv|tsv)(\.gz)?$/i.test(data)) {
    return {
      where: data,
      spec: {
        version: 1,
        name: data.replace(/^.*[\\/]/, '').replace(/\.(csv|tsv)(\.gz)?$/i, ''),
        data: { name: 'csv', path: data, validation: 0.15, test: 0.15 },
        batches: { size: 32, epochs: 30 },
        model: { name: 'mlp', hidden: [64, 32] },
        loss: 'softmaxCrossEntropy',
        optimizer: { name: 'adamw', learningRate: 1e-3, weightDecay: 1e-2 },
        metrics: ['accuracy', 'gradientNorm'],
        earlyStopping: { monitor: 'validation/loss', patience: 8 },
      },
    };
  }
  const named = shippedNames().map((name) => findSpec(name));
  const dataOf = ({ spec }: FoundSpec) => (typeof spec.data === 'string' ? spec.data : spec.data.name);
  const found = named.find(({ spec }) => spec.name === data) ?? named.find((candidate) => dataOf(candidate) === data && candidate.spec.name?.endsWith('-mlp')) ?? named.find((candidate) => dataOf(candidate) === data);
  if (!found) throw new InputError(`--data: ${unknownName('data set', data, new Set(named.map(dataOf)))}, or a CSV file`);
  return found;
}
