import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filter, lastValueFrom } from 'rxjs';
import { parse } from 'yaml';
import { useBackend } from '@gradstream/engine';
import { exactStudies } from '../exact/index.ts';
import { parseRecipe, type Recipe } from './recipe.ts';
import { runRecipe } from './run-recipe.ts';
import { findStudy, ownParts } from './study.ts';

// All together take well under three minutes; one alone may wait for a busy machine.
jest.setTimeout(120_000);

const folder = join(process.cwd(), 'recipes');
const recipes: readonly Recipe[] = readdirSync(folder).filter((file) => file.endsWith('.yaml')).map((file) => parseRecipe(parse(readFileSync(join(folder, file), 'utf8')), file));
const exact = recipes.filter(({ section }) => section === 'A');

const reportOf = async (recipe: Recipe) => {
  const carryOut: Parameters<typeof runRecipe>[1]['carryOut'] = async ({ study, options, seed }) => ({ measured: await findStudy(exactStudies, study, recipe.id).run(options, seed, ownParts), seconds: 0 });
  const event = await lastValueFrom(runRecipe(recipe, { environment: { backend: 'wasm', version: 'test', cores: 1 }, carryOut }).pipe(filter(({ type }) => type === 'report')));
  return event.type === 'report' ? event.report : undefined;
};

describe('the exact recipes', () => {
  beforeAll(() => useBackend({ backend: 'wasm' }));

  it('are as many as the collection lists', () => {
    expect(exact.length).toBeGreaterThanOrEqual(16);
  });

  it.each(exact.map((recipe) => [recipe.id, recipe] as const))('%s is reproduced', async (_, recipe) => {
    const report = await reportOf(recipe);
    expect(report?.failed.map(({ says }) => says)).toEqual([]);
    expect(report?.verdict).toBe('reproduced');
  });
});
