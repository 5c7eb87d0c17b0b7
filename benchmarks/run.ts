/**
 * `npm run bench -- <question> [--json] [--rounds N] [--seconds S]`: runs one benchmark, each a file of this folder that answers
 * one question. With `--json` the last line is one object; results that are kept stand in `benchmarks/results/`.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = process.cwd();
const questions = readdirSync(join(root, 'benchmarks')).filter((name) => name.endsWith('.ts') && !['run.ts', 'harness.ts'].includes(name)).map((name) => name.slice(0, -3));

/** Compiles a script and our libs into one file, as a user's bundler would; other packages stay where they are. */
export async function bundled(source: string, name: string, extension = 'mjs'): Promise<string> {
  const folder = join(root, '.cache/bench');
  mkdirSync(folder, { recursive: true });
  const outfile = join(folder, `${name}.${extension}`);
  await build({
    entryPoints: [join(root, source)], outfile, bundle: true, platform: 'node', format: 'esm', target: 'node20', logLevel: 'error', conditions: ['@gradstream/source'],
    plugins: [{ name: 'ours', setup: ({ onResolve }) => onResolve({ filter: /^[^./]/ }, ({ path, kind }) => (kind === 'entry-point' || path.startsWith('@gradstream/') ? undefined : { path, external: true })) }],
  });
  return outfile;
}

const [question, ...flags] = process.argv.slice(2);
if (!question || !questions.includes(question)) {
  process.stderr.write(`bench: takes one of ${questions.join(', ')}, received ${question ?? 'nothing'}\n`);
  process.exit(2);
}
const file = await bundled(`benchmarks/${question}.ts`, question);
// A worker of batches looks for its file beside the one that starts it.
await bundled('libs/training/augment/src/node-worker.ts', 'node-worker', 'js');
for (const side of readdirSync(join(root, 'benchmarks/sides')).filter((name) => name.endsWith('.ts'))) await bundled(`benchmarks/sides/${side}`, `side-${side.slice(0, -3)}`);
process.exitCode = spawnSync(process.execPath, [file, ...flags], { stdio: 'inherit' }).status ?? 1;
