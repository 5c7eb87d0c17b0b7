import { text, type OptionTable } from '@gradstream/numerics';
import { characters, charactersRules, type CharactersOptions } from '../characters.ts';
import { dataset, type Data } from '../data.ts';
import { inFolder } from './csv-file.ts';
import { findFile, missing } from './place.ts';
import { readBytes } from './read.ts';

export interface TextSetOptions extends CharactersOptions {
  /** Folder with the file, or with a folder `text` in it. Default `GRADSTREAM_DATA_DIR`, else the cache. */
  readonly dir?: string;
}

const rules: OptionTable<TextSetOptions> = { ...charactersRules, dir: text };

/** Tiny Shakespeare: 1.1 MB of plays, 65 different characters. A. Karpathy, char-rnn, 2015. */
export const tinyShakespeare = dataset<TextSetOptions, Data<'classes'>>('tinyshakespeare', rules, async ({ dir, ...options }) => {
  const path = findFile(dir, ['text', 'tinyshakespeare'], ['tinyshakespeare.txt']);
  if (!path) throw missing('tinyshakespeare', dir, 'tinyshakespeare', 'tinyshakespeare.txt');
  return characters(new TextDecoder().decode(await readBytes(path)), path, options, { dataset: 'tinyshakespeare', about: 'plays of Shakespeare, by character', licence: 'text in the public domain' });
});

export interface TextFileOptions extends TextSetOptions {
  /** Absolute, or relative to `dir`, or to the working folder. UTF-8; gzip or plain. */
  readonly path: string;
}

/** A text on disk, by character. */
export const textFile = dataset<TextFileOptions, Data<'classes'>>('text', { ...rules, path: text }, async ({ path, dir, ...options }) => {
  const found = inFolder(path, dir);
  return characters(new TextDecoder().decode(await readBytes(found)), found, options);
}, ['path']);
