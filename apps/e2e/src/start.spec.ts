import { join } from 'node:path';
import { closeBrowser, openPage } from './browser.ts';
import { endAll, folder, gradstream, root, server, start } from './processes.ts';

afterAll(async () => {
  await closeBrowser();
  endAll();
});

describe('npm start', () => {
  test('trains digits to at least 96 % and the page shows it; Ctrl-C ends everything cleanly', async () => {
    const running = start([join(root, 'tools', 'start.mjs'), '--port', '0', '--store', folder()]);
    const [, address] = await running.seen(/Watch it: (\S+)/, 90_000);
    const { page, faults } = await openPage(address);
    await running.seen(/Finished after/);
    await page.getByText('Finished').first().waitFor();
    const [, accuracy] = await running.seen(/validation\/accuracy (0\.\d+), test/);
    expect(Number(accuracy)).toBeGreaterThanOrEqual(0.96);
    await page.getByRole('figure', { name: /accuracy/i }).first().waitFor();
    expect(await page.locator('body').innerText()).toContain('0.98');
    expect(faults).toEqual([]);
    // `PICTURES=1 npx jest --selectProjects e2e -- start` draws the README's picture anew.
    if (process.env['PICTURES']) await page.screenshot({ path: join(root, 'docs', 'images', 'run.png') });
    running.child.kill('SIGINT');
    expect((await running.ended).code).toBe(0);
  });

  test('a port in use is one sentence and exit code 2', async () => {
    const first = await server(folder());
    const { code, stderr } = await gradstream('start', '--port', new URL(first.url).port, '--store', folder()).ended;
    expect(code).toBe(2);
    expect(stderr).toMatch(/^gradstream: .*port \d+ .*is in use.*\n$/);
    first.child.kill('SIGTERM');
    expect((await first.ended).code).toBe(0);
  });

  test('Ctrl-C in the middle of a run stops after the current step, says so, and exits with 0', async () => {
    const running = gradstream('start', '--port', '0', '--store', folder(), '--epochs', '2000');
    await running.seen(/epoch 2 /);
    running.child.kill('SIGINT');
    const { code, stderr } = await running.ended;
    expect(stderr).toMatch(/Stopped after \d+ steps .*--out DIR keeps the model/);
    expect(code).toBe(0);
  });
});
