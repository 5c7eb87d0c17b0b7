import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { text } from '@gradstream/numerics';
import { csvRules, fromCsv, type CsvOptions, type TableData } from '../csv.ts';
import { dataset } from '../data.ts';
import { dataFolder } from './place.ts';
import { readBytes } from './read.ts';

/** A table on disk. */
export interface CsvFileOptions extends CsvOptions {
  /** Absolute, or relative to `dir`, or to the working folder. Gzip or plain; `.tsv` separates by tabs. */
  readonly path: string;
  /** Folder to look in first. Default `GRADSTREAM_DATA_DIR`. */
  readonly dir?: string;
}

/**
 * Data of a CSV or TSV file; see `fromCsv`.
 *
 * @throws InputError with file and line
 */
export const csvFile = dataset<CsvFileOptions, TableData>('csv', { ...csvRules, path: text, dir: text }, async ({ path, dir, ...options }): Promise<TableData> => {
  const inFolder = resolve(dataFolder(dir), path);
  const found = existsSync(inFolder) ? inFolder : resolve(path);
  return fromCsv(await readBytes(found), found, { delimiter: /\.tsv(\.gz)?$/.test(path) ? '\t' : ',', ...options });
}, ['path']);
