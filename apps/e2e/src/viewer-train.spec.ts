import type { Page } from 'playwright-core';
import { eventually, ViewerStage, violations } from './viewer-stage.ts';

const stepOf = async (page: Page): Promise<number> => Number(((await page.locator('.facts dd').first().innerText()).split('/')[0]).replaceAll(',', ''));
const valuesOf = (page: Page, measure: string) => page.locator(`figure[data-measure="${measure}"] .gs-value`).allInnerTexts().then((texts) => texts.map((text) => Number(text.replace('−', '-'))));

jest.setTimeout(240_000);

describe('training in the tab', () => {
  let stage: ViewerStage;
  beforeAll(async () => { stage = await ViewerStage.open(); });
  afterAll(() => stage?.close());

  it('on WebGL lowers the loss, under the content security policy of the server', async () => {
    const page = await stage.page('?train=1&t.backend=webgl&t.hidden=16&t.batchSize=128&t.learningRate=0.01');
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await page.locator('[data-backend="webgl"]').first().waitFor({ timeout: 60_000 });
    await eventually(() => stepOf(page), (step) => step >= 25, 120_000);
    const [train] = await valuesOf(page, 'loss');
    expect(train).toBeLessThan(1.6);
    expect(stage.complaints.filter((text) => !/GPU stall|WebGL|GL Driver/i.test(text))).toEqual([]);
    await page.context().close();
  });

  it('pauses, walks step by step, takes another learning rate, goes on and stops', async () => {
    const page = await stage.page('?train=1&t.data=moons&t.backend=wasm&t.epochs=5000');
    await page.getByRole('button', { name: 'One step' }).click();
    await eventually(() => stepOf(page), (step) => step === 1);
    await page.getByRole('button', { name: 'One step' }).click();
    await eventually(() => stepOf(page), (step) => step === 2);
    await page.waitForTimeout(500);
    expect(await stepOf(page)).toBe(2);
    await page.getByRole('slider', { name: /Learning rate/ }).fill('-1');
    await page.getByRole('button', { name: 'One step' }).click();
    await eventually(() => valuesOf(page, 'learningRate'), ([rate]) => rate === 0.1);
    await page.getByRole('button', { name: 'Resume' }).click();
    await eventually(() => stepOf(page), (step) => step > 30);
    await eventually(() => page.locator('canvas[role=img]').getAttribute('aria-label'), (label) => /class 0 on \d+ %/.test(label ?? ''));
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('status').getByText('Stopped').waitFor();
    expect(page.url()).toContain('t.data=moons');
    await page.context().close();
  });

  it('says what is wrong with a run that cannot be', async () => {
    const page = await stage.page('?train=1&t.data=moons&t.batchSize=1024');
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await page.getByRole('alert').getByText(/size must be at most/).waitFor();
    await page.context().close();
  });

  it.each(['light', 'dark'] as const)('shows nothing that axe finds while it trains, in the %s theme', async (theme) => {
    for (const data of ['digits', 'moons']) {
      const page = await stage.page(`?train=1&t.data=${data}&t.backend=cpu&theme=${theme}`, { bypassCSP: true, reducedMotion: 'reduce' });
      await page.getByRole('button', { name: 'Start', exact: true }).click();
      await eventually(() => stepOf(page), (step) => step > 20);
      expect(await violations(page)).toEqual([]);
      await page.context().close();
    }
  });
});
