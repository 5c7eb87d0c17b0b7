/** Runs golden files on the engines and says what passed. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { distance, toleranceOf, type Engine, type GoldenCase, type GoldenFile } from './case.ts';
import { enter } from './engines.ts';
import { runnerOf } from './families.ts';

export interface CaseResult {
  readonly id: string;
  /** Largest distance on any engine as a part of the tolerance; at most 1 passes. */
  readonly distance: number;
  /** Where it was largest: engine and what was compared, or why nothing was. */
  readonly where: string;
}

export interface FamilyResult {
  /** Name of the file, without `.json`. */
  readonly family: string;
  readonly cases: readonly CaseResult[];
}

export const passes = ({ distance }: CaseResult): boolean => distance <= 1;

/** The golden files of a folder, by name. */
export function readFolder(dir: string): Map<string, GoldenFile> {
  const names = readdirSync(dir).filter((name) => name.endsWith('.json')).sort();
  const files = names.map((name) => [basename(name, '.json'), JSON.parse(readFileSync(join(dir, name), 'utf8')) as GoldenFile] as const);
  return new Map(files.filter(([, { format }]) => format === 'golden/1'));
}

/** Runs the cases of a file, engine by engine. */
export async function runFile(family: string, file: GoldenFile, engines: readonly Engine[], wanted: (golden: GoldenCase, engine: Engine) => boolean = () => true): Promise<FamilyResult> {
  const results = new Map<string, CaseResult>(file.cases.map(({ id }) => [id, { id, distance: Infinity, where: 'nothing was computed' }]));
  const compared = new Set<string>();
  for (const engine of engines) {
    await enter(engine);
    for (const golden of file.cases) {
      if (!wanted(golden, engine)) continue;
      const result = await runCase(golden, engine, file);
      if (!result) continue;
      const before = results.get(golden.id)!;
      if (!compared.has(golden.id) || result.distance > before.distance || Number.isNaN(result.distance)) results.set(golden.id, result);
      compared.add(golden.id);
    }
  }
  return { family, cases: [...results.values()] };
}

async function runCase(golden: GoldenCase, engine: Engine, file: GoldenFile): Promise<CaseResult | undefined> {
  const { id } = golden;
  const runner = runnerOf(golden, file);
  if (!runner) return { id, distance: Infinity, where: `'${golden.algorithm ?? golden.schedule ?? golden.op}' is not known` };
  try {
    const comparisons = await runner(golden, engine, file);
    if (!comparisons) return undefined;
    const tolerance = toleranceOf(golden, engine.precision);
    const measured = comparisons.map(({ what, actual, expected }) => ({ id, distance: distance(actual, expected, tolerance), where: `${engine.name}: ${what}` }));
    return measured.reduce((worst, each) => (each.distance > worst.distance ? each : worst), { id, distance: measured.length > 0 ? 0 : Infinity, where: engine.name });
  } catch (error) {
    return { id, distance: Infinity, where: `${engine.name}: ${error instanceof Error ? error.message : String(error)}` };
  }
}
