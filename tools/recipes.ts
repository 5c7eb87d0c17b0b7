/**
 * Runs recipes and writes docs/verdicts.md from the last report of each: `npm run recipes -- [ids…] [--data-dir DIR] [--seeds 0,1] [--jobs N]`.
 * `--block N` keeps the report as that of a further block of seeds, beside the recipe's own. With `--write` nothing is run but the deliberate mistakes, and docs/concepts.md is written too.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { recipesIn } from '@gradstream/diagnostics/node';
import { concepts, type Report } from '@gradstream/diagnostics';
import { conceptsPage } from './science/concepts.ts';
import { mutationScore } from './science/mistakes.ts';
import { verdictsPage } from './science/verdicts.ts';

/** What is used of the command line's own module. */
interface RecipeModule {
  recipeCommand(): { parseAsync(args: readonly string[], options: { readonly from: 'user' }): Promise<unknown> };
  recipeFolder(out?: string): string;
  readonly shippedRecipes: string;
}

const { recipeCommand, recipeFolder, shippedRecipes } = (await import(new URL('../apps/cli/src/commands/recipe.ts', import.meta.url).href)) as RecipeModule;
const given = process.argv.slice(2);

/** Takes an option and its value out of the command line. */
function taken(name: string): string | undefined {
  const at = given.indexOf(name);
  return at < 0 ? undefined : given.splice(at, 2)[1];
}

const out = recipeFolder(taken('--out'));
const block = taken('--block');
const ofBlock = (number: string): string => join(out, `block-${number}`);
if (!given.includes('--write')) await recipeCommand().parseAsync(['run', ...given, '--out', block === undefined ? out : ofBlock(block)], { from: 'user' });

const reportsIn = (folder: string): Map<string, Report> => new Map(recipesIn(shippedRecipes).flatMap(({ id }) => {
  const path = join(folder, 'reports', `${id}.json`);
  return existsSync(path) ? [[id, JSON.parse(readFileSync(path, 'utf8'), unquoted) as Report] as const] : [];
}));

/** NaN and the infinities stand in JSON as texts. */
function unquoted(_: string, value: unknown): unknown {
  return value === 'NaN' || value === 'Infinity' || value === '-Infinity' ? Number(value) : value;
}

const scored = given.includes('--write') ? await mutationScore() : undefined;
const page = new URL('../docs/verdicts.md', import.meta.url);
const before = existsSync(page) ? readFileSync(page, 'utf8') : '';
writeFileSync(page, verdictsPage(recipesIn(shippedRecipes), reportsIn(out), ['1', '2', '3'].map((number) => reportsIn(ofBlock(number))), scored, before));
if (given.includes('--write')) writeFileSync(new URL('../docs/concepts.md', import.meta.url), conceptsPage(concepts));
