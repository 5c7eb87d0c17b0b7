import type { Page } from 'playwright-core';
import { closeBrowser } from './browser.ts';
import { bundledPage } from './bundled-page.ts';
import type { EngineReport } from './pages/engine.ts';
import type { Trained, Training } from './pages/engine-threads.ts';
import { endAll } from './processes.ts';

afterAll(async () => {
  await closeBrowser();
  endAll();
});

const NOT_ISOLATED = 'this page is not cross-origin isolated, so its threads share no memory';

describe.each([['a plain page', false], ['a cross-origin isolated page', true]])('the engine in %s', (_, isolated) => {
  test('plans, kernels on the heap of TensorFlow.js and fused updates compute what they should', async () => {
    const { page, faults, close } = await bundledPage('engine', { isolated });
    const report = await page.evaluate<EngineReport>('engine()');
    expect(report).toMatchObject({ isolated, sharedHeap: isolated, engines: [isolated ? 'plan+wasm (2 threads, starting)' : `plan+wasm (1 thread: ${NOT_ISOLATED})`, 'tape+wasm (fused updates)'], sameBits: true, unsound: [] });
    expect(report.kernels.reason).toBeUndefined();
    expect(report.kernels.registered).toContain('Conv2DBackpropFilter');
    expect(report.kernels.rounding).toBe('relaxed');
    expect(report.apart).toBeLessThan(1e-4);
    expect(report.fit[1]).toBeLessThan(report.fit[0] / 2);
    expect(faults).toEqual([]);
    await close();
  });
});

describe('threads of a planned step in a browser', () => {
  const call = (page: Page, name: 'train' | 'trainInWorker', training: Training) => page.evaluate<Trained>(`${name}(${JSON.stringify(training)})`);
  const ended = async (page: Page) => {
    for (let i = 0; i < 500 && page.workers().length > 0; i++) await new Promise((resolve) => setTimeout(resolve, 20));
    return page.workers().map((worker) => worker.url());
  };

  test.each(['train', 'trainInWorker'] as const)('give the bits of one thread, before and after the helpers have loaded: %s', async (where) => {
    const { page, faults, close } = await bundledPage('engine-threads', { isolated: true });
    for (const model of ['mlp', 'cnn'] as const) {
      const alone = await call(page, where, { model, threads: 1 });
      expect(alone.engines).toEqual(['plan+wasm', 'plan+wasm']);
      for (const threads of [2, 3]) expect(await call(page, where, { model, threads })).toEqual({ engines: [`plan+wasm (${threads} threads, starting)`, `plan+wasm (${threads} threads)`], bits: alone.bits });
    }
    if (where === 'train') expect(await ended(page)).toEqual([]);
    expect(faults).toEqual([]);
    await close();
  });

  test('are each plan’s own, and end with it', async () => {
    const { page, faults, close } = await bundledPage('engine-threads', { isolated: true });
    const alone = [await call(page, 'train', { model: 'mlp', threads: 1 }), await call(page, 'train', { model: 'cnn', threads: 1 })];
    expect(await page.evaluate('hold()')).toEqual(alone.map(({ bits }) => bits));
    expect(page.workers().length).toBe(2);
    await page.evaluate('drop()');
    expect(await ended(page)).toEqual([]);
    // A worker that is ended in the middle of a training takes them with it.
    await call(page, 'trainInWorker', { model: 'mlp', threads: 2, abandoned: true });
    expect(await ended(page)).toEqual([]);
    expect(faults).toEqual([]);
    await close();
  });

  test('are one in a page that is not isolated, and the run says so', async () => {
    const { page, faults, close } = await bundledPage('engine-threads');
    for (const where of ['train', 'trainInWorker'] as const) {
      const { bits } = await call(page, where, { model: 'mlp', threads: 1 });
      const engine = `plan+wasm (1 thread: ${NOT_ISOLATED})`;
      expect(await call(page, where, { model: 'mlp', threads: 2 })).toEqual({ engines: [engine, engine], bits });
    }
    expect(faults).toEqual([]);
    await close();
  });

  test('come from a file where a policy forbids blobs, and are one with a sentence where they do not load', async () => {
    const { page, close } = await bundledPage('engine-threads', { isolated: true, policy: "script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'", beside: ['engine-helper'] });
    for (const where of ['train', 'trainInWorker'] as const) {
      const { bits } = await call(page, where, { model: 'mlp', threads: 1 });
      const blocked = await call(page, where, { model: 'mlp', threads: 2 });
      expect(blocked.engines[1]).toBe('plan+wasm (1 thread: a helper did not load; where a Content-Security-Policy forbids workers from blobs, useBackend({ helper }) takes one from a file)');
      const lost = await call(page, where, { model: 'mlp', threads: 2, helper: '/none.js' });
      expect(lost.engines[1]).toMatch(/^plan\+wasm \(1 thread: a helper did not load/);
      const found = await call(page, where, { model: 'mlp', threads: 2, helper: '/engine-helper.js' });
      expect(found.engines[1]).toBe('plan+wasm (2 threads)');
      expect([blocked.bits, lost.bits, found.bits]).toEqual([bits, bits, bits]);
      await page.reload();
      await page.waitForFunction('globalThis.ready === true');
    }
    await close();
  });
});
