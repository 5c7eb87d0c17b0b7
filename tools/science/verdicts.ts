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
  const run = recipes.filter(({ id }) => reports.has(id));
  const count = (verdict: string): number => run.filter(({ id }) => reports.get(id)!.verdict === verdict).length;
  const kept = before.includes(MISTAKES) ? before.slice(before.indexOf(MISTAKES)) : '';
  const mistakes = scored ? `${MISTAKES}\n\nDeliberate mistakes, each put in the place of the part it breaks (\`npm run mutants:science\`): ${scored.noticed} of ${scored.of} noticed.\n\n${scored.table}\n` : kept;
  return [
    '# Verdicts',
    '',
    'Written by `npm run recipes`; do not edit. A recipe is *reproduced* when every value lies in its band, *inconclusive* when more seeds might still decide every value that does not, else *not reproduced*.',
    '',
    `${recipes.length} recipes, ${run.length} of them run on this machine: ${count('reproduced')} reproduced, ${count('inconclusive')} inconclusive, ${count('not reproduced')} not reproduced. Seconds are of one thread, on a machine that was busy with other work; where fewer seeds were run than the recipe asks for, a missing sign is open as long as the others could make up for it.`,
    '',
    ...(Object.keys(SECTIONS) as (keyof typeof SECTIONS)[]).flatMap((section) => sectionTable(section, recipes, reports, blocks)),
    ...recipes.filter(({ id, section }) => section !== 'A' && reports.has(id)).flatMap((recipe) => detail(recipe, reports.get(recipe.id)!)),
    mistakes,
  ].join('\n');
}

function sectionTable(section: keyof typeof SECTIONS, recipes: readonly Recipe[], reports: ReadonlyMap<string, Report>, blocks: readonly ReadonlyMap<string, Report>[]): string[] {
  const own = recipes.filter((recipe) => recipe.section === section);
  const row = ({ id, claim, seeds }: Recipe): string => {
    const report = reports.get(id);
    if (!report) return `| \`${id}\` | ${claim} | not run here | | | |`;
    const further = blocks.flatMap((each) => each.get(id) ?? []).map(({ verdict, seeds: own }) => `${seedsShown(own)}: ${verdict}`).join('; ');
    return `| \`${id}\` | ${claim} | ${report.verdict} | ${seedsShown(report.seeds)}${report.seeds.length < seeds.length ? ` of ${seeds.length}` : ''} | ${report.seconds.toFixed(report.seconds < 10 ? 1 : 0)} | ${further} |`;
  };
  return [`## ${section}. ${SECTIONS[section]}`, '', '| recipe | claim | verdict | seeds | seconds | further seeds |', '| --- | --- | --- | --- | --- | --- |', ...own.map(row), ''];
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
