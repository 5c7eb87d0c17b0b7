import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { InputError, unknownName } from '@gradstream/numerics';
import { writeWhole } from '@gradstream/pipeline/node';
import { parse, YAMLParseError } from 'yaml';
import { parseRecipe, type Recipe } from './recipe.ts';
import type { CellStore } from './run-recipe.ts';

/** Reads one recipe document. */
export function readRecipe(path: string): Recipe {
  try {
    return parseRecipe(parse(readFileSync(path, 'utf8')), basename(path));
  } catch (error) {
    if (error instanceof YAMLParseError) throw new InputError(`${basename(path)}: not YAML: ${error.message.split('\n')[0]}`);
    throw error;
  }
}

/** The recipes of a folder, by section and then by name. */
export const recipesIn = (dir: string): Recipe[] =>
  readdirSync(dir).filter((name) => /\.ya?ml$/.test(name)).map((name) => readRecipe(join(dir, name))).sort((a, b) => (a.section + a.id < b.section + b.id ? -1 : 1));

/** @throws InputError for an id that is not there, with the nearest one */
export function chooseRecipes(all: readonly Recipe[], ids: readonly string[]): readonly Recipe[] {
  if (ids.length === 0) return all;
  return ids.map((id) => {
    const found = all.find((recipe) => recipe.id === id);
    if (!found) throw new InputError(`recipe: ${unknownName('recipe', id, all.map((recipe) => recipe.id))}`);
    return found;
  });
}

/** Cells as files of a folder, named by their hashes. A file that cannot be read counts as not there. */
export function folderCells(dir: string): CellStore {
  mkdirSync(dir, { recursive: true });
  return {
    get(hash) {
      const path = join(dir, `${hash}.json`);
      if (!existsSync(path)) return undefined;
      try {
        const { measured, seconds } = JSON.parse(readFileSync(path, 'utf8'), unquoted) as { measured: Record<string, number>; seconds: number };
        return { measured, seconds };
      } catch {
        return undefined;
      }
    },
    put: (hash, done) => writeWhole(dir, `${hash}.json`, JSON.stringify(done, quoted)),
  };
}

const quoted = (_: string, value: unknown): unknown => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value);
const unquoted = (_: string, value: unknown): unknown => (value === 'NaN' || value === 'Infinity' || value === '-Infinity' ? Number(value) : value);
