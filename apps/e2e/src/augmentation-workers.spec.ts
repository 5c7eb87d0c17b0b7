import { bundledPage } from './bundled-page.ts';
import { closeBrowser } from './browser.ts';
import { endAll } from './processes.ts';

afterAll(async () => {
  await closeBrowser();
  endAll();
});

test.each([true, false])('batches made in workers of a browser are those of the page, to the byte; shared memory: %s', async (isolated) => {
  const { page, faults, close } = await bundledPage('augmentation-workers', { isolated });
  try {
    expect(await page.evaluate('shares')).toBe(isolated);
    expect([await page.evaluate('differing(1)'), await page.evaluate('differing(2)')]).toEqual([0, 0]);
    const here = await page.evaluate<string>('trained(0)');
    expect(here).toMatch(/^[0-9a-f]{64}$/);
    expect(await page.evaluate('trained(2)')).toBe(here);
    expect(faults).toEqual([]);
  } finally {
    await close();
  }
}, 120_000);
