import { SECTIONS, type Recipe, type Report } from '@gradstream/diagnostics';

const number = (value: unknown): string => (typeof value === 'number' && Number.isFinite(value) && value !== 0 ? String(Number(value.toPrecision(4))) : String(value));
/** Seeds as people write them: `0–4, 7`. */
function seedsShown(seeds: readonly number[]): string {
  const ends: [number, number][] = [];
  for (const seed of [...seeds].sort((a, b) => a - b)) {
    const last = ends.at(-1);
    if (last && last[1] + 1 === seed) last[1] = seed;
    else ends.push([seed, seed]);
  }
  return ends.map(([from, to]) => (from === to ? String(from) : to === from + 1 ? `${from}, ${to}` : `${from}–${to}`)).join(', ');
}

const MISTAKES = '## What the recipes notice';

/** docs/verdicts.md: every recipe with its verdict, and the numbers behind it; the table of mistakes stays as it was unless given anew. */
export function verdictsPage(recipes: readonly Recipe[], reports: ReadonlyMap<string, Report>, blocks: readonly ReadonlyMap<string, Report>[], scored: { readonly table: string; readonly noticed: number; readonly of: number } | undefined, before: string): string {
  const verdicts = recipes.map(({ id }) => reports.get(id)?.verdict ?? rowOf(before, id)?.[2] ?? 'not run');
  const count = (verdict: string): number => verdicts.filter((each) => each === verdict).length;
  const kept = before.includes(MISTAKES) ? before.slice(before.indexOf(MISTAKES)) : '';
  const mistakes = scored ? `${MISTAKES}\n\nDeliberate mistakes, each put in the place of the part it breaks (\`npm run mutants:science\`): ${scored.noticed} of ${scored.of} noticed.\n\n${scored.table}\n` : kept;
  return [
    '# Verdicts',
    '',
    'Written by `npm run recipes`; do not edit. A recipe is *reproduced* when every value lies in its band, *inconclusive* when more seeds might still decide every value that does not, else *not reproduced*.',
    '',
    `${recipes.length} recipes, ${recipes.length - count('not run')} of them run: ${count('reproduced')} reproduced, ${count('inconclusive')} inconclusive, ${count('not reproduced')} not reproduced. Seconds are of one thread, on a machine that was busy with other work; where fewer seeds were run than the recipe asks for, a missing sign is open as long as the others could make up for it. Further seeds are blocks that were not used while the recipe was built; it says so where none or only one was run. What has no report on the machine that wrote this page stands as it stood.`,
    '',
    ...(Object.keys(SECTIONS) as (keyof typeof SECTIONS)[]).flatMap((section) => sectionTable(section, recipes, reports, blocks, before)),
    ...otherwise(recipes, blocks, before),
    ...recipes.filter(({ section }) => section !== 'A').flatMap((recipe) => (reports.has(recipe.id) ? detail(recipe, reports.get(recipe.id)!) : detailOf(before, recipe.id))),
    mistakes,
  ].join('\n');
}

/** The cells of a recipe's row on an earlier page, claim first. */
const rowOf = (page: string, id: string): string[] | undefined => page.split('\n').find((line) => line.startsWith(`| \`${id}\` |`) && line.split(' | ').length >= 6)?.slice(2).split(/ \|(?: |$)/);

