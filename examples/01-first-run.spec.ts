import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '..');

test('the first run trains and says so', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--conditions=@gradstream/source', '--import', 'tsx', 'examples/01-first-run.ts'], { cwd: root, encoding: 'utf8', timeout: 120_000 });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  const last = stdout.split('\n').filter((line) => line.includes('validation/accuracy')).at(-1)!;
  expect(Number(/validation\/accuracy ([\d.]+)/.exec(last)![1])).toBeGreaterThan(0.85);
  expect(stdout).toMatch(/6 weights kept\ndone\n$/);
}, 120_000);

test("the README's fifteen lines run as they stand", () => {
  const [, code] = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(root, 'README.md'), 'utf8'))!;
  expect(code.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('import')).length).toBeLessThanOrEqual(15);
  const { status, stdout } = spawnSync(process.execPath, ['--conditions=@gradstream/source', '--import', 'tsx', '--input-type=module', '-e', code], { cwd: root, encoding: 'utf8', timeout: 120_000 });
  expect(status).toBe(0);
  expect(stdout).toMatch(/^epoch 1 {2}step 38 {2}/);
  expect(stdout).toMatch(/done\n$/);
}, 120_000);
