/**
 * The viewer in a real browser: the first draw of a million points beside ECharts fed the same points, panning and zooming them,
 * ten thousand runs in the list, and a soak of a hundred live runs in twelve panels.
 * `npm run bench -- viewer [--only draw,pan,list,soak] [--rounds 5] [--seconds 60] [--json]` (the viewer must be built: `npm run build -w apps/viewer`).
 */
import { createReadStream, existsSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { memoryStore, serve, type RunningServer } from '@gradstream/server';
import { build } from 'esbuild';
import { chromium, type Browser, type CDPSession, type Page } from 'playwright-core';
import { machine, median, quantile, rounded, versions } from './harness.ts';

const { values: flags } = parseArgs({ options: { json: { type: 'boolean' }, only: { type: 'string', default: 'draw,pan,list,soak' }, rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '60' } } });
const only = flags.only.split(',');
const rounds = Number(flags.rounds);
const root = process.cwd();
const rows: object[] = [];
const say = (row: { readonly case: string; readonly [figure: string]: unknown }, sentence: string): void => {
  rows.push(row);
  console.log(`${row.case.padEnd(12)} ${sentence}`);
};

const executablePath = process.env.CHROMIUM_PATH ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path));
const browser = await chromium.launch({ ...(executablePath ? { executablePath } : {}), args: ['--no-sandbox', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--disable-accelerated-2d-canvas', '--disable-dev-shm-usage'] });

/** Bytes that a page holds after a collection: objects, and the buffers beside them, where the points are. */
async function heldBytes(session: CDPSession): Promise<{ readonly objects: number; readonly all: number }> {
  for (let i = 0; i < 3; i++) await session.send('HeapProfiler.collectGarbage');
  const usage = (await session.send('Runtime.getHeapUsage')) as { usedSize: number; backingStorageSize?: number; embedderHeapUsedSize?: number };
  const objects = usage.usedSize + (usage.embedderHeapUsedSize ?? 0);
  return { objects, all: objects + (usage.backingStorageSize ?? 0) };
}

/** Slope of a line through points, by least squares; 0 for fewer than two. */
function slopeOf(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (of: 0 | 1) => points.reduce((sum, point) => sum + point[of], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const square = points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
  return square > 0 ? points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0) / square : 0;
}

/** A page for charts alone. */
async function chartsPage(): Promise<{ readonly url: string; close(): void }> {
  const folder = join(root, '.cache/bench');
  mkdirSync(folder, { recursive: true });
  await build({ entryPoints: [join(root, 'benchmarks/sides/charts-page.ts')], outfile: join(folder, 'charts-page.js'), bundle: true, minify: true, format: 'esm', platform: 'browser', target: 'es2022', logLevel: 'error', conditions: ['@gradstream/source'] });
  const server = createServer((request, response) => {
    if (request.url === '/') response.setHeader('content-type', 'text/html').end('<!doctype html><title>bench</title><script type="module" src="/charts-page.js"></script>');
    else if (request.url === '/charts-page.js') createReadStream(join(folder, 'charts-page.js')).pipe(response.setHeader('content-type', 'text/javascript'));
    else response.writeHead(204).end();
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  return { url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/`, close: () => void server.close() };
}

const million = 1_000_000;

/** Sides take turns, each time in a page of its own. */
async function firstDraw(browser: Browser): Promise<void> {
  const { url, close } = await chartsPage();
  const sides = ['ours', 'echarts', 'echarts minmax'] as const;
  const ms: Record<string, number[]> = {};
  const bytes: Record<string, number[]> = {};
  for (let round = 0; round < rounds; round++) {
    for (const side of sides) {
      const page = await browser.newPage();
      await page.goto(url);
      await page.waitForFunction('window.ready');
      await page.evaluate(`prepare(${million})`);
      const session = await page.context().newCDPSession(page);
      const before = (await heldBytes(session)).all;
      (ms[side] ??= []).push(await page.evaluate(`firstDraw('${side}')`) as number);
      (bytes[side] ??= []).push((await heldBytes(session)).all - before);
      await page.close();
    }
  }
  for (const side of sides) {
    const ratio = (of: Record<string, number[]>) => of[side].map((value, round) => value / of.ours[round]);
    const [slower, heavier] = [ratio(ms), ratio(bytes)];
    say(
      { case: 'draw', side, ms: rounded(median(ms[side])), megabytes: rounded(median(bytes[side]) / 1e6), timesOurs: { ms: rounded(median(slower)), spread: [rounded(quantile(slower, 0.25)), rounded(quantile(slower, 0.75))], bytes: rounded(median(heavier)) } },
      `${side}: a million points after ${rounded(median(ms[side]))} ms, ${rounded(median(bytes[side]) / 1e6)} MB held; ${rounded(median(slower))} x the time and ${rounded(median(heavier))} x the memory of ours`,
    );
  }
  close();
}

async function pan(browser: Browser): Promise<void> {
  const { url, close } = await chartsPage();
  const page = await browser.newPage();
  await page.goto(url);
  await page.waitForFunction('window.ready');
  await page.evaluate(`prepare(${million})`);
  const times = (await page.evaluate('pan(400)')) as number[];
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((q) => rounded(quantile(times, q)));
  say({ case: 'pan', frames: times.length, msPerFrame: { p50, p95, p99 } }, `a million points, panned and zoomed: ${p50} ms of script per frame (p95 ${p95}, p99 ${p99})`);
  await page.close();
  close();
}

const viewerDir = join(root, 'apps/viewer/dist');
const send = async (server: RunningServer, method: string, path: string, body: object): Promise<void> => {
  const response = await fetch(`${server.url}/api/v1/runs/${path}`, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
};

/** Long tasks of a page from now on, ms of the processor: what the machine does beside does not count. */
async function tasksOf(browser: Browser, page: Page, work: () => Promise<void>): Promise<readonly number[]> {
  await browser.startTracing(page, { categories: ['toplevel'] });
  await work();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: readonly { name: string; ph: string; pid: number; tid: number; ts: number; dur?: number; tdur?: number; args?: { name?: string } }[] };
  const main = traceEvents.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain').map(({ pid, tid }) => `${pid} ${tid}`);
  // A task inside another is part of it.
  let end = -Infinity;
  return traceEvents
    .filter(({ name, ph, pid, tid }) => name.endsWith('RunTask') && ph === 'X' && main.includes(`${pid} ${tid}`))
    .sort((a, b) => a.ts - b.ts || (b.dur ?? 0) - (a.dur ?? 0))
    .filter(({ ts, dur = 0 }) => ts >= end && ((end = ts + dur), true))
    .map(({ tdur, dur = 0 }) => (tdur ?? dur) / 1_000);
}

const optimizers = ['sgd', 'momentum', 'adam', 'adamw', 'lion'];

async function list(browser: Browser): Promise<void> {
  const server = await serve({ store: await memoryStore(), port: 0, viewerDir });
  const count = 10_000;
  for (let k = 0; k < count; k += 50) {
    await Promise.all(Array.from({ length: 50 }, async (_, i) => {
      const id = `run-${k + i}`;
      await send(server, 'PUT', id, { name: `run ${k + i}`, project: `p${k % 7}`, state: 'finished', spec: { version: 1, seed: k + i, model: 'mlp', optimizer: { name: optimizers[(k + i) % 5], learningRate: 10 ** -(1 + ((k + i) % 4)) } } });
      await send(server, 'POST', `${id}/points`, { writer: 'w', seq: 1, attempt: 0, t0: Date.now(), step: [1], dt: [0], m: { 'train/loss': [1 / (1 + i)], 'validation/accuracy': [1 - 1 / (2 + ((k + i) % 97))] } });
    }));
  }
  const page = await browser.newPage({ viewport: { width: 1_440, height: 900 } });
  const opened = performance.now();
  await page.goto(server.url);
  await page.getByText('10,000 runs').waitFor({ timeout: 120_000 });
  const shown = performance.now() - opened;
  const timed = async (work: () => Promise<void>): Promise<number> => {
    const tasks = await tasksOf(browser, page, async () => {
      await work();
      await page.waitForTimeout(1_000);
    });
    return Math.max(0, ...tasks);
  };
  const found: Record<string, number> = {
    filter: await timed(async () => { await page.getByRole('searchbox').fill('optimizer=adam validation/accuracy>0.9'); }),
    sort: await timed(async () => { await page.getByRole('button', { name: 'validation/accuracy' }).click(); }),
    scroll: await timed(async () => { for (let i = 0; i < 20; i++) { await page.locator('.runs-scroll').evaluate((element) => element.scrollBy(0, 900)); await page.waitForTimeout(30); } }),
    group: await timed(async () => { await page.getByRole('combobox', { name: 'Group by' }).selectOption({ label: 'optimizer' }); }),
    coordinates: await timed(async () => { await page.getByRole('searchbox').fill(''); await page.getByRole('button', { name: 'Coordinates' }).click(); }),
  };
  say({ case: 'list', runs: count, shownAfterMs: rounded(shown), longestTaskMs: Object.fromEntries(Object.entries(found).map(([name, ms]) => [name, rounded(ms)])) }, `${count} runs shown after ${rounded(shown)} ms; longest task: ${Object.entries(found).map(([name, ms]) => `${name} ${rounded(ms)} ms`).join(', ')}`);
  await page.close();
  await server.close();
}

async function soak(browser: Browser): Promise<void> {
  const seconds = Number(flags.seconds);
  const server = await serve({ store: await memoryStore(), port: 0, viewerDir });
  const [runs, panels, before] = [100, 12, 200];
  const metrics = Array.from({ length: panels }, (_, p) => `measure${String(p).padStart(2, '0')}`);
  let seed = 7;
  const random = () => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
  const publish = async (run: number, from: number, n: number, seq: number): Promise<void> => send(server, 'POST', `soak-${run}/points`, {
    writer: 'w', seq, attempt: 0, t0: Date.now(), step: { from, by: 1, n }, dt: Array.from({ length: n }, () => 0),
    m: Object.fromEntries(metrics.map((metric, p) => [metric, Array.from({ length: n }, (_, i) => run / 100 + p / (1 + (from + i) / 50) + 0.1 * random())])),
  });
  for (let run = 0; run < runs; run++) {
    await send(server, 'PUT', `soak-${run}`, { name: `soak ${run}`, state: 'running' });
    await publish(run, 0, before, 1);
  }
  const page = await browser.newPage({ viewport: { width: 2_560, height: 2_200 } });
  const session = await page.context().newCDPSession(page);
  await page.goto(`${server.url}/?${Array.from({ length: runs }, (_, run) => `run=soak-${run}`).join('&')}`);
  const points = () => page.evaluate(() => [...document.querySelectorAll<HTMLElement>('.gs-plot')].reduce((n, { dataset }) => n + Number(dataset.points ?? 0), 0));
  for (const end = performance.now() + 120_000; (await points()) < runs * panels * before; await page.waitForTimeout(200)) {
    if (performance.now() > end) throw new Error(`the page has drawn ${await points()} of ${runs * panels * before} points after two minutes`);
  }
  await page.evaluate(() => {
    const scope = window as unknown as { frames: number };
    scope.frames = 0;
    const count = () => { scope.frames++; requestAnimationFrame(count); };
    requestAnimationFrame(count);
  });
  await page.waitForTimeout(2_000);
  const heaps: (Awaited<ReturnType<typeof heldBytes>> & { readonly minute: number })[] = [];
  const tasks: number[] = [];
  let [step, frames] = [before, 0];
  const began = performance.now();
  const measureHeap = async () => heaps.push({ minute: (performance.now() - began) / 60_000, ...(await heldBytes(session)) });
  await measureHeap();
  // Tasks are watched in parts: between two of them the heap is measured, and the collections that this takes are not the page's tasks.
  const partSeconds = 10;
  for (let part = 0; part < Math.ceil(seconds / partSeconds); part++) {
    const framesBefore = (await page.evaluate('frames')) as number;
    tasks.push(...(await tasksOf(browser, page, async () => {
      for (const end = performance.now() + Math.min(partSeconds, seconds - part * partSeconds) * 1_000; performance.now() < end;) {
        const second = performance.now();
        for (let run = 0; run < runs; run++) await publish(run, step, 1, step);
        step++;
        await page.waitForTimeout(Math.max(0, 1_000 - (performance.now() - second)));
      }
    })));
    frames += ((await page.evaluate('frames')) as number) - framesBefore;
    await measureHeap();
  }
  const drawn = await points();
  const perMinute = (of: 'objects' | 'all') => slopeOf(heaps.map((heap) => [heap.minute, heap[of] / 1e6]));
  const long = tasks.filter((ms) => ms > 50);
  const perFrame = tasks.reduce((a, b) => a + b, 0) / Math.max(1, frames);
  const most = Math.max(...heaps.map(({ all }) => all)) / 1e6;
  say(
    { case: 'soak', runs, panels, seconds, steps: step - before, drawnPoints: drawn, tasks: tasks.length, longTasks: long.length, longestTaskMs: rounded(Math.max(0, ...tasks)), p999TaskMs: rounded(quantile(tasks, 0.999)), mainThreadMsPerFrame: rounded(perFrame), heapMegabytes: rounded(most), megabytesPerMinute: { objects: rounded(perMinute('objects')), withPoints: rounded(perMinute('all')) } },
    `${runs} runs x ${panels} panels, ${seconds} s: ${long.length} tasks over 50 ms of ${tasks.length} (longest ${rounded(Math.max(0, ...tasks))} ms of the processor), ${rounded(perFrame)} ms per frame, ${rounded(most)} MB, ${rounded(perMinute('objects'))} MB a minute of objects (${rounded(perMinute('all'))} with the points that are kept)`,
  );
  await page.close();
  await server.close();
}

for (const [name, measure] of Object.entries({ draw: firstDraw, pan, list, soak })) if (only.includes(name)) await measure(browser);
if (flags.json) console.log(JSON.stringify({ question: 'viewer', machine: `${machine()}, ${browser.version()}, software rendering`, versions: versions('echarts', 'uplot'), rows }));
await browser.close();
process.exit(0);
