import type { Page } from 'playwright-core';
import { eventually, picture, pixelsOf, ViewerStage, violations } from './viewer-stage.ts';

jest.setTimeout(300_000);

const small = 'l.hidden=4&l.epochs=8';
const finished = (page: Page) => page.locator('.state[data-state="finished"]').waitFor({ timeout: 200_000 });
const numberAt = (page: Page, selector: string, name: string) => page.locator(selector).first().getAttribute(name).then(Number);

describe('the loss landscape', () => {
  let stage: ViewerStage;
  beforeAll(async () => { stage = await ViewerStage.open(); });
  afterAll(() => stage?.close());

  it('is walked by mouse and by keys, and a link shows the same picture again', async () => {
    const page = await stage.page(`?lab=landscape&${small}`);
    await finished(page);
    expect(await page.locator('[data-computed]').getAttribute('data-computed')).toBe('float64');
    const map = page.locator('.plane canvas.map');
    await map.click({ position: { x: 100, y: 80 } });
    const place = page.locator('[data-cell]');
    const clicked = await eventually(() => place.innerText(), (text) => /train [\d.e−]+, validation/.test(text));
    await page.locator('.plane').focus();
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('ArrowDown');
    await eventually(() => place.innerText(), (text) => text !== clicked);
    await eventually(async () => page.url(), (url) => url.includes('l.cell='));
    await page.mouse.move(5, 5);
    const before = await pixelsOf(page);
    await page.waitForTimeout(300);
    await page.reload();
    await finished(page);
    await page.mouse.move(5, 5);
    expect(await pixelsOf(page)).toEqual(before);
    await page.getByRole('button', { name: 'validation' }).focus();
    await page.keyboard.press('Enter');
    await eventually(() => page.locator('.plane').innerText(), (text) => text.includes('The validation loss'));
    expect(stage.complaints).toEqual([]);
    await page.context().close();
  });

  it('shows the plane of the path with its shares and what lies off it, and turns as a relief', async () => {
    const page = await stage.page(process.env['PICTURES'] ? '?lab=landscape&l.on=between&l.view=3' : `?lab=landscape&${small}&l.on=between&l.view=3`, { viewport: { width: 1_440, height: 940 } });
    await finished(page);
    await picture(page, 'viewer-landscape');
    const relief = page.locator('.plane canvas.relief');
    const [flat] = await pixelsOf(page);
    await page.locator('.plane').focus();
    await page.keyboard.press('ArrowLeft');
    await eventually(async () => page.url(), (url) => url.includes('l.turn='));
    const [turned] = await pixelsOf(page);
    expect(turned).not.toBe(flat);
    const box = (await relief.boundingBox())!;
    await page.mouse.move(box.x + 200, box.y + 150);
    await page.mouse.down();
    await page.mouse.move(box.x + 260, box.y + 170, { steps: 4 });
    await page.mouse.up();
    await eventually(async () => (await pixelsOf(page))[0], (hash) => hash !== turned);
    await page.getByRole('combobox', { name: 'Directions' }).selectOption('pca');
    await page.locator('[data-shares]').waitFor({ timeout: 100_000 });
    const shares = (await page.locator('[data-shares]').getAttribute('data-shares'))!.split(',').map(Number);
    expect(shares[0]).toBeGreaterThan(shares[1]);
    expect(shares[0] + shares[1]).toBeLessThanOrEqual(1 + 1e-12);
    expect(await numberAt(page, '[data-off]', 'data-off')).toBeGreaterThan(0);
    expect(stage.complaints.filter((text) => !/GPU stall|GL Driver/i.test(text))).toEqual([]);
    stage.complaints.length = 0;
    await page.context().close();
  });

  it('computed on WebGL is within 1e-3 of float64', async () => {
    const page = await stage.page(`?lab=landscape&${small}&l.compute=webgl`);
    await page.locator('[data-computed="webgl"]').waitFor({ timeout: 200_000 });
    const difference = await numberAt(page, '[data-difference]', 'data-difference');
    expect(difference).toBeGreaterThan(0);
    expect(difference).toBeLessThan(1e-3);
    await page.context().close();
    stage.complaints.length = 0;
  });

  it('begins anew when a setting changes while it works, and says what cannot be', async () => {
    const page = await stage.page('?lab=landscape&l.epochs=400&l.view=1');
    await page.getByRole('textbox', { name: 'Epochs' }).fill('2');
    await page.keyboard.press('Enter');
    await finished(page);
    await page.getByRole('button', { name: 'Table of' }).first().click();
    await page.getByRole('textbox', { name: 'Epochs' }).fill('many');
    await page.keyboard.press('Enter');
    await eventually(() => page.getByRole('textbox', { name: 'Epochs' }).inputValue(), (text) => text !== 'many');
    await page.context().close();
  });

  it('rescaling two layers leaves the function and the fair slice, and moves the raw measures', async () => {
    const page = await stage.page(process.env['PICTURES'] ? '?lab=flat-sharp' : '?lab=flat-sharp&l.data=moons&l.hidden=8&l.until=0.2', { viewport: { width: 1_440, height: 1_100 } });
    const value = (measure: string, which: string) => numberAt(page, `tr[data-measure="${measure}"] td[data-which="${which}"]`, 'data-value');
    await finished(page);
    await page.getByRole('button', { name: 'Rescale two layers' }).focus();
    await page.keyboard.press('Enter');
    await page.locator('td[data-which="stretched"]').first().waitFor({ timeout: 100_000 });
    await finished(page);
    expect(await numberAt(page, '.same', 'data-function')).toBeLessThan(1e-9);
    expect(await numberAt(page, '.same', 'data-slice')).toBeLessThan(1e-9);
    expect(await value('train', 'stretched')).toBeCloseTo(await value('train', 'small'), 10);
    expect((await value('lambdaMax', 'stretched')) / (await value('lambdaMax', 'small'))).toBeGreaterThan(1.5);
    const times = /λmax ([\d.]+) times/.exec(await page.locator('.seen').innerText())!;
    expect(Number(times[1]) / ((await value('lambdaMax', 'large')) / (await value('lambdaMax', 'small')))).toBeCloseTo(1, 1);
    await page.waitForTimeout(400);
    await picture(page, 'viewer-flat-sharp');
    const sharp = await value('sharpness', 'large');
    await page.getByRole('slider', { name: 'Box ε' }).fill('-2');
    await eventually(() => value('sharpness', 'large').catch(() => sharp), (now) => now > sharp);
    await eventually(async () => page.url(), (url) => url.includes('l.eps=-2') && url.includes('l.stretch=5'));
    expect(stage.complaints).toEqual([]);
    await page.context().close();
  });

  it.each(['light', 'dark', 'forced'] as const)('has nothing that axe finds, in %s colours', async (colors) => {
    for (const query of [`?lab=landscape&${small}`, `?lab=landscape&${small}&l.view=3&lang=ko`, '?lab=flat-sharp&l.data=moons&l.hidden=4&l.until=0.3&l.stretch=5']) {
      const page = await stage.page(`${query}&theme=${colors === 'forced' ? 'auto' : colors}`, { bypassCSP: true, reducedMotion: 'reduce', ...(colors === 'forced' ? { forcedColors: 'active' as const } : {}) });
      await finished(page);
      if (query.includes('landscape') && !query.includes('ko')) {
        await page.getByRole('button', { name: 'Table of' }).first().click();
        await page.locator('summary').first().click();
      }
      expect([query, await violations(page)]).toEqual([query, []]);
      await page.context().close();
    }
    stage.complaints.length = 0;
  });
});
