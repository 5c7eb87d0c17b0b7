/**
 * `npm test`: sets up what is missing, then lint with the boundary rules, type checks, unit tests and end-to-end tests.
 * Ends with one line `N passed, N failed`. `npm test -- --only unit` runs a part: lint, types, unit or e2e.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build, install, root } from './setup.mjs';
import { findBrowser } from './browser.mjs';

const at = process.argv.indexOf('--only');
const only = at < 0 ? undefined : process.argv[at + 1];
const parts = ['lint', 'types', 'unit', 'e2e'];
if (only !== undefined && !parts.includes(only)) {
  process.stderr.write(`npm test: --only takes one of ${parts.join(', ')}, received ${only ?? 'nothing'}\n`);
  process.exit(2);
}

install();
await build();

/** End-to-end tests that watch the clock: they have the machine to themselves. */
const timed = 'e2e/src/viewer(-soak|-labs-statistics|-list|-large)?\\.spec';

const totals = { passed: 0, failed: 0 };
const env = { ...process.env, NX_DAEMON: 'false', NX_NO_CLOUD: 'true', NX_TUI: 'false', GRADSTREAM_BUILT: '1' };
const node = (args, more = {}) => spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit', env: { ...env, ...more } }).status === 0;

function part(name, work) {
  if (only !== undefined && only !== name) return;
  const started = Date.now();
  process.stdout.write(`\n== ${name}\n`);
  work();
  process.stdout.write(`== ${name}: ${((Date.now() - started) / 1000).toFixed(0)} s\n`);
}

const check = (ok) => totals[ok ? 'passed' : 'failed']++;

function jest(report, args, more) {
  const file = join(root, '.cache', `${report}.json`);
  mkdirSync(join(root, '.cache'), { recursive: true });
  rmSync(file, { force: true });
  const ok = node(['node_modules/jest/bin/jest.js', ...args, '--json', `--outputFile=${file}`, '--silent=false', '--reporters=default'], more);
  if (!existsSync(file)) return check(false);
  const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(readFileSync(file, 'utf8'));
  totals.passed += numPassedTests;
  totals.failed += numFailedTests + numRuntimeErrorTestSuites;
  if (!ok && numFailedTests + numRuntimeErrorTestSuites === 0) check(false);
}

part('lint', () => check(node(['node_modules/nx/dist/bin/nx.js', 'run', 'gradstream:lint', '--output-style=static'])));
part('types', () => {
  check(node(['node_modules/typescript/bin/tsc', '--project', 'tsconfig.spec.json']));
  check(node(['node_modules/typescript/bin/tsc', '--project', 'apps/viewer/tsconfig.json', '--noEmit']));
});
part('unit', () => jest('unit', ['--ignoreProjects', 'e2e', '--maxWorkers=2']));
part('e2e', () => {
  const browser = findBrowser();
  if (!browser) return check(false);
  const e2e = ['--selectProjects', 'e2e', '--forceExit'];
  const env = { CHROMIUM_PATH: browser };
  jest('e2e', [...e2e, '--maxWorkers=2', '--testPathIgnorePatterns', timed], env);
  jest('e2e-timed', [...e2e, '--runInBand', '--testPathPatterns', timed], env);
});

process.stdout.write(`\n${totals.passed} passed, ${totals.failed} failed\n`);
process.exit(totals.failed === 0 && totals.passed > 0 ? 0 : 1);
