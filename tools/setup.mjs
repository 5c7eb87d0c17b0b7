/**
 * Makes a checkout ready: installs packages when the lock file changed, builds when sources changed.
 * Plain JavaScript without packages, since it runs before there are any.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamps = join(root, 'node_modules', '.gradstream');
const say = (line) => process.stderr.write(`${line}\n`);

const read = (name) => (existsSync(join(stamps, name)) ? readFileSync(join(stamps, name), 'utf8') : '');
const write = (name, value) => {
  mkdirSync(stamps, { recursive: true });
  writeFileSync(join(stamps, name), value);
};

/** Runs a command in the checkout; what it prints is shown only when it fails, or when `loud`. */
function run(command, args, { loud = false, env = {} } = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: loud ? ['ignore', 2, 2] : ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env }, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (result.status === 0) return;
  if (!loud) process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}`);
  say(`gradstream: '${command} ${args.join(' ')}' failed${result.error ? `: ${result.error.message}` : ''}.`);
  process.exit(1);
}

function requireNode() {
  const [major] = process.versions.node.split('.').map(Number);
  if (major >= 20) return;
  say(`gradstream needs Node 20 or later, and this is ${process.versions.node}.`);
  process.exit(1);
}

/** Installs the locked packages, unless the last install was of the same lock file. */
export function install() {
  requireNode();
  const lock = createHash('sha256').update(readFileSync(join(root, 'package-lock.json'))).update(process.version).digest('hex');
  if (read('lock') === lock) return;
  say('Installing packages (npm ci); the first time takes a few minutes ...');
  run('npm', ['ci', '--no-audit', '--no-fund'], { env: { npm_config_loglevel: 'error' } });
  write('lock', lock);
}

/** Names, sizes and times of all sources: the same sum means that nothing has to be built. */
function sources() {
  const hash = createHash('sha256');
  const walk = (dir) => {
    for (const entry of readdirSync(join(root, dir), { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (['node_modules', 'dist', '.cache'].includes(entry.name) || entry.name.endsWith('.tsbuildinfo')) continue;
      const path = join(dir, entry.name);
      if (entry.isDirectory()) walk(path);
      else if (!/\.spec\.tsx?$/.test(entry.name)) {
        const { size, mtimeMs } = statSync(join(root, path));
        hash.update(`${path} ${size} ${mtimeMs}\n`);
      }
    }
  };
  for (const dir of ['libs', 'apps']) walk(dir);
  for (const file of ['tsconfig.base.json', 'nx.json', 'package.json']) hash.update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

const built = () => ['apps/cli/dist/main.js', 'apps/metrics-server/dist/main.js', 'apps/viewer/dist/index.html'].every((file) => existsSync(join(root, file)));

/** Runs a command beside others; what it prints is shown only when it fails. */
const beside = (args, cwd = root) =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (said += bytes));
    child.on('close', (code) => {
      if (code === 0) return resolve();
      process.stderr.write(said);
      say(`gradstream: 'node ${args.join(' ')}' failed.`);
      process.exit(1);
    });
  });

/**
 * Compiles libs and apps and bundles the viewer, unless no source changed since the last time. One compiler for the whole
 * tree takes a third of the time of one for each project (`npm run build`).
 */
export async function build() {
  if (read('sources') === sources() && built()) return;
  say('Building ...');
  await beside(['libs/training/engine/assembly/build.mjs']);
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  await Promise.all([beside([tsc, '--build', 'apps/cli', 'apps/metrics-server', 'libs/viewing/charts']), beside([vite, 'build', '--logLevel', 'error'], join(root, 'apps/viewer'))]);
  write('sources', sources());
}
