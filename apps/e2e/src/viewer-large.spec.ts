import { encodePoints, pointsMediaType } from '@gradstream/protocol';
import type { Page } from 'playwright-core';
import { eventually, ViewerStage, violations } from './viewer-stage.ts';

jest.setTimeout(240_000);

const million = 1_000_000;
const spike = 412_007;
const lossAt = (step: number): number => (step === spike ? 7.9 : step === spike + 3 ? NaN : 2 / (1 + step / 1e4) + 0.05 * Math.sin(step * 12.9898));

const figure = (page: Page) => page.locator('figure[data-measure="loss"]');
const plot = (page: Page) => figure(page).locator('.gs-plot');
const drawn = (page: Page) => figure(page).locator('.zoom-note').evaluate((note) => ({ points: Number(note.getAttribute('data-points')), buckets: Number(note.getAttribute('data-buckets')), text: note.textContent ?? '' }));
const rangeOf = async (page: Page, of: 'x' | 'y') => (await plot(page).getAttribute(`data-${of}`))!.split('..').map(Number);

describe('a run of a million points', () => {
  let stage: ViewerStage;
  beforeAll(async () => {
    stage = await ViewerStage.open();
    await stage.put('large', { name: 'large', state: 'running' });
    const n = 20_000;
    for (let from = 0, seq = 1; from < million; from += n, seq++) {
      const step = Float64Array.from({ length: n }, (_, i) => from + i);
      const body = encodePoints({ writer: 'many', seq, attempt: 0, t0: 1.79e12, step, dt: step.map((at) => 10 * at), columns: [{ metric: 'train/loss', values: step.map(lossAt) }] });
      const response = await fetch(`${stage.url}/api/v1/runs/large/points`, { method: 'POST', headers: { 'content-type': pointsMediaType }, body: Buffer.from(body) });
      if (!response.ok) throw new Error(await response.text());
    }
    await stage.note('large', { type: 'alert', level: 'warning', title: 'said before', step: 7 });
  });
  afterAll(() => stage?.close());
  beforeEach(() => { stage.complaints.length = 0; });

  it('is drawn with its spike from buckets, and the page does not hold it', async () => {
    const page = await stage.page('?run=large');
    const { buckets, text } = await eventually(() => drawn(page), ({ points }) => points === million);
    expect(buckets).toBe(1_200);
    expect(text).toBe('1,000,000 points, drawn from 1,200 buckets; zoom to see more');
    const [, high] = await rangeOf(page, 'y');
    expect(high).toBeGreaterThan(7.9);
    expect(await rangeOf(page, 'x')).toEqual([0, million - 1]);
    await figure(page).getByText('1 not finite').waitFor();
    await page.getByText('said before').waitFor();
    const session = await page.context().newCDPSession(page);
    for (let i = 0; i < 3; i++) await session.send('HeapProfiler.collectGarbage');
    const { backingStorageSize } = (await session.send('Runtime.getHeapUsage')) as unknown as { backingStorageSize: number };
    // Step, value and time of a million points take 24 MB.
    expect(backingStorageSize).toBeLessThan(6e6);
    await page.context().close();
    expect(stage.complaints).toEqual([]);
  });

  it('is seen point by point where somebody looks near, and the window stays while more comes', async () => {
    const page = await stage.page('?run=large');
    await eventually(() => drawn(page), ({ points }) => points === million);
    const box = (await plot(page).locator('.u-over').boundingBox())!;
    for (let k = 0; k < 3; k++) {
      const [from, to] = await rangeOf(page, 'x');
      const at = box.x + (box.width * (spike - from)) / (to - from);
      await page.mouse.move(Math.max(box.x + 1, at - 8), box.y + 40);
      await page.mouse.down();
      await page.mouse.move(Math.min(box.x + box.width - 1, at + 8), box.y + 40, { steps: 4 });
      await page.mouse.up();
      await eventually(() => rangeOf(page, 'x'), ([a, b]) => b - a < (to - from) / 2);
    }
    const near = await eventually(() => drawn(page), ({ points, buckets }) => points === buckets && points > 0);
    expect(near.text).toContain('each drawn');
    const window = await rangeOf(page, 'x');
    await figure(page).getByRole('button', { name: 'Save loss' }).click();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'JSON', exact: true }).click();
    const chunks: Buffer[] = [];
    for await (const chunk of await (await download).createReadStream()) chunks.push(chunk as Buffer);
    const [{ x, y, points }] = JSON.parse(Buffer.concat(chunks).toString()) as [{ x: number[]; y: (number | string)[]; points?: number[] }];
    expect([points, x]).toEqual([undefined, Array.from({ length: Math.floor(window[1]) - Math.ceil(window[0]) + 1 }, (_, i) => Math.ceil(window[0]) + i)]);
    expect(y).toEqual(x.map(lossAt).map((value) => (Number.isFinite(value) ? value : String(value))));
    expect(y[x.indexOf(spike)]).toBe(7.9);
    for (let k = 0; k < 3; k++) await stage.points('large', million + 100 * k, { 'train/loss': Array<number>(100).fill(0.1) }, 1.79e12);
    await eventually(async () => Number(await plot(page).getAttribute('data-points')), (n) => n === million + 300);
    expect(await rangeOf(page, 'x')).toEqual(window);
    await page.keyboard.press('0');
    await eventually(() => rangeOf(page, 'x'), ([, to]) => to === million + 299);
    await eventually(() => drawn(page), ({ points, buckets }) => points === million + 300 && buckets === 1_500);
    await page.context().close();
    expect(stage.complaints).toEqual([]);
  });

  it('is zoomed on time axes and a logarithmic one too, from an address alone', async () => {
    const from = 1.79e12 + 10 * (spike - 10);
    const page = await stage.page(`?run=large&axis=wall&log=loss&smooth=0.6&x=${from}..${from + 200}`);
    await eventually(() => drawn(page), ({ points, buckets }) => points === 21 && buckets === 21);
    expect((await rangeOf(page, 'y'))[1]).toBeGreaterThan(7.9);
    await page.context().close();
    const relative = await stage.page(`?run=large&axis=relative&x=${(spike - 10) / 100}..${(spike + 10) / 100}`);
    await eventually(() => drawn(relative), ({ points, buckets }) => points === buckets && points > 18 && points < 23);
    expect((await rangeOf(relative, 'y'))[1]).toBeGreaterThan(7.9);
    await relative.context().close();
  });

  it('keeps the coarse curve where nothing finer can be had, says why, and tries again', async () => {
    const page = await stage.page('?run=large', { bypassCSP: true });
    await eventually(() => drawn(page), ({ points }) => points >= million);
    await page.context().route('**/api/v1/series', (route) => route.fulfill({ status: 503, contentType: 'application/json', body: '{"error":{"message":"the disk is busy"}}' }));
    await figure(page).focus();
    await eventually(async () => {
      await page.keyboard.press('+');
      return rangeOf(page, 'x');
    }, ([from, to]) => to - from < 20_000);
    await figure(page).getByText('Nothing finer could be loaded: the disk is busy.').waitFor();
    expect((await drawn(page)).points).toBeGreaterThan(0);
    expect(await violations(page)).toEqual([]);
    await page.context().unroute('**/api/v1/series');
    await figure(page).getByRole('button', { name: 'Try again' }).click();
    await eventually(() => drawn(page), ({ text }) => !text.includes('could be loaded') && text.includes('points'));
    await page.context().close();
  });
});
