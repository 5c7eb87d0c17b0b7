import type { Page } from 'playwright-core';
import { eventually, picture, ViewerStage, violations } from './viewer-stage.ts';

jest.setTimeout(240_000);

/** A digest of the pictures of a lab: its canvases pixel by pixel, its drawings node by node. */
const drawnOf = (page: Page): Promise<string> => page.evaluate(async () => {
  const parts = [...document.querySelectorAll<HTMLCanvasElement | SVGSVGElement>('.lab-figure canvas, .lab-figure svg:not([aria-hidden])')].map((each) => (each instanceof HTMLCanvasElement ? each.toDataURL() : each.innerHTML));
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(parts.join('\n')));
  return `${parts.length} ${[...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
});

const figure = (page: Page, title: string) => page.locator(`figure[data-figure="${title}"]`);
const settled = (page: Page) => eventually(() => page.locator('.lab-figure, .labs .blank').evaluateAll((all) => all.length > 0 && all.every((each) => each.getAttribute('aria-busy') === 'false')), (is) => is, 90_000);
const note = (page: Page, title: string) => figure(page, title).locator('.note').innerText();
const saved = async (page: Page, title: string, format: string): Promise<string> => {
  await page.getByRole('button', { name: `Save ${title}` }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: format, exact: true }).click();
  const chunks: Buffer[] = [];
  for await (const chunk of await (await download).createReadStream()) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('latin1');
};

describe('the lab of bias and variance', () => {
  let stage: ViewerStage;
  beforeAll(async () => { stage = await ViewerStage.open(); });
  afterAll(() => stage?.close());
  beforeEach(() => { stage.complaints.length = 0; });
  afterEach(() => expect(stage.complaints).toEqual([]));

  it('measures what it draws: the dots lie on the stack, and the error falls again beyond the threshold', async () => {
    const page = await stage.page('?lab=bias-variance');
    await page.locator('[data-test]').first().waitFor();
    await settled(page);
    const rows = JSON.parse(await saved(page, 'Error against capacity', 'JSON')) as Readonly<Record<string, number>>[];
    expect(rows.at(-1)!['Capacity']).toBe(200);
    for (const row of rows) expect(Math.abs(row['measured test error'] - row['Sum']) / row['Sum']).toBeLessThan(0.01);
    const said = await note(page, 'Error against capacity');
    const peak = rows.reduce((a, b) => (b['measured test error'] > a['measured test error'] ? b : a));
    expect(peak['Capacity']).toBe(20);
    expect(said).toContain('greatest at p = 20');
    expect(said).toMatch(/falls again by 99\.\d+ %/);
    await page.evaluate(() => scrollTo(0, 0));
    await picture(page, 'viewer-bias-variance', true);
    await page.context().close();
  });

  it('follows a point that is dragged, and one that is moved by keys; the link shows the same picture', async () => {
    const page = await stage.page('?lab=bias-variance&l.models=20');
    await settled(page);
    const before = await drawnOf(page);
    const point = page.getByRole('slider', { name: 'Point 8', exact: true });
    const box = (await point.boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2 + 6, box.y + box.height / 2 - 70, { steps: 4 });
    await page.mouse.up();
    await settled(page);
    const dragged = await drawnOf(page);
    expect(dragged).not.toBe(before);
    await eventually(async () => page.url(), (url) => url.includes('l.moved=7:'));

    const first = page.getByRole('slider', { name: 'Point 1', exact: true });
    await first.focus();
    await page.keyboard.press('PageDown');
    await eventually(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label')), (label) => label === 'Point 2');
    const at = () => page.getByRole('slider', { name: 'Point 2', exact: true }).getAttribute('aria-valuetext');
    const was = await at();
    await page.keyboard.press('Shift+ArrowUp');
    await page.keyboard.press('ArrowRight');
    await settled(page);
    expect(await at()).not.toBe(was);
    await eventually(async () => page.url(), (url) => url.includes(',1:'));
    const moved = await drawnOf(page);
    expect(moved).not.toBe(dragged);

    const other = await stage.page(new URL(page.url()).search);
    await settled(other);
    expect(await drawnOf(other)).toBe(moved);
    await other.context().close();

    await page.keyboard.press('Delete');
    await eventually(at, (text) => text === was);
    await page.getByRole('button', { name: 'Put points back' }).click();
    await settled(page);
    expect(await drawnOf(page)).toBe(before);
    await page.context().close();
  });

  it('goes through the threshold by mouse and by keys', async () => {
    const page = await stage.page('?lab=bias-variance&l.family=randomFeatures&l.points=12&l.models=30');
    await settled(page);
    const stack = figure(page, 'Error against capacity');
    const box = (await stack.locator('svg').first().boundingBox())!;
    await stack.locator('svg').first().click({ position: { x: box.width * 0.96, y: box.height / 2 } });
    await eventually(() => note(page, 'All fits'), (text) => /^30 fits with \d{2,3} coefficients/.test(text));
    await stack.focus();
    await page.keyboard.press('Home');
    await eventually(() => note(page, 'All fits'), (text) => text.startsWith('30 fits with 1 coefficient.'));
    for (let k = 0; k < 11; k++) await page.keyboard.press('ArrowRight');
    await eventually(() => note(page, 'Target'), (text) => text.includes('capacity 12'));
    await stack.getByRole('button', { name: 'Log y' }).click();
    await eventually(async () => page.url(), (url) => url.includes('l.capacity=12') && url.includes('l.scale=log'));
    await stack.getByRole('button', { name: /^Table of/ }).click();
    expect(await stack.getByRole('row').count()).toBeGreaterThan(25);
    await page.getByRole('slider', { name: 'Models' }).press('ArrowLeft');
    await eventually(() => note(page, 'All fits'), (text) => text.startsWith('29 fits'));
    await page.context().close();
  });

  it('saves its figures as CSV, SVG and PNG', async () => {
    const page = await stage.page('?lab=bias-variance');
    await settled(page);
    expect(await saved(page, 'All fits', 'CSV')).toMatch(/^Input x,truth,mean of all,deviation,fit of these points\n0\.02,/);
    expect(await saved(page, 'Target', 'SVG')).toMatch(/^<svg [^>]*xmlns/);
    expect(await saved(page, 'Error against capacity', 'PNG')).toMatch(/^.PNG/);
    await page.context().close();
  });

  it('keeps the page free while it fits', async () => {
    const page = await stage.page('?lab=bias-variance');
    await settled(page);
    await page.evaluate(() => {
      const scope = window as unknown as { long: number[] };
      scope.long = [];
      new PerformanceObserver((list) => scope.long.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask' });
    });
    await page.getByRole('slider', { name: 'Models' }).fill('200');
    await settled(page);
    const longest = await page.evaluate(() => Math.max(0, ...(window as unknown as { long: number[] }).long));
    // The fits of 200 models take a second of processor time; what the page does itself is far below that, on a busy machine too.
    expect(longest).toBeLessThan(300);
    await page.context().close();
  });

  it.each(['light', 'dark', 'forced'] as const)('shows nothing that axe finds, in %s colours', async (look) => {
    const page = await stage.page(`?lab=bias-variance${look === 'forced' ? '' : `&theme=${look}`}`, { bypassCSP: true, reducedMotion: 'reduce', ...(look === 'forced' ? { forcedColors: 'active' as const } : {}) });
    await settled(page);
    await figure(page, 'Target').getByRole('button', { name: /^Table of/ }).click();
    expect(await violations(page)).toEqual([]);
    await page.context().close();
  });
});

describe('the lab of regularization', () => {
  let stage: ViewerStage;
  beforeAll(async () => { stage = await ViewerStage.open(); });
  afterAll(() => stage?.close());
  beforeEach(() => { stage.complaints.length = 0; });
  afterEach(() => expect(stage.complaints).toEqual([]));
  const short = 'l.epochs=20&l.width=8';
  const row = (page: Page, name: string) => page.locator('table.leaderboard').getByRole('row', { name });

  it('trains twelve arms side by side, draws them in float64, and says how near the engine is', async () => {
    const page = await stage.page(`?lab=regularization${process.env['PICTURES'] ? '' : `&${short}`}`);
    await settled(page);
    expect(await page.locator('.arm-grid canvas').count()).toBe(12);
    const [difference] = /differ by at most ([\d.e−-]+\d)/.exec(await note(page, 'Decision surfaces'))!.slice(1);
    expect(Number(difference.replace('−', '-'))).toBeLessThan(1e-3);
    const rows = JSON.parse(await saved(page, 'Learning curves', 'JSON')) as Readonly<Record<string, number | string>>[];
    expect(rows.map((each) => each['Regularizer'])).toContain('Early stopping');
    expect(new Set(rows.map((each) => each['Validation loss'])).size).toBeGreaterThan(9);
    expect(await saved(page, 'Decision surfaces', 'PNG')).toMatch(/^.PNG/);
    expect(await saved(page, 'Distribution of weights', 'SVG')).toMatch(/^<svg [^>]*xmlns/);
    await page.evaluate(() => scrollTo(0, 0));
    await picture(page, 'viewer-regularization');
    await page.context().close();
  });

  it('says what is least so far while it trains, and at the end only then', async () => {
    const page = await stage.page('?lab=regularization&l.arms=none,l2&l.epochs=400&l.points=300');
    const said = await eventually(() => figure(page, 'Learning curves').evaluate((element) => [element.getAttribute('aria-busy')!, element.querySelector('.note')!.textContent!]), () => true);
    expect([said[0], /on validation so far is/.test(said[1])]).toEqual(['true', true]);
    await settled(page);
    expect(await note(page, 'Learning curves')).toContain('on validation at the end is');
    await page.context().close();
  });

  it('takes strengths and arms by mouse and by keys, goes back in time, and the link shows the same picture', async () => {
    const page = await stage.page(`?lab=regularization&${short}&l.arms=none,l2,dropout`);
    await settled(page);
    const error = row(page, 'Dropout').getByRole('cell').nth(3);
    const before = await drawnOf(page);
    await page.getByRole('checkbox', { name: 'Dropout' }).click();
    await eventually(() => page.locator('.arm-grid canvas').count(), (n) => n === 2);
    await page.getByRole('checkbox', { name: 'Dropout' }).focus();
    await page.keyboard.press('Space');
    await settled(page);
    await eventually(() => drawnOf(page), (drawn) => drawn === before);
    expect(await error.innerText()).not.toBe('');

    await page.getByRole('slider', { name: 'Strength of L2 penalty' }).press('End');
    await eventually(async () => page.url(), (url) => url.includes('l.l2=-1'));
    await settled(page);
    await eventually(() => drawnOf(page), (drawn) => drawn !== before);
    // The strongest penalty leaves the smallest weights.
    expect(await note(page, 'Distribution of weights')).toContain('least for L2 penalty');
    await page.getByRole('slider', { name: 'Epoch that is shown' }).fill('5');
    await eventually(() => note(page, 'Decision surfaces'), (text) => text.includes('after epoch 5'));
    await figure(page, 'Learning curves').getByRole('button', { name: 'Error' }).click();
    await eventually(async () => page.url(), (url) => url.includes('l.at=5') && url.includes('l.measure=error'));
    const chosen = await drawnOf(page);

    const other = await stage.page(new URL(page.url()).search);
    await settled(other);
    expect(await drawnOf(other)).toBe(chosen);
    for (const each of [page, other]) await each.context().close();
  });

  it('draws mixed batches of digits with their soft labels', async () => {
    const page = await stage.page(`?lab=regularization&${short}&l.arms=none&l.mixing=cutmix`);
    const mixing = figure(page, 'A mixed batch of digits');
    const label = () => mixing.locator('.soft').first().innerText();
    const shares = async () => [...(await label()).matchAll(/: ([\d.]+) %/g)].map(([, share]) => Number(share));
    await mixing.locator('.soft').first().waitFor();
    // The label counts pixels of 64.
    for (const share of await shares()) expect(Math.abs(share * 0.64 - Math.round(share * 0.64))).toBeLessThan(0.04);
    const before = await mixing.locator('.soft').allInnerTexts();
    await mixing.getByRole('button', { name: 'Next batch' }).focus();
    await page.keyboard.press('Enter');
    await eventually(() => mixing.locator('.soft').allInnerTexts(), (texts) => texts.join() !== before.join());
    await mixing.getByRole('button', { name: 'Shift' }).click();
    await eventually(shares, (all) => all.join() === '100');
    await eventually(async () => page.url(), (url) => url.includes('l.mixing=shift') && url.includes('l.draw=1'));
    await page.context().close();
  });

  it('trains on WebGL too, whose surfaces agree with float64 to a thousandth', async () => {
    const page = await stage.page('?lab=regularization&l.epochs=10&l.width=4&l.arms=none,l2&l.backend=webgl');
    await settled(page);
    const said = await note(page, 'Decision surfaces');
    expect(said).toContain('webgl');
    expect(said).not.toContain('more than 0.001');
    stage.complaints.splice(0, stage.complaints.length, ...stage.complaints.filter((text) => !/GPU stall|WebGL|GL Driver/i.test(text)));
    await page.context().close();
  });

  it.each(['light', 'dark', 'forced'] as const)('shows nothing that axe finds, in %s colours', async (look) => {
    const page = await stage.page(`?lab=regularization&${short}${look === 'forced' ? '' : `&theme=${look}`}`, { bypassCSP: true, reducedMotion: 'reduce', ...(look === 'forced' ? { forcedColors: 'active' as const } : {}) });
    await settled(page);
    await figure(page, 'Learning curves').getByRole('button', { name: /^Table of/ }).click();
    expect(await violations(page)).toEqual([]);
    await page.context().close();
  });
});