/** The section of a recipe on an earlier page. */
function detailOf(page: string, id: string): string[] {
  const from = page.indexOf(`### ${id}\n`);
  if (from < 0) return [];
  return [page.slice(from, from + 4 + page.slice(from + 4).search(/\n##/)).trimEnd(), ''];
}

/** What blocks of further seeds say, those of an earlier page too. */
function furtherOf(id: string, blocks: readonly ReadonlyMap<string, Report>[], before: string): string {
  const found = new Map((rowOf(before, id)?.[5] ?? '').split('; ').filter((each) => each.includes(': ')).map((each) => [each.split(': ')[0], each.split(': ')[1]]));
  for (const { seeds, verdict } of blocks.flatMap((each) => each.get(id) ?? [])) found.set(seedsShown(seeds), verdict);
  const said = [...found].map(([seeds, verdict]) => `${seeds}: ${verdict}`);
  return said.length === 0 ? 'not run' : [...said, ...(said.length === 1 ? ['a second block was not run'] : [])].join('; ');
}

function sectionTable(section: keyof typeof SECTIONS, recipes: readonly Recipe[], reports: ReadonlyMap<string, Report>, blocks: readonly ReadonlyMap<string, Report>[], before: string): string[] {
  const own = recipes.filter((recipe) => recipe.section === section);
  const row = ({ id, claim, seeds }: Recipe): string => {
    const report = reports.get(id);
    const old = rowOf(before, id);
    const further = furtherOf(id, blocks, before);
    if (!report) return `| \`${id}\` | ${claim} | ${old ? old.slice(2, 5).join(' | ') : 'not run | |'} | ${further} |`;
    return `| \`${id}\` | ${claim} | ${report.verdict} | ${seedsShown(report.seeds)}${report.seeds.length < seeds.length ? ` of ${seeds.length}` : ''} | ${report.seconds.toFixed(report.seconds < 10 ? 1 : 0)} | ${further} |`;
  };
  return [`## ${section}. ${SECTIONS[section]}`, '', '| recipe | claim | verdict | seeds | seconds | further seeds |', '| --- | --- | --- | --- | --- | --- |', ...own.map(row), ''];
}

const OTHERWISE = '## Where further seeds fail';

/** Rules that a block of further seeds does not keep. */
function otherwise(recipes: readonly Recipe[], blocks: readonly ReadonlyMap<string, Report>[], before: string): string[] {
  const found = recipes.flatMap(({ id, note }) => blocks.flatMap((each) => each.get(id) ?? []).filter(({ failed }) => failed.length > 0).map(({ seeds, failed }) => `- \`${id}\`, seeds ${seedsShown(seeds)}: ${failed.map(({ says }) => says).join('; ')}${note ? `. ${note}` : ''}`));
  const kept = before.includes(OTHERWISE) ? before.slice(before.indexOf(OTHERWISE) + OTHERWISE.length).split(/\n##/)[0].split('\n').filter((line) => line.startsWith('- ') && !found.some((each) => each.split(':')[0] === line.split(':')[0])) : [];
  return found.length + kept.length === 0 ? [] : [OTHERWISE, '', ...found, ...kept, ''];
}

function detail(recipe: Recipe, report: Report): string[] {
  const metrics = [...new Set(recipe.accept.map(({ metric }) => metric))];
  const value = (arm: string, metric: string): string => {
    const summary = report.arms[arm]?.[metric];
    return summary ? `${number(summary.mean)}${summary.n > 1 ? ` ± ${Number.isFinite(summary.sd) ? number(Number(summary.sd.toPrecision(2))) : summary.sd}` : ''}` : '';
  };
  const { backend, version, cores } = report.environment;
  return [
    `### ${recipe.id}`, '',
    `${recipe.claim} ${recipe.source}.${recipe.note ? ` ${recipe.note}` : ''}`, '',
    `| arm | ${metrics.join(' | ')} |`, `| --- |${metrics.map(() => ' --- |').join('')}`,
    ...Object.keys(report.arms).map((arm) => `| ${arm} | ${metrics.map((metric) => value(arm, metric)).join(' | ')} |`), '',
    ...(report.failed.length > 0 ? [...report.failed.map(({ says }) => `- outside its band: ${says}`), ''] : []),
    `Mean ± deviation over seeds ${seedsShown(report.seeds)}; backend ${backend}, studies ${version}, ${cores} cores; recipe \`${report.recipe_sha256.slice(0, 12)}\`.`, '',
  ];
}
