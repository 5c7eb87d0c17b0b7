import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '..');

/** What an example prints; a warning on the way fails it. */
function printed(name: string): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--conditions=@gradstream/source', '--import', 'tsx', `examples/${name}.ts`], { cwd: root, encoding: 'utf8', timeout: 120_000 });
  expect([status, stderr]).toEqual([0, '']);
  return stdout;
}
const numbersOf = (text: string, pattern: RegExp): number[] => [...text.matchAll(pattern)].map(([, value]) => Number(value));
jest.setTimeout(120_000);

test('02: new rows get the names of their classes', () => {
  expect(printed('02-your-own-table')).toBe('yellow 104 → lemon\nred 201 → apple\n');
});

test('03: the rate falls where the validation loss stands, and the gap ends the run', () => {
  const said = printed('03-steered-by-streams');
  const rates = numbersOf(said, /^learning rate ([\d.e-]+)$/gm);
  expect(rates.length).toBeGreaterThan(1);
  expect(rates.every((rate, i) => i === 0 || rate < rates[i - 1])).toBe(true);
  expect(numbersOf(said, /^epoch (\d+)/gm).at(-1)).toBeLessThan(400);
  expect(said).toMatch(/done\n$/);
});

test('04: a service hears the gap and stops the run', () => {
  expect(printed('04-from-another-service')).toMatch(/^the gap is 0\.\d+ nats at step \d+: stop\nstopped after step \d+: it was told to stop\n\d+ points sent, 0 not\n$/);
});

test('05: large batches find sharper solutions in as many epochs, on every seed', () => {
  expect(printed('05-does-batch-size-matter')).toMatch(/^curvature\/lambdaMax: [\d.]+ in batches of 16, [\d.]+ of 512; difference [\d.]+ \([\d.]+ to [\d.]+, 4 of 4 seeds\)$/m);
});

test('06: a rule of one\'s own trains, and stands in a document', () => {
  const said = printed('06-a-rule-of-your-own');
  expect(said).toContain('{"name":"chain","links":[{"name":"scaleByCaution","decay":0.95},');
  expect(numbersOf(said, /validation\/accuracy ([\d.]+)/g).at(-1)).toBeGreaterThan(0.8);
});

test('07: plain TensorFlow.js trains a convolution on wasm', () => {
  expect(numbersOf(printed('07-plain-tensorflow'), /val_acc ([\d.]+)/g).at(-1)).toBeGreaterThan(0.85);
});

test('the list names each of them', () => {
  const list = readFileSync(join(__dirname, 'README.md'), 'utf8');
  const names = readdirSync(__dirname).filter((name) => /^\d+.*\.ts$/.test(name) && !name.includes('.spec.'));
  expect(names.filter((name) => !list.includes(`(${name})`))).toEqual([]);
});
