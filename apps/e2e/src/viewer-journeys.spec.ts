import type { Page } from 'playwright-core';
import { eventually, fallingLoss, pixelsOf, ViewerStage } from './viewer-stage.ts';

const plot = (page: Page, measure: string) => page.locator(`figure[data-measure="${measure}"] .gs-plot`);
const data = (page: Page, measure: string, name: string) => plot(page, measure).getAttribute(`data-${name}`);
const rows = (page: Page) => page.locator('tbody tr:not(.spacer)').count();

jest.setTimeout(180_000);

describe('journeys through the viewer', () => {
  let stage: ViewerStage;
  beforeAll(async () => {
    stage = await ViewerStage.open();
    const losses = fallingLoss(200);
    for (const [k, name] of ['adam', 'adam', 'adam', 'sgd', 'sgd'].entries()) {
      const id = `sweep-${k}`;
      await stage.put(id, { name: `${name} ${k}`, project: 'sweep', state: 'finished', tags: { arm: name }, spec: { version: 1, seed: k, model: { name: 'mlp' }, optimizer: { name, learningRate: 10 ** -(k + 1) } } });
      await stage.points(id, 0, { 'train/loss': losses.map((y) => y + 0.1 * k), 'validation/loss': losses.map((y, i) => (i % 20 === 19 ? y + 0.3 + 0.1 * k : null)) });
    }
    for (const step of [0, 100, 199]) {
      const spread = 1 + step / 100;
      await stage.note('sweep-0', { type: 'histogram', name: 'weights/hidden1/kernel', step, edges: [-spread, 0, spread], counts: [3, 5 + step] });
      await stage.note('sweep-0', { type: 'image', name: 'batch/before', step, png });
    }
  });
  afterAll(() => stage?.close());
  beforeEach(() => { stage.complaints.length = 0; });
  afterEach(() => expect(stage.complaints).toEqual([]));

  describe('the list', () => {
    it('groups by a hyper-parameter, and draws the mean over all members with a band', async () => {
      const page = await stage.page();
      await page.getByRole('combobox', { name: 'Group by' }).selectOption({ label: 'optimizer' });
      const adam = page.getByRole('row', { name: /^Curves of adam 3/ });
      // (last of fallingLoss) + 0.1 · (0, 1, 2): mean and sample deviation.
      const last = fallingLoss(200)[199];
      await adam.getByText(`± 0.1`).first().waitFor();
      expect(Number((await adam.getByRole('cell').last().innerText()).split(' ')[0])).toBeCloseTo(last + 0.1, 3);
      await page.getByRole('link', { name: 'Curves of all groups' }).click();
      await page.getByText('adam (n = 3)').first().waitFor();
      await eventually(() => data(page, 'loss', 'bands'), (bands) => bands === '4');
      expect(await data(page, 'loss', 'points')).toBe(String(2 * (200 + 10)));
      await page.getByRole('combobox', { name: 'Group by' }).selectOption({ label: 'Nothing' });
      await eventually(() => data(page, 'loss', 'points'), (points) => points === String(5 * 210));
      await page.context().close();
    });

    it('draws parallel coordinates, and a brush writes itself into the filter', async () => {
      const page = await stage.page('?coordinates=1&col=spec.optimizer.learningRate&col=train/loss');
      const canvas = page.locator('.gs-coordinates canvas');
      await eventually(() => canvas.getAttribute('data-runs'), (runs) => runs === '5');
      const box = (await canvas.boundingBox())!;
      // The upper part of the first axis, which is logarithmic: the two largest learning rates of five.
      await page.mouse.move(box.x + 60, box.y + 28);
      await page.mouse.down();
      await page.mouse.move(box.x + 60, box.y + 34 + 194 * 0.4, { steps: 3 });
      await page.mouse.up();
      await eventually(() => rows(page), (n) => n === 2);
      expect(await page.getByRole('searchbox').inputValue()).toMatch(/^spec\.optimizer\.learningRate>=0\.00\d+ spec\.optimizer\.learningRate<=0\.1$/);
      await page.context().close();
    });

    it('shows the columns that somebody chose, by the address too', async () => {
      const page = await stage.page();
      await page.getByRole('button', { name: 'Columns' }).click();
      await page.getByRole('checkbox', { name: 'arm' }).check();
      await page.keyboard.press('Escape');
      await page.getByRole('columnheader', { name: 'arm' }).waitFor();
      await page.waitForTimeout(300);
      await page.reload();
      await page.getByRole('columnheader', { name: 'arm' }).waitFor();
      await page.context().close();
    });

    it('deletes from the keyboard, and undoes; what is not undone is gone from the server', async () => {
      for (const id of ['gone', 'kept']) await stage.put(id, { name: id, project: 'bin', state: 'finished' });
      const page = await stage.page('?q=project=bin');
      await eventually(() => rows(page), (n) => n === 2);
      await page.keyboard.press('j');
      await page.keyboard.press('x');
      await page.keyboard.press('#');
      await page.getByText('1 run deleted').waitFor();
      await eventually(() => rows(page), (n) => n === 1);
      await page.keyboard.press('u');
      await eventually(() => rows(page), (n) => n === 2);
      expect(await stage.exists('gone') && await stage.exists('kept')).toBe(true);
      await page.getByRole('checkbox', { name: 'Select gone' }).check();
      await page.getByRole('button', { name: 'Delete 1' }).click();
      await eventually(() => stage.exists('gone'), (there) => !there, 20_000);
      expect(await stage.exists('kept')).toBe(true);
      await page.context().close();
    });
  });

  it('keeps tags and a note with the run', async () => {
    const page = await stage.page('?run=sweep-1');
    await page.getByRole('textbox', { name: 'Add a tag' }).fill('owner=kim');
    await page.keyboard.press('Enter');
    await page.getByText('owner = kim').waitFor();
    await page.getByRole('textbox', { name: 'Note' }).fill('It fell <b>fast</b>.');
    await page.getByRole('heading', { name: 'adam 1' }).click();
    await page.waitForTimeout(500);
    const other = await stage.page('?run=sweep-1');
    await eventually(() => other.getByRole('textbox', { name: 'Note' }).inputValue(), (text) => text === 'It fell <b>fast</b>.');
    await other.getByRole('button', { name: 'Remove the tag owner' }).click();
    await page.getByText('owner = kim').waitFor({ state: 'detached' });
    for (const each of [page, other]) await each.context().close();
  });

  it('replays a run: one playhead moves curves, values, histograms and images', async () => {
    const page = await stage.page('?run=sweep-0');
    const canvas = page.locator('[data-distribution="weights/hidden1/kernel"] canvas');
    await eventually(() => data(page, 'loss', 'points'), (n) => n === '210');
    await canvas.scrollIntoViewIfNeeded();
    await eventually(() => canvas.getAttribute('data-shown'), (step) => step === '199');
    const whole = await pixelsOf(page);
    await page.keyboard.press('p');
    await page.getByRole('slider', { name: 'Playhead' }).fill('120');
    await eventually(() => canvas.getAttribute('data-shown'), (step) => step === '100');
    await page.getByRole('img', { name: 'batch/before at step 100' }).waitFor();
    const value = async () => Number(await page.locator('figure[data-measure="loss"] .gs-value').first().innerText());
    await eventually(value, (y) => Math.abs(y - fallingLoss(200)[120]) < 1e-3);
    await page.keyboard.press('.');
    await eventually(value, (y) => Math.abs(y - fallingLoss(200)[121]) < 1e-3);
    await eventually(async () => page.url(), (url) => url.includes('at=121'));
    expect(await pixelsOf(page)).not.toEqual(whole);
    await page.getByRole('button', { name: 'Play', exact: true }).click();
    await eventually(async () => Number(await page.getByRole('slider', { name: 'Playhead' }).inputValue()), (at) => at > 140);
    await page.keyboard.press('p');
    await eventually(() => canvas.getAttribute('data-shown'), (step) => step === '199');
    await page.context().close();
  });

  it('shows how far validation is from train, in words and as an area', async () => {
    const page = await stage.page('?run=sweep-0');
    await eventually(() => data(page, 'loss', 'bands'), (bands) => bands === '1');
    await page.getByText('gap 0.3 at 199').first().waitFor();
    await page.getByRole('button', { name: 'Gap' }).click();
    await eventually(() => data(page, 'loss', 'bands'), (bands) => bands === '0');
    await page.context().close();
  });

  it('walks through distributions from the keyboard, and has them as a table', async () => {
    const page = await stage.page('?run=sweep-0');
    const figure = page.locator('[data-distribution="weights/hidden1/kernel"]');
    await figure.focus();
    await page.keyboard.press('Home');
    await eventually(() => figure.locator('[aria-live]').innerText(), (text) => /^At 0: median/.test(text));
    await page.keyboard.press('ArrowRight');
    await eventually(() => figure.locator('[aria-live]').innerText(), (text) => /^At 100: median/.test(text));
    await figure.getByRole('button', { name: /^Table of/ }).click();
    expect(await figure.getByRole('row').count()).toBe(4);
    await page.context().close();
  });

  it('keeps what the user looks at still through an hour of live data', async () => {
    await stage.put('hour', { name: 'hour', state: 'running' });
    const start = Date.now() - 3_600_000;
    const minute = (k: number) => stage.points('hour', 60 * k, { 'train/loss': fallingLoss(60), gradientNorm: fallingLoss(60) }, start + 60_000 * k);
    await minute(0);
    const page = await stage.page('?run=hour&x=10..50');
    await eventually(() => data(page, 'loss', 'points'), (n) => n === '60');
    await page.evaluate(() => scrollTo(0, 40));
    const before = [await data(page, 'loss', 'x'), await page.evaluate(() => scrollY), await plot(page, 'loss').evaluate((element) => element.getBoundingClientRect().top)];
    for (let k = 1; k < 60; k++) await minute(k);
    await eventually(() => data(page, 'loss', 'points'), (n) => n === '3600');
    expect([await data(page, 'loss', 'x'), await page.evaluate(() => scrollY), await plot(page, 'loss').evaluate((element) => element.getBoundingClientRect().top)]).toEqual(before);
    await page.reload();
    await eventually(() => data(page, 'loss', 'points'), (n) => n === '3600');
    expect(await data(page, 'loss', 'x')).toBe(before[0]);
    await page.context().close();
  });

  it('saves every chart as CSV, JSON, SVG and PNG', async () => {
    const page = await stage.page('?run=sweep-0');
    await eventually(() => data(page, 'loss', 'points'), (n) => n === '210');
    for (const [chart, csv] of [['loss', /^step,train,validation\n0,/], ['weights/hidden1/kernel', /^step,edge0,edge1,count\n0,-1,0,3\n/]] as const) {
      for (const [format, begins] of [['CSV', csv], ['JSON', /^\[\{/], ['SVG', /^<svg xmlns/], ['PNG', /^.PNG/]] as const) {
        await page.getByRole('button', { name: `Save ${chart}` }).click();
        const saved = page.waitForEvent('download');
        await page.getByRole('button', { name: format, exact: true }).click();
        const stream = await (await saved).createReadStream();
        const chunks: Buffer[] = [];
        for await (const chunk of stream) chunks.push(chunk as Buffer);
        expect(Buffer.concat(chunks).toString('latin1')).toMatch(begins);
      }
    }
    await page.context().close();
  });
});

/** One grey pixel. */
const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==';
