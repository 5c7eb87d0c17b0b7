import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { endAll, folder, gradstream, root } from './processes.ts';
import { eventually, fallingLoss, picture, ViewerStage, violations } from './viewer-stage.ts';

jest.setTimeout(240_000);

const spec = {
  version: 1, seed: 3, data: { name: 'digits', validation: 300 }, batches: { size: 64 }, model: { name: 'mlp', hidden: [64] },
  loss: 'softmaxCrossEntropy', optimizer: { name: 'lion', learningRate: { opaque: 'observable' } }, metrics: ['accuracy'],
};

describe('the way of the data', () => {
  let stage: ViewerStage;
  beforeAll(async () => { stage = await ViewerStage.open(); });
  afterAll(async () => {
    await stage?.close();
    endAll();
  });

  /** The words of a stage's button, by line. */
  const stageOf = (texts: readonly string[], kind: string) => texts.find((text) => text.startsWith(kind))?.split('\n');
  const stagesOn = (page: Awaited<ReturnType<ViewerStage['page']>>) => page.locator('.pipeline li button');

  it('shows live where the time of a step goes, and what a stage is made of, by mouse and by keyboard', async () => {
    // The shipped run, without what would end it early.
    const shipped = join(folder(), 'digits.yaml');
    writeFileSync(shipped, readFileSync(join(root, 'specs', 'digits.yaml'), 'utf8').replace(/^earlyStopping.*$/m, ''));
    const training = gradstream('train', shipped, '--epochs', '3000', '--backend', 'wasm', '--engine', 'plan', '--run', 'timed', '--server', stage.url);
    await eventually(() => stage.exists('timed'), (known) => known);
    const page = await stage.page('?run=timed', { viewport: { width: 1_440, height: 1_000 } });
    const stages = stagesOn(page);
    const read = () => stages.allInnerTexts();
    const first = await eventually(read, (texts) => texts.length === 8 && texts.every((text) => text.includes('%')));
    expect(first.map((text) => text.split('\n')[0])).toEqual(['Data', 'Augment', 'Forward', 'Loss', 'Backward', 'Optimizer step', 'Metrics', 'Rest']);
    expect(stageOf(first, 'Data')![2]).toMatch(/examples\/s$/);
    const shares = first.map((text) => Number(/<?(\d+) %/.exec(text)![1]));
    expect(Math.abs(shares.reduce((a, b) => a + b) - 100)).toBeLessThanOrEqual(8);
    // Numbers of later steps follow by themselves.
    await eventually(read, (texts) => stageOf(texts, 'Data')![2] !== stageOf(first, 'Data')![2]);

    await stages.filter({ hasText: 'Optimizer step' }).click();
    const panel = page.locator('.pipeline section.card');
    await panel.getByText('m ← b1 · m + (1 − b1) · g').waitFor();
    const said = await panel.innerText();
    for (const word of ['clipByGlobalNorm', 'Σ over all tensors(g^2)', 'scaleByAdam', 'g ← −learningRate · g', 'warmupCosine', 'learningRate']) expect(said).toContain(word);
    await page.waitForTimeout(400);
    await picture(page, 'viewer-pipeline');

    await page.keyboard.press('Escape');
    expect(await panel.count()).toBe(0);
    expect(await page.evaluate(() => document.activeElement?.textContent)).toContain('Optimizer step');
    for (let i = 0; i < 3; i++) await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    expect(await panel.innerText()).toContain('From the inputs of the batch to the outputs of the model.');
    expect(await panel.innerText()).toMatch(/hidden/);

    await page.getByRole('button', { name: 'Table of The way of the data' }).click();
    const rows = page.locator('.pipeline table tbody tr');
    expect((await rows.allInnerTexts()).map((row) => row.split('\t')[0])).toEqual(['Data', 'Augment', 'Forward', 'Loss', 'Backward', 'Optimizer step', 'Metrics', 'Rest']);

    training.child.kill('SIGINT');
    await training.ended;
    await page.getByText('Stopped', { exact: true }).first().waitFor();
    // What was measured last stays with the run.
    await page.reload();
    const kept = await eventually(read, (texts) => texts.length === 8 && texts.every((text) => text.includes('%')));
    expect(stageOf(kept, 'Data')![2]).toMatch(/examples\/s$/);
    expect(stage.complaints).toEqual([]);
    await page.context().close();
  });

  it('leaves the curves of times to the end, closed', async () => {
    const page = await stage.page('?run=timed');
    await page.locator('figure[data-measure="loss"]').waitFor();
    expect(await page.locator('figure[data-measure^="time/"]').count()).toBe(0);
    const group = page.locator('details.timings');
    await group.locator('summary').focus();
    await page.keyboard.press('Enter');
    await page.locator('figure[data-measure="time/backward"]').waitFor();
    expect(await group.locator('figure[data-measure="rate/examples"]').count()).toBe(1);
    expect(stage.complaints).toEqual([]);
    await page.context().close();
  });

  it('tells batches that are ready, and one pass where threads share a step', async () => {
    await stage.put('shared', { name: 'shared', state: 'finished', spec: { ...spec, augment: ['mixup'] } });
    const of = (value: number) => Array.from({ length: 30 }, () => value);
    await stage.points('shared', 0, { 'train/loss': fallingLoss(30), 'time/data': of(0.25), 'time/pass': of(1.5), 'time/update': of(0.5), 'time/step': of(2), 'time/metrics': of(0.05), 'time/rest': of(0.2), 'time/total': of(2.5), 'time/wall': of(3.5), 'queue/prefetch': of(7), 'rate/examples': of(25_600) });
    const page = await stage.page('?run=shared');
    const texts = await eventually(() => stagesOn(page).allInnerTexts(), (all) => all.length === 8 && all[0].includes('%'));
    expect(stageOf(texts, 'Data')!.slice(2)).toEqual(['25600 examples/s', '250 µs · 10 %']);
    expect(stageOf(texts, 'Forward')!.at(-1)).toBe('1.5 ms · 60 %');
    expect(stageOf(texts, 'Loss')!.at(-1)).toBe('in the same pass');
    expect(stageOf(texts, 'Augment')!.at(-1)).toBe('beside the step');
    expect(await page.locator('.pipeline .edge').allInnerTexts()).toContain('7 ready');
    const summary = await page.locator('.pipeline .gs-unseen').innerText();
    expect(summary).toContain('Data digits, then Augment mixup, then Forward mlp');
    expect(summary).toContain('A step takes 2.5 ms, by medians of 20 measured steps: Data 250 µs, 10 %; Forward, loss and backward 1.5 ms, 60 %; Optimizer step 500 µs, 20 %');
    expect(summary).toContain('From one step to the next it is 3.5 ms');
    expect(summary).toContain('25600 examples a second. 7 batches ready.');
    // A learning rate that is a stream stands in the formula as any other.
    await stagesOn(page).filter({ hasText: 'lion' }).click();
    await page.locator('.pipeline .formula').getByText('g ← −learningRate · g').waitFor();
    expect(stage.complaints).toEqual([]);
    await page.context().close();
  });

  it('says so where a run publishes no times, or its optimizer is not known', async () => {
    await stage.put('plain', { name: 'plain', state: 'finished', spec: { ...spec, optimizer: { name: 'mine', learningRate: 0.1 } } });
    await stage.points('plain', 0, { 'train/loss': fallingLoss(30) });
    const page = await stage.page('?run=plain&lang=ko');
    await page.getByText('시간 없음: 이 실행은 시간을 발행하지 않습니다.').waitFor();
    expect(await page.locator('.pipeline .share').count()).toBe(0);
    expect(await page.locator('details.timings').count()).toBe(0);
    await stagesOn(page).filter({ hasText: 'mine' }).press('Enter');
    await page.locator('.pipeline .formula').getByText(/수식이 없습니다: .*'mine'/).waitFor();
    await page.context().close();
  });

  it.each([['light', 1_440], ['dark', 1_440], ['forced', 1_440], ['light', 420]] as const)('has nothing that axe finds (%s, %d pixels wide)', async (look, width) => {
    const page = await stage.page(`?run=timed${look === 'forced' ? '' : `&theme=${look}`}`, { bypassCSP: true, reducedMotion: 'reduce', viewport: { width, height: 1_000 }, ...(look === 'forced' ? { forcedColors: 'active' as const } : {}) });
    await stagesOn(page).filter({ hasText: 'Optimizer step' }).click();
    await page.locator('.pipeline .formula code').first().waitFor();
    await page.getByRole('button', { name: 'Table of The way of the data' }).click();
    await page.locator('details.timings summary').click();
    await page.locator('figure[data-measure="time/backward"]').waitFor();
    expect(await violations(page)).toEqual([]);
    expect(await page.evaluate(() => [...document.querySelectorAll('main *')].filter((element) => element.getBoundingClientRect().right > innerWidth + 1).length)).toBe(0);
    await page.evaluate(() => scrollTo(0, 0));
    if (process.env['LOOKS']) await page.screenshot({ path: `${process.env['LOOKS']}/${look}-${width}.png` });
    await page.context().close();
  });
});
