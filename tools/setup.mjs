/**
 * Makes a checkout ready: installs packages when the lock file changed, builds when sources changed.
 * Plain JavaScript without packages, since it runs before there are any.
 */
import { spawnSync } from 'node:child_process';
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

const built = () => ['apps/cli/dist/main.js', 'apps/viewer/dist/index.html'].every((file) => existsSync(join(root, file)));

/** Builds libs and apps (Nx skips what did not change), unless no source changed since the last time. */
export function build() {
  const now = sources();
  if (read('sources') === now && built()) return;
  say('Building ...');
  run(process.execPath, ['node_modules/nx/dist/bin/nx.js', 'run-many', '--targets=build', '--output-style=static'], { env: { NX_DAEMON: 'false', NX_NO_CLOUD: 'true', NX_TUI: 'false', FORCE_COLOR: '0' } });
  write('sources', sources());
}
