import { closeBrowser } from './browser.ts';
import { bundledPage } from './bundled-page.ts';
import type { EngineReport } from './pages/engine.ts';
import { endAll } from './processes.ts';

afterAll(async () => {
  await closeBrowser();
  endAll();
});

describe.each([['a plain page', false], ['a cross-origin isolated page', true]])('the engine in %s', (_, isolated) => {
  test('plans, kernels on the heap of TensorFlow.js and fused updates compute what they should', async () => {
    const { page, faults, close } = await bundledPage('engine', { isolated });
    const report = await page.evaluate<EngineReport>('engine()');
    expect(report).toMatchObject({ isolated, sharedHeap: isolated, engines: ['plan+wasm', 'tape+wasm (fused updates)'], sameBits: true, unsound: [] });
    expect(report.kernels.reason).toBeUndefined();
    expect(report.kernels.registered).toContain('Conv2DBackpropFilter');
    expect(report.kernels.rounding).toBe('relaxed');
    expect(report.apart).toBeLessThan(1e-4);
    expect(report.fit[1]).toBeLessThan(report.fit[0] / 2);
    expect(faults).toEqual([]);
    await close();
  });
});
