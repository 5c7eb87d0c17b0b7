import { optimizers } from '@gradstream/optimizers';
import { bundledPage, type BundledPage } from './bundled-page.ts';
import { closeBrowser } from './browser.ts';
import type { Comparison } from './pages/webgl-updates.ts';
import { endAll } from './processes.ts';

let bundled: BundledPage;
let rules: string[];
beforeAll(async () => {
  bundled = await bundledPage('webgl-updates');
  rules = await bundled.page.evaluate('rules');
});
afterAll(async () => {
  await bundled.close();
  await closeBrowser();
  endAll();
});

describe('updates as fragment programs, on software WebGL', () => {
  test('every optimizer takes the steps of the JavaScript executor, and leaves no tensor', async () => {
    const found: Record<string, Comparison> = {};
    // RAdam changes its rule at the sixth step.
    for (const rule of rules) found[rule] = await bundled.page.evaluate(`compare(${JSON.stringify(rule)}, ${rule === 'radam' ? 7 : 4})`);
    expect(Object.keys(optimizers).filter((name) => !(name in found))).toEqual([]);
    expect(Object.entries(found).filter(([, { params, averaged, leaked, fused }]) => !(params < 2e-6 && averaged < 2e-6 && leaked === 0 && fused))).toEqual([]);
  });

  test('an update of five params is one program for each and for each of its slots', async () => {
    const adam = await bundled.page.evaluate<{ fragments: number; operations: number }>(`programsOf('adam')`);
    expect(adam.fragments).toBe(15);
    expect(adam.operations).toBeGreaterThan(5 * 15);
    // The norm adds a sum of squares for each.
    const clipped = await bundled.page.evaluate<{ fragments: number; operations: number }>(`programsOf('clipping by the global norm')`);
    expect(clipped.fragments).toBeLessThan(clipped.operations / 2);
  });

  test('products see no number beyond the edge of a param', async () => {
    expect(await bundled.page.evaluate('product()')).toBeLessThan(1e-4);
  });

  test('NaN, infinities and zeros go through as in JavaScript', async () => {
    expect(await bundled.page.evaluate('special()')).toBe(true);
    expect(bundled.faults).toEqual([]);
  });
});
