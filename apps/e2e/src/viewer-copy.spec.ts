import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { endAll, folder, result, root, start } from './processes.ts';
import { ViewerStage } from './viewer-stage.ts';

jest.setTimeout(240_000);

/** Settings as somebody may choose them, short. */
const chosen: readonly Readonly<Record<string, string>>[] = [
  { epochs: '2', hidden: '8' },
  { data: 'spirals', epochs: '2', activation: 'gelu', optimizer: 'adamw', dropout: '0.1', l2: '0.001', batchSize: '50', seed: '7' },
  { data: 'csv', target: 'ring', epochs: '3', hidden: '', optimizer: 'nesterov' },
];

describe('what the viewer copies', () => {
  let stage: ViewerStage;
  beforeAll(async () => { stage = await ViewerStage.open(); });
  afterAll(async () => {
    await stage?.close();
    endAll();
  });

  it.each(chosen)('runs: %j as TypeScript and as a document, with the same result', async (given) => {
    const dir = folder();
    writeFileSync(join(dir, 'rings.csv'), ['x,y,ring', ...Array.from({ length: 120 }, (_, i) => `${Math.cos(i) * (1 + (i % 2))},${Math.sin(i) * (1 + (i % 2))},${i % 2 ? 'outer' : 'inner'}`)].join('\n'));
    const query = new URLSearchParams(Object.entries({ ...given, ...(given['data'] === 'csv' ? { file: join(dir, 'rings.csv') } : {}) }).map(([key, value]) => [`t.${key}`, value]));
    const page = await stage.page(`?train=1&${query}`, { permissions: ['clipboard-read', 'clipboard-write'] });
    const copied = async (button: string): Promise<string> => {
      await page.getByRole('button', { name: button }).click();
      await page.getByRole('button', { name: 'Copied' }).waitFor();
      const text = await page.evaluate(() => navigator.clipboard.readText());
      await page.getByRole('button', { name: button }).waitFor();
      return text;
    };
    const code = await copied('Copy as TypeScript');
    writeFileSync(join(dir, 'run.json'), await copied('Copy as spec'));
    await page.context().close();
    // The program stands where the packages can be found, as in a project that has installed them.
    const program = await start(['--conditions=@gradstream/source', '--import', 'tsx', '--input-type=module', '--eval', code], { cwd: root }).ended;
    const document = await result('train', join(dir, 'run.json'), '--no-server', '--backend', 'cpu');
    const lines = program.stdout.trim().split('\n');
    expect([program.code, lines.at(-1)]).toEqual([0, 'done']);
    const printed = Number(/validation\/loss (\S+)\s+validation\/accuracy \S+$/.exec(lines.at(-2)!)![1]);
    expect(printed).toBeCloseTo(document.metrics['validation/loss'], 3);
  });
});
