import { endAll, gradstream } from './processes.ts';
import { eventually, picture, ViewerStage } from './viewer-stage.ts';

jest.setTimeout(240_000);

describe('a run that publishes more than numbers', () => {
  let stage: ViewerStage;
  beforeAll(async () => { stage = await ViewerStage.open(); });
  afterAll(async () => {
    await stage?.close();
    endAll();
  });

  it('shows how every param was distributed, and images before and after augmentation', async () => {
    const { code, stderr } = await gradstream('train', 'digits', '--epochs', '6', '--backend', 'cpu', '--run', 'logged', '--server', stage.url, '--log', 'histograms', 'images').ended;
    expect([code, stderr.includes('did not get')]).toEqual([0, false]);
    const page = await stage.page('?run=logged', { viewport: { width: 1_440, height: 1_240 } });
    const distributions = page.locator('[data-distribution]');
    await eventually(() => distributions.count(), (n) => n >= 8);
    const names = await distributions.evaluateAll((figures) => figures.map((figure) => (figure as HTMLElement).dataset['distribution']!));
    const params = names.filter((name) => name.startsWith('weights/')).map((name) => name.slice('weights/'.length));
    expect(names).toEqual([...params.map((param) => `weights/${param}`), ...params.map((param) => `gradients/${param}`)]);
    for (const name of ['batch/before', 'batch/after']) {
      const image = page.locator(`[data-image="${name}"] img`);
      expect(await image.evaluate((element) => (element as HTMLImageElement).decode().then(() => (element as HTMLImageElement).naturalWidth))).toBeGreaterThan(8);
    }
    await distributions.first().scrollIntoViewIfNeeded();
    await eventually(() => distributions.first().locator('canvas').getAttribute('data-shown'), (step) => Number(step) > 0);
    await page.evaluate(() => scrollTo(0, 0));
    await page.waitForTimeout(500);
    await picture(page, 'viewer-run');
    await page.keyboard.press('p');
    await page.getByRole('slider', { name: 'Playhead' }).fill('60');
    await distributions.first().scrollIntoViewIfNeeded();
    await page.waitForTimeout(800);
    await picture(page, 'viewer-replay');
    expect(stage.complaints).toEqual([]);
    await page.context().close();
  });

  it('names the eight greatest of many lines, and says how many more there are', async () => {
    for (let k = 0; k < 12; k++) {
      const optimizer = ['adam', 'sgd', 'lion'][k % 3];
      await stage.put(`many-${k}`, { name: `run ${k}`, project: 'many', state: 'finished', spec: { version: 1, seed: k, model: { name: 'mlp', hidden: [16 << (k % 4)] }, optimizer: { name: optimizer, learningRate: 10 ** -(1 + (k % 4)) } } });
      const y = Array.from({ length: 120 }, (_, i) => (k + 2) * Math.exp(-i / (20 + 3 * k)) + 0.2 * Math.sin(i * 12.9898 + k) ** 2);
      await stage.points(`many-${k}`, 0, { 'train/loss': y, 'validation/accuracy': y.map((v, i) => (i % 12 === 11 ? 1 / (1 + v) : null)) });
    }
    const page = await stage.page(`?${Array.from({ length: 12 }, (_, k) => `run=many-${k}`).join('&')}`);
    const figure = page.locator('figure[data-measure="loss"]');
    await figure.getByText('and 4 more lines').first().waitFor();
    const values = await eventually(() => figure.locator('.gs-value').allInnerTexts(), (texts) => texts.length === 8 && texts.every((text) => text !== ''));
    expect([...values].map(Number)).toEqual([...values].map(Number).sort((a, b) => b - a));
    await page.getByRole('combobox', { name: 'Group by' }).selectOption({ label: 'optimizer' });
    await page.getByText('adam (n = 4)').first().waitFor();
    await page.waitForTimeout(600);
    await picture(page, 'viewer-groups');
    await page.goto(`${stage.url}/?coordinates=1&q=project%3Dmany`);
    await page.locator('.gs-coordinates canvas[data-runs="12"]').waitFor();
    await page.waitForTimeout(600);
    await picture(page, 'viewer-coordinates');
    expect(stage.complaints).toEqual([]);
    await page.context().close();
  });
});
