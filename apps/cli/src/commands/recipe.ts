import { fileURLToPath } from 'node:url';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import envPaths from 'env-paths';
import { lastValueFrom, tap } from 'rxjs';
import { InputError } from '@gradstream/numerics';
import { newId, stringify } from '@gradstream/protocol';
import { runRecipe, SECTIONS, type CellEvent, type Recipe, type Report, type ReportEvent } from '@gradstream/diagnostics';
import { writeWhole } from '@gradstream/pipeline/node';
import { carryOutHere, cellThreads, chooseRecipes, environmentHere, folderCells, partsIn, publishReport, recipesIn } from '@gradstream/diagnostics/node';
import { duration } from '../run/progress.ts';
import { reachable } from '../run/servers.ts';
import { wholeOption } from './train.ts';

/** Folder of the recipes that ship. */
export const shippedRecipes = fileURLToPath(new URL('../../../../recipes/', import.meta.url));

/** What `recipe run` is asked for. */
export interface RecipeFlags {
  readonly dataDir?: string;
  readonly seeds?: readonly number[];
  readonly jobs?: number;
  readonly out?: string;
  readonly json?: boolean;
  /** Address of a metrics server. Default: none. */
  readonly server?: string;
}

const seedList = (text: string): number[] => text.split(',').map((part) => wholeOption('seeds')(part.trim()));

export const recipeCommand = (): Command => {
  const command = new Command('recipe').description('claims of the literature that run, measure and end in a verdict');
  command.command('list').description('the recipes that ship').action(() => void process.stdout.write(listed(recipesIn(shippedRecipes))));
  command.command('show <id>').description('one recipe: its claim, arms and acceptance').option('--json', 'as one line of JSON').action((id: string, { json }: { json?: boolean }) => {
    const [recipe] = chooseRecipes(recipesIn(shippedRecipes), [id]);
    process.stdout.write(json ? `${JSON.stringify(recipe)}\n` : shownRecipe(recipe));
  });
  command.command('run [ids...]').description('run recipes (all of them unless named)')
    .option('--data-dir <dir>', 'folder with the data files; else the cache')
    .option('--seeds <list>', 'seeds, instead of the recipe\'s: 0,1,2', seedList)
    .option('--jobs <n>', 'threads; the numbers stay the same', wholeOption('jobs'), 1)
    .option('--out <dir>', 'folder that keeps finished arms; else the cache')
    .option('--server <url>', 'metrics server to publish to (default: http://127.0.0.1:4319, when one answers there)')
    .option('--no-server', 'publish nothing')
    .option('--json', 'the last line is the report as JSON')
    .action(async (ids: readonly string[], { server, ...flags }: Omit<RecipeFlags, 'server'> & { readonly server?: string | false }) => {
      const recipes = chooseRecipes(recipesIn(shippedRecipes), ids);
      await runRecipes(recipes, { ...flags, server: server === false ? undefined : (server ?? (await reachable('http://127.0.0.1:4319'))) });
    });
  return command;
};

/** Where finished arms and reports are kept. */
export const recipeFolder = (out?: string): string => out ?? join(envPaths('gradstream', { suffix: '' }).cache, 'recipes');

/** Runs recipes one after another; progress goes to standard error. Exit code 1 where one is not reproduced. */
export async function runRecipes(recipes: readonly Recipe[], { dataDir, seeds, jobs = 1, out, json = false, server }: RecipeFlags): Promise<readonly Report[]> {
  if (jobs < 1) throw new InputError('--jobs must be a whole number of at least 1, received 0');
  const folder = recipeFolder(out);
  const store = folderCells(folder);
  const parts = partsIn(dataDir);
  const environment = await environmentHere();
  const reports: Report[] = [];
  for (const recipe of recipes) {
    const publishing = server === undefined ? undefined : { server, group: `${recipe.id}-${newId()}` };
    const threads = jobs > 1 ? cellThreads(Math.min(jobs, availableParallelism() * 2), { dataDir, publishing }) : undefined;
    const published = publishing && publishReport(recipe, publishing);
    try {
      const event = await lastValueFrom(runRecipe(recipe, { seeds, store, jobs, environment, carryOut: (cell) => (threads ? threads.carryOut(cell) : carryOutHere(cell, parts, publishing)) }).pipe(tap(progressOf(recipe)), tap((event) => event.type === 'cell' && published?.next(event))));
      if (event.type !== 'report') continue;
      reports.push(event.report);
      writeWhole(join(folder, 'reports'), `${recipe.id}.json`, stringify(event.report));
      process.stdout.write(json ? `${stringify(event.report)}\n` : shownReport(recipe, event.report));
      await published?.end(event.report);
    } finally {
      await threads?.close();
    }
  }
  if (reports.some(({ verdict }) => verdict === 'not reproduced')) process.exitCode = 1;
  return reports;
}

