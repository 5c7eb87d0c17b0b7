/**
 * npm run golden -- [--dir DIR] [--json]
 *
 * Runs every case of every golden file of a folder (the project's own by default) and reports per family what passed. With `--json` the last
 * line of stdout is `{ "families": { "<file name>": { "passed", "failed", "failures": [ids] } } }`. Exit code 1 when a case failed.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ENGINES } from './golden/engines.ts';
import { passes, readFolder, runFile, type FamilyResult } from './golden/run.ts';

const { values: { dir, json } } = parseArgs({
  options: { dir: { type: 'string', default: fileURLToPath(new URL('../golden', import.meta.url)) }, json: { type: 'boolean', default: false } },
});

if (!existsSync(dir)) {
  console.error(`golden: --dir must be a folder of golden files, '${dir}' does not exist`);
  process.exit(2);
}

const results: FamilyResult[] = [];
for (const [family, file] of readFolder(dir)) {
  const result = await runFile(family, file, ENGINES);
  results.push(result);
  const failed = result.cases.filter((each) => !passes(each));
  const passed = result.cases.filter(passes);
  const nearest = passed.reduce((worst, each) => Math.max(worst, each.distance), 0);
  console.log(`${family}: ${passed.length} of ${result.cases.length} passed, largest distance ${nearest.toPrecision(2)} of the tolerance`);
  for (const { id, distance, where } of failed) console.log(`  ${id}: ${where}${Number.isFinite(distance) ? `, ${distance.toPrecision(3)} times the tolerance` : ''}`);
}

if (json) {
  const families = Object.fromEntries(results.map(({ family, cases }) => {
    const failures = cases.filter((each) => !passes(each)).map(({ id }) => id);
    return [family, { passed: cases.length - failures.length, failed: failures.length, failures }];
  }));
  console.log(JSON.stringify({ families }));
}
process.exitCode = results.some(({ cases }) => !cases.every(passes)) ? 1 : 0;
