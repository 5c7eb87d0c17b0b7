import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { text } from '@gradstream/numerics';
import { csvRules, fromCsv, type CsvOptions, type TableData, type TaskOf } from '../csv.ts';
import { dataset, type DatasetFactory, type Loaded } from '../data.ts';
import { dataFolder } from './place.ts';
import { readBytes } from './read.ts';

/** A table on disk. */
export interface CsvFileOptions extends CsvOptions {
  /** Absolute, or relative to `dir`, or to the working folder. Gzip or plain; `.tsv` separates by tabs. */
  readonly path: string;
  /** Folder to look in first. Default `GRADSTREAM_DATA_DIR`. */
  readonly dir?: string;
}

/** `csvFile`, whose targets are classes or values as `task` says. */
export interface CsvFile extends Pick<DatasetFactory<CsvFileOptions, TableData>, 'factoryName' | 'options' | 'required'> {
  <const O extends CsvFileOptions>(options: O): Promise<Loaded<TableData<TaskOf<O>>, O>>;
}

/**
 * Data of a CSV or TSV file; see `fromCsv`.
 *
 * @throws InputError with file and line
 */
export const csvFile = dataset<CsvFileOptions, TableData>('csv', { ...csvRules, path: text, dir: text }, async ({ path, dir, ...options }) => {
  const found = inFolder(path, dir);
  return fromCsv(await readBytes(found), found, { delimiter: /\.tsv(\.gz)?$/.test(path) ? '\t' : ',', ...options });
}, ['path']) as unknown as CsvFile;

/** A path as it stands in the data folder, else in the working folder. */
export function inFolder(path: string, dir: string | undefined): string {
  const within = resolve(dataFolder(dir), path);
  return existsSync(within) ? within : resolve(path);
}