/** Says on standard error which cell is done and how long the rest will take. */
function progressOf(recipe: Recipe): (event: CellEvent | ReportEvent) => void {
  const started = performance.now();
  let worked = 0;
  return (event) => {
    if (event.type !== 'cell') return;
    if (!event.kept) worked++;
    const left = worked === 0 ? 0 : ((performance.now() - started) / 1000 / worked) * (event.of - event.done);
    process.stderr.write(`${recipe.id}  ${event.done}/${event.of}  ${event.cell.arm} seed ${event.cell.seed}  ${event.kept ? 'kept' : `${event.seconds.toFixed(1)} s`}  ${duration(left)} left\n`);
  };
}

function listed(recipes: readonly Recipe[]): string {
  const width = Math.max(...recipes.map(({ id }) => id.length));
  const of = (section: keyof typeof SECTIONS): string => recipes.filter((recipe) => recipe.section === section).map(({ id, claim }) => `  ${id.padEnd(width)}  ${claim}\n`).join('');
  return (Object.keys(SECTIONS) as (keyof typeof SECTIONS)[]).map((section) => (of(section) ? `${section}. ${SECTIONS[section]}\n${of(section)}\n` : '')).join('').trimEnd() + '\n';
}

function shownRecipe({ id, claim, source, note, study, seeds, base, arms, accept }: Recipe): string {
  const lines = [id, `  ${claim}`, `  source: ${source}`, ...(note ? [`  note: ${note}`] : []), `  study: ${study}; seeds ${seeds.join(', ')}${base ? `; compared with '${base}'` : ''}`, '  arms:'];
  for (const [arm, change] of Object.entries(arms)) lines.push(`    ${arm}: ${JSON.stringify(change)}`);
  lines.push('  accepted when:', ...accept.map((rule) => `    ${JSON.stringify(rule)}`));
  return `${lines.join('\n')}\n`;
}

/** Mean and deviation of each measure that the acceptance rule looks at, arm by arm, and what failed. */
export function shownReport(recipe: Recipe, report: Report): string {
  const metrics = [...new Set(recipe.accept.map(({ metric }) => metric))];
  const number = (value: number): string => (Number.isFinite(value) && value !== 0 ? String(Number(value.toPrecision(4))) : String(value));
  const cell = (arm: string, metric: string): string => {
    const summary = report.arms[arm]?.[metric];
    return summary ? `${number(summary.mean)}${summary.n > 1 ? ` ± ${Number(summary.sd.toPrecision(2))}` : ''}` : '-';
  };
  const rows = [['', ...metrics], ...Object.keys(report.arms).map((arm) => [arm, ...metrics.map((metric) => cell(arm, metric))])];
  const widths = rows[0].map((_, c) => Math.max(...rows.map((row) => row[c].length)));
  const table = rows.map((row) => `  ${row.map((text, c) => (c === 0 ? text.padEnd(widths[c]) : text.padStart(widths[c]))).join('  ')}`).join('\n');
  const failed = report.failed.map(({ says }) => `  ! ${says}`).join('\n');
  return `${recipe.id}: ${report.verdict}  (${report.seeds.length} seed${report.seeds.length === 1 ? '' : 's'}, ${duration(report.seconds)})\n${table}\n${failed ? `${failed}\n` : ''}\n`;
}
