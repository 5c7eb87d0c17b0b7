import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { InputError } from '@gradstream/numerics';
import envPaths from 'env-paths';

/** Where downloaded data lie: `gradstream` in the cache folder of the platform (XDG on Linux). */
export const cacheFolder = (): string => join(envPaths('gradstream', { suffix: '' }).cache, 'data');

/** The folder to read data from: the one given, `GRADSTREAM_DATA_DIR`, or the cache. */
export const dataFolder = (dir?: string): string => resolve(dir ?? (process.env['GRADSTREAM_DATA_DIR'] || cacheFolder()));

/**
 * The first of `names` that lies in DIR/<folder> or in DIR itself, plain or gzipped; undefined when none does.
 *
 * @param folders names of sub-folders to look in first
 */
export function findFile(dir: string | undefined, folders: readonly string[], names: readonly string[]): string | undefined {
  const root = dataFolder(dir);
  const candidates = [...folders, '.'].flatMap((folder) => names.flatMap((name) => [join(root, folder, name), join(root, folder, `${name}.gz`)]));
  return candidates.find((path) => existsSync(path));
}

/** The sentence for a file that is not there: its path, and how to get it. */
export function missing(dataset: string, dir: string | undefined, folder: string, name: string): InputError {
  return new InputError(`${dataset}: ${join(dataFolder(dir), folder, name)} (or .gz) does not exist; 'gradstream data fetch ${dataset}' downloads it to ${cacheFolder()}`);
}
