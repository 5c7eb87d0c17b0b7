import { closeBrowser, openPage } from './browser.ts';
import { endAll, folder, gradstream, server } from './processes.ts';

afterAll(async () => {
  await closeBrowser();
  endAll();
});

/** Steps at which a run's loss is stored, in order, repeats included. */
async function storedSteps(url: string): Promise<number[]> {
  const text = await (await fetch(`${url}/api/v1/stream?metric=train/loss&format=ndjson&follow=0`)).text();
  const events = text.trim().split('\n').map((line) => JSON.parse(line) as { type: string; step: number[]; m: Record<string, unknown[]> });
  return events.filter(({ type }) => type === 'points').flatMap(({ step, m }) => step.filter((_, i) => m['train/loss']?.[i] != null)).sort((a, b) => a - b);
}

test('a server killed in mid-run and started again has every step exactly once, and so has the page', async () => {
  const store = folder();
  const first = await server(store);
  const port = Number(new URL(first.url).port);
  const training = gradstream('train', 'digits', '--epochs', '120', '--server', first.url, '--run', 'killed', '--json');
  await training.seen(/epoch 3 /);
  const { page } = await openPage(`${first.url}/?run=killed`);
  first.child.kill('SIGKILL');
  await first.ended;
  await training.seen(/epoch 12 /);
  const second = await server(store, port);
  await page.reload();
  const { code, stdout } = await training.ended;
  expect(code).toBe(0);
  const { steps } = JSON.parse(stdout.trim().split('\n').at(-1)!) as { steps: number };
  expect(await storedSteps(second.url)).toEqual(Array.from({ length: steps }, (_, i) => i));
  await page.getByText('Finished').first().waitFor({ timeout: 20_000 });
  await page.getByText(steps.toLocaleString('en'), { exact: true }).first().waitFor({ timeout: 20_000 });
  second.child.kill('SIGTERM');
  await second.ended;
});
