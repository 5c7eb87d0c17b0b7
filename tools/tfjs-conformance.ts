/**
 * TensorFlow.js's own tests of its ops, gradients and optimizers, run on the wasm backend as it is and with our kernels
 * registered over it: `npm run conformance [-- --json]`. Every test that passes on the stock backend must pass with ours.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { build } from 'esbuild';

/** The checkout; npm and jest both start there. */
const root = process.cwd();
const tfjs = join(root, 'node_modules/@tensorflow');
const out = join(root, '.cache/conformance');

/** Names of tests by outcome. */
export interface Outcome {
  readonly passed: readonly string[];
  readonly failed: readonly { readonly name: string; readonly message: string }[];
}

export interface Conformance {
  readonly stock: Outcome;
  readonly ours: Outcome;
  /** What passed before and does not any more. */
  readonly broken: readonly { readonly name: string; readonly message: string }[];
  /** What passes only with our kernels. */
  readonly gained: readonly string[];
}

/** Bundles and runs the tests twice, each side in a process of its own. */
export async function conformance(): Promise<Conformance> {
  const [stock, ours] = [await outcome('stock'), await outcome('ours')];
  const before = new Set(stock.passed);
  const now = new Set(ours.passed);
  return {
    stock,
    ours,
    broken: [...before].filter((name) => !now.has(name)).map((name) => ours.failed.find((test) => test.name === name) ?? { name, message: 'did not run' }),
    gained: [...now].filter((name) => !before.has(name)),
  };
}

async function outcome(side: 'stock' | 'ours'): Promise<Outcome> {
  mkdirSync(out, { recursive: true });
  const bundle = join(out, `${side}.cjs`);
  const report = join(out, `${side}.json`);
  rmSync(report, { force: true });
  await build({
    stdin: { contents: entry(side, report), resolveDir: root, loader: 'ts' },
    outfile: bundle, bundle: true, platform: 'node', format: 'cjs', target: 'node20', logLevel: 'error', mainFields: ['module', 'main'], conditions: ['@gradstream/source'],
    // The emscripten modules find nothing beside a bundle; their place is given in the entry.
    define: { 'import.meta.url': '"file:///"' },
  });
  const { stderr } = spawnSync(process.execPath, ['--stack-size=4000', bundle], { cwd: root, encoding: 'utf8', maxBuffer: 1e8 });
  try {
    return JSON.parse(readFileSync(report, 'utf8')) as Outcome;
  } catch {
    throw new Error(`the tests of TensorFlow.js did not end on the ${side} side: ${stderr.slice(-2000)}`);
  }
}

/** The files of tests that an op backend must pass. */
function testFiles(): string[] {
  const dist = join(tfjs, 'tfjs-core/dist');
  const under = (folder: string): string[] =>
    readdirSync(folder, { withFileTypes: true }).flatMap((item) => (item.isDirectory() ? under(join(folder, item.name)) : item.name.endsWith('_test.js') ? [join(folder, item.name)] : []));
  return [...under(join(dist, 'ops')), ...under(join(dist, 'optimizers')), join(dist, 'gradients_test.js')].map((file) => `./${relative(root, file)}`).sort();
}

const entry = (side: string, report: string): string => `
import { writeFileSync } from 'node:fs';
import jasmineRequire from 'jasmine-core/lib/jasmine-core/jasmine.js';
const jasmine = jasmineRequire.core(jasmineRequire);
const environment = jasmine.getEnv({ suppressLoadErrors: true });
Object.assign(globalThis, jasmineRequire.interface(jasmine, environment), { jasmine });
const { setTestEnvs } = require('@tensorflow/tfjs-core/dist/jasmine_util');
require('@tensorflow/tfjs-core/dist/index');
require('@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops');
require('@tensorflow/tfjs-core/dist/register_all_gradients');
const { setWasmPaths } = require('@tensorflow/tfjs-backend-wasm');
setWasmPaths(${JSON.stringify(join(tfjs, 'tfjs-backend-wasm/dist/'))});
${side === 'ours' ? "require('./libs/training/engine/src/wasm.ts');" : ''}
setTestEnvs([{ name: 'test-wasm', backendName: 'wasm', flags: { WASM_HAS_SIMD_SUPPORT: true }, isDataSync: true }]);
console.warn = () => undefined;
${testFiles().map((file) => `require(${JSON.stringify(file)});`).join('\n')}
const passed = [];
const failed = [];
environment.configure({ random: false });
environment.addReporter({
  specDone: ({ fullName, status, failedExpectations }) => {
    if (status === 'passed') passed.push(fullName);
    else if (status === 'failed') failed.push({ name: fullName, message: failedExpectations[0]?.message ?? '' });
  },
  jasmineDone: () => {
    writeFileSync(${JSON.stringify(report)}, JSON.stringify({ passed, failed }));
    process.exit(0);
  },
});
environment.execute();
`;

if (basename(process.argv[1] ?? '').startsWith('tfjs-conformance')) {
  void conformance().then(({ stock, ours, broken, gained }) => {
    if (process.argv.includes('--json')) {
      console.log(JSON.stringify({ stock: stock.passed.length, ours: ours.passed.length, of: ours.passed.length + ours.failed.length, broken, gained }));
    } else {
      console.log(`stock ${stock.passed.length} of ${stock.passed.length + stock.failed.length} pass, with our kernels ${ours.passed.length}; ${gained.length} gained, ${broken.length} broken`);
      for (const { name, message } of broken) console.log(`  broken: ${name}: ${message.split('\n')[0]}`);
    }
    process.exitCode = broken.length > 0 ? 1 : 0;
  });
}
