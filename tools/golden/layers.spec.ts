import { join } from 'node:path';
import { distance, type GoldenCase } from './case.ts';
import { ENGINES } from './engines.ts';
import { passes, readFolder, runFile } from './run.ts';

const files = readFolder(join(process.cwd(), 'golden'));

it.each([['losses_penalties', 32], ['normalization', 17], ['stochastic', 21]])('%s: all %d cases agree wherever they can be computed', async (family, count) => {
  const { cases } = await runFile(family, files.get(family)!, ENGINES);
  expect(cases).toHaveLength(count);
  expect(cases.filter((each) => !passes(each))).toEqual([]);
}, 60_000);

it.each(['losses_penalties', 'normalization', 'stochastic'])('%s: no case passes with other numbers', async (family) => {
  const shifted = (x: unknown): unknown => (typeof x === 'number' ? x + 0.01 + 0.05 * Math.abs(x) : Array.isArray(x) ? x.map(shifted) : typeof x === 'object' && x !== null ? Object.fromEntries(Object.entries(x).map(([k, v]) => [k, shifted(v)])) : x);
  const file = files.get(family)!;
  // The cases of edges and of moments hold no numbers but bounds.
  const cases = file.cases.filter(({ id }) => id !== 'dropout-edges' && id !== 'mixup-beta-moments').map((golden): GoldenCase => ({
    ...golden,
    ...(golden.output ? { output: shifted(golden.output) } : {}),
    ...(golden.train ? { train: (golden.train as Record<string, unknown>[]).map((batch) => ({ ...batch, y: shifted(batch.y) })) } : {}),
  }));
  const { cases: results } = await runFile(family, { ...file, cases }, ENGINES);
  expect(results.filter(passes).map(({ id }) => id)).toEqual([]);
  expect(distance(1, shifted(1), { rtol: 0, atol: 0.01 })).toBeGreaterThan(1);
}, 60_000);
