import type { Page } from 'playwright-core';
import { eventually, picture, ViewerStage, violations } from './viewer-stage.ts';

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
    await eventually(() => page.getByRole('img', { name: 'What the model answers' }).getAttribute('aria-label'), (label) => /class 0 on \d+ %/.test(label ?? ''));
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('status').getByText('Stopped').waitFor();
    expect(page.url()).toContain('t.data=moons');
    await page.context().close();
  });

  it('goes on in a new graphics context when the old one is lost, and says so', async () => {
    const page = await stage.page();
    // Keeps hold of the context that TensorFlow.js makes in the worker, before it makes one.
    page.on('worker', (worker) => void worker.evaluate(() => {
      const scope = self as unknown as { made: WebGL2RenderingContext[] };
      scope.made = [];
      const getContext = OffscreenCanvas.prototype.getContext as (this: OffscreenCanvas, ...args: unknown[]) => unknown;
      OffscreenCanvas.prototype.getContext = function (this: OffscreenCanvas, ...args: unknown[]) {
        const context = getContext.apply(this, args);
        if (context instanceof WebGL2RenderingContext) scope.made.push(context);
        return context;
      } as never;
    }).catch(() => undefined));
    await page.goto(`${stage.url}/?train=1&t.backend=webgl&t.hidden=16&t.batchSize=128&t.epochs=5000`);
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await eventually(() => stepOf(page), (step) => step >= 3, 120_000);
    await page.getByRole('button', { name: 'Fork from here' }).waitFor({ timeout: 60_000 });
    const trainer = page.workers().find((worker) => worker.url().includes('train.worker'))!;
    const lost = await trainer.evaluate(() => (self as unknown as { made: WebGL2RenderingContext[] }).made.filter((context) => !context.isContextLost()).map((context) => context.getExtension('WEBGL_lose_context')?.loseContext()).length);
    expect(lost).toBeGreaterThan(0);
    const said = await page.getByText(/The graphics context was lost after step \d+/).innerText();
    const [step, from] = [...said.matchAll(/\d+/g)].map(Number);
    expect(from).toBeLessThanOrEqual(step);
    const now = await stepOf(page);
    await eventually(() => stepOf(page), (at) => at > Math.max(now, step) + 3, 120_000);
    const [loss] = await valuesOf(page, 'loss');
    expect(loss).toBeGreaterThan(0);
    expect(stage.complaints.filter((text) => !/GPU stall|WebGL|GL Driver|CONTEXT_LOST/i.test(text))).toEqual([]);
    stage.complaints.length = 0;
    await page.context().close();
  });

  it('forks a run with one change, over its own curves, and shows what each hidden unit answers', async () => {
    const page = await stage.page('?train=1&t.data=moons&t.backend=cpu&t.epochs=5000');
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await page.getByRole('img', { name: 'Unit 16 of layer 2' }).waitFor();
    if (process.env['PICTURES']) await eventually(() => stepOf(page), (step) => step > 900, 120_000);
    await picture(page, 'viewer-train');
    await page.getByRole('button', { name: 'Fork from here' }).waitFor();
    await page.getByRole('combobox', { name: 'Optimizer' }).selectOption('sgd');
    const before = await stepOf(page);
    await page.getByRole('button', { name: 'Fork from here' }).click();
    await page.getByText('original').first().waitFor();
    // It goes on where the snapshot was, not at the start.
    await eventually(() => stepOf(page), (step) => step > Math.max(1, before - 2_000) && step > 5);
    await eventually(() => page.locator('figure[data-measure="loss"] .gs-plot').getAttribute('data-marks'), (marks) => marks === '1');
    await page.keyboard.press('p');
    await page.getByRole('slider', { name: 'Playhead' }).fill('0');
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.context().close();
  });

  it('trains on a CSV file that is dropped on the page', async () => {
    const page = await stage.page('?train=1');
    const rows = Array.from({ length: 120 }, (_, i) => `${Math.cos(i) * (1 + (i % 2))},${Math.sin(i) * (1 + (i % 2))},${i % 2 ? 'outer' : 'inner'}`);
    const transfer = await page.evaluateHandle((text) => {
      const made = new DataTransfer();
      made.items.add(new File([text], 'rings.csv', { type: 'text/csv' }));
      return made;
    }, ['x,y,ring', ...rows].join('\n'));
    await page.getByRole('form', { name: 'Settings' }).waitFor();
    await page.dispatchEvent('body', 'drop', { dataTransfer: transfer });
    await page.getByText('rings.csv: 120 rows').waitFor();
    expect(await page.getByRole('combobox', { name: 'Class column' }).inputValue()).toBe('ring');
    await page.getByRole('combobox', { name: 'Backend' }).selectOption('cpu');
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await eventually(() => stepOf(page), (step) => step > 10);
    await page.getByText(/class 1 on \d+ %/).first().waitFor();
    await page.context().close();
  });

  it('shows what the model says of one image', async () => {
    const page = await stage.page('?train=1&t.backend=cpu');
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await page.getByRole('button', { name: /taken for/ }).first().click();
    await page.getByRole('list', { name: 'What the model says of this image' }).getByRole('listitem').nth(9).waitFor();
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
