import { commands, publish } from '@gradstream/client';
import { digits } from '@gradstream/datasets';
import { softmaxCrossEntropy } from '@gradstream/losses';
import { mlp } from '@gradstream/models';
import { sgd } from '@gradstream/optimizers';
import { batches, controlled, forward, loss, metrics, optimize } from '@gradstream/pipeline';
import type { Locator, Page } from 'playwright-core';
import { BehaviorSubject, Subject, takeUntil } from 'rxjs';
import { eventually, fallingLoss, pixelsOf, ViewerStage } from './viewer-stage.ts';

jest.setTimeout(180_000);

/** Whether an element has the focus. */
const hasFocus = async (locator: Locator): Promise<boolean> => (await locator.count()) > 0 && locator.first().evaluate((element) => element === document.activeElement);
/** What has the focus, in words; empty where nothing has. */
const focused = (page: Page): Promise<string> => page.evaluate(() => {
  const at = document.activeElement;
  return !at || at === document.body ? '' : `${at.tagName.toLowerCase()} ${at.getAttribute('aria-label') ?? at.textContent!.trim().slice(0, 40)}`;
});

/** Presses Tab (or Shift+Tab) until an element has the focus, and fails where it cannot be reached or its focus cannot be seen. */
async function tabTo(page: Page, locator: Locator, back = false): Promise<void> {
  await eventually(() => locator.first().isEnabled(), (is) => is);
  for (let presses = 0; presses < 120; presses++) {
    if (await hasFocus(locator)) {
      const outline = await locator.first().evaluate((element) => [element, element.closest('figure'), element.parentElement].some((each) => each !== null && getComputedStyle(each).outlineStyle !== 'none'));
      expect([await focused(page), outline]).toEqual([expect.anything(), true]);
      return;
    }
    await page.keyboard.press(back ? 'Shift+Tab' : 'Tab');
  }
  throw new Error(`Tab does not reach it; the focus is at '${await focused(page)}'`);
}

/** Tab to it and press a key. */
async function press(page: Page, locator: Locator, key = 'Enter', back = false): Promise<void> {
  await tabTo(page, locator, back);
  await page.keyboard.press(key);
}

/** Something has the focus now: what vanished under the hands has left it to its neighbour. */
const keepsFocus = (page: Page): Promise<string> => eventually(() => focused(page), (what) => what !== '', 5_000);

const plot = (page: Page, measure: string) => page.locator(`figure[data-measure="${measure}"] .gs-plot`);
const data = (page: Page, measure: string, name: string) => plot(page, measure).getAttribute(`data-${name}`);
const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' });

describe('journeys without a mouse', () => {
  let stage: ViewerStage;
  beforeAll(async () => {
    stage = await ViewerStage.open();
    const losses = fallingLoss(200);
    for (const [k, name] of ['adam', 'adam', 'sgd'].entries()) {
      await stage.put(`key-${k}`, { name: `${name} ${k}`, project: 'keys', state: 'finished', spec: { version: 1, seed: k, optimizer: { name, learningRate: 10 ** -(k + 1) } } });
      await stage.points(`key-${k}`, 0, { 'train/loss': losses.map((y) => y + 0.1 * k) });
    }
    for (const step of [0, 100, 199]) await stage.note('key-0', { type: 'histogram', name: 'weights/w', step, edges: [-1, 0, 1], counts: [3, 5 + step] });
  });
  afterAll(() => stage?.close());
  beforeEach(() => { stage.complaints.length = 0; });
  afterEach(() => expect(stage.complaints).toEqual([]));

  it('compares runs, and says what differs', async () => {
    const page = await stage.page('?q=project=keys');
    await page.getByRole('link', { name: 'adam 0' }).waitFor();
    // By Tab the first, by the keys of the list the next one: both go on from where the focus is.
    await press(page, page.getByRole('checkbox', { name: 'Select sgd 2' }), 'Space');
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await eventually(() => page.getByRole('checkbox', { name: 'Select adam 1' }).isChecked(), (is) => is);
    await press(page, button(page, 'Clear selection'), 'Enter', true);
    await button(page, 'Compare 2').waitFor({ state: 'detached' });
    await keepsFocus(page);
    await press(page, page.getByRole('checkbox', { name: 'Select sgd 2' }), 'Space');
    await press(page, page.getByRole('checkbox', { name: 'Select adam 1' }), 'Space');
    await press(page, button(page, 'Compare 2'), 'Enter', true);
    await eventually(() => data(page, 'loss', 'points'), (n) => n === '400');
    expect(await keepsFocus(page)).toMatch(/^main/);
    await press(page, button(page, 'What differs'));
    await page.getByRole('row', { name: 'optimizer.learningRate' }).getByText('0.001').waitFor();
    await press(page, button(page, 'Take sgd 2 out of the comparison'), 'Enter', true);
    await page.getByRole('heading', { name: 'adam 1' }).waitFor();
    await keepsFocus(page);
    await page.keyboard.press('Alt+ArrowLeft');
    await page.context().close();
  });

  it('lets nobody who types lose the field to a list that changes', async () => {
    const page = await stage.page('?q=project=keys');
    await page.getByRole('link', { name: 'adam 0' }).waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('/');
    await page.keyboard.press('End');
    await page.keyboard.type(' name~adam', { delay: 30 });
    await eventually(() => page.locator('tbody tr').count(), (n) => n === 2);
    await page.keyboard.type(' 1');
    await eventually(() => page.locator('tbody tr').count(), (n) => n === 1);
    expect(await page.getByRole('searchbox').inputValue()).toBe('project=keys name~adam 1');
    await page.context().close();
  });

  it('deletes, takes back, and goes on beside the row that was there', async () => {
    for (const k of [0, 1, 2]) await stage.put(`bin-${k}`, { name: `bin ${k}`, project: 'bin', state: 'finished' });
    const page = await stage.page('?q=project=bin&sort=name');
    await page.getByRole('link', { name: 'bin 0' }).waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await page.keyboard.press('#');
    await eventually(() => page.locator('tbody tr').count(), (n) => n === 2);
    expect(await keepsFocus(page)).toContain('bin 1');
    await press(page, button(page, 'Undo'));
    await eventually(() => page.locator('tbody tr').count(), (n) => n === 3);
    await keepsFocus(page);
    await page.context().close();
  });

  it('groups by a hyper-parameter and opens a group', async () => {
    const page = await stage.page('?q=project=keys');
    await page.getByRole('link', { name: 'adam 0' }).waitFor();
    await tabTo(page, page.getByRole('combobox', { name: 'Group by' }));
    await page.keyboard.type('optim');
    await page.getByRole('row', { name: /^Curves of adam 2/ }).waitFor();
    await press(page, page.getByRole('link', { name: 'Curves of all groups' }));
    await page.getByText('adam (n = 2)').first().waitFor();
    await keepsFocus(page);
    await eventually(() => data(page, 'loss', 'bands'), (bands) => bands === '1');
    await tabTo(page, page.getByRole('combobox', { name: 'Group by' }));
    await page.keyboard.press('Home');
    await eventually(() => data(page, 'loss', 'points'), (n) => n === '600');
    await page.context().close();
  });

  it('replays a run', async () => {
    const page = await stage.page('?run=key-0');
    const figure = page.locator('[data-distribution="weights/w"] canvas');
    const slider = page.getByRole('slider', { name: 'Playhead' });
    await eventually(() => data(page, 'loss', 'points'), (n) => n === '200');
    const before = await pixelsOf(page);
    await press(page, button(page, 'Replay'));
    await keepsFocus(page);
    await tabTo(page, slider);
    for (const key of ['PageUp', 'ArrowRight', 'ArrowRight']) await page.keyboard.press(key);
    const at = await eventually(() => slider.inputValue(), (value) => Number(value) > 2);
    await page.keyboard.press(',');
    await eventually(() => slider.inputValue(), (value) => Number(value) === Number(at) - 1);
    await eventually(() => figure.getAttribute('data-shown'), (step) => step === '0');
    expect(await pixelsOf(page)).not.toEqual(before);
    await press(page, button(page, 'Play'), 'Space', true);
    await eventually(() => slider.inputValue(), (value) => Number(value) > Number(at) + 5);
    await page.keyboard.press('Space');
    await button(page, 'Play').waitFor();
    const halted = await slider.inputValue();
    await page.waitForTimeout(300);
    expect(await slider.inputValue()).toBe(halted);
    await press(page, page.locator('.replay button[aria-keyshortcuts="p"]'));
    await slider.waitFor({ state: 'detached' });
    await keepsFocus(page);
    await page.context().close();
  });

  it('steers a run that trains: pause, resume, another learning rate, stop', async () => {
    const pace = controlled();
    const learningRate$ = new BehaviorSubject(0.01);
    const stop$ = new Subject<void>();
    const { train } = await digits();
    const published = publish(stage.url, { run: 'steered', name: 'steered', controls: { commands: ['pause', 'resume', 'stop'], set: { learningRate: { min: 0, max: 1 } } } });
    const told = commands(stage.url, 'steered').subscribe((command) => {
      if (command.command === 'pause') pace.pause();
      else if (command.command === 'resume') pace.play();
      else if (command.command === 'stop') stop$.next();
      else learningRate$.next(command.value!);
      void command.applied();
    });
    batches(train, { size: 32, epochs: 100_000, pace }).pipe(forward(mlp({ hidden: [8] })), loss(softmaxCrossEntropy()), optimize(sgd({ learningRate: learningRate$ })), metrics(), takeUntil(stop$), published).subscribe();
    try {
      const page = await stage.page('?run=steered');
      const bar = page.getByRole('group', { name: 'Steer the run' });
      const points = async () => Number(await data(page, 'loss', 'points'));
      await eventually(points, (n) => n > 5);
      await press(page, bar.getByRole('button', { name: 'Pause' }));
      await bar.getByRole('button', { name: 'Resume' }).waitFor();
      await keepsFocus(page);
      await press(page, bar.getByRole('slider', { name: /learningRate/ }), 'ArrowRight');
      await eventually(async () => learningRate$.value, (rate) => rate > 0.01);
      await press(page, bar.getByRole('button', { name: 'Resume' }), 'Space', true);
      await bar.getByRole('button', { name: 'Pause' }).waitFor();
      await eventually(() => data(page, 'loss', 'marks'), (marks) => marks === '3');
      await press(page, bar.getByRole('button', { name: 'Stop' }));
      await published.done;
      await bar.waitFor({ state: 'detached' });
      await keepsFocus(page);
      await page.context().close();
    } finally {
      stop$.next();
      told.unsubscribe();
    }
  });

  it('trains in the tab: data, model, optimizer, start, a slider that moves, a spec, and a fork', async () => {
    const page = await stage.page('?train=1&t.backend=cpu', { permissions: ['clipboard-read', 'clipboard-write'] });
    const form = page.getByRole('form', { name: 'Settings' });
    const steps = async () => Number((await page.locator('.facts dd').first().innerText()).split('/')[0].replaceAll(',', ''));
    await tabTo(page, form.getByRole('combobox', { name: 'Data' }));
    await page.keyboard.type('moons');
    await tabTo(page, form.getByRole('textbox', { name: 'Hidden' }));
    await page.keyboard.press('Control+a');
    await page.keyboard.type('6, 5');
    await tabTo(page, form.getByRole('combobox', { name: 'Optimizer' }));
    await page.keyboard.type('momentum');
    await tabTo(page, form.getByRole('textbox', { name: 'Epochs' }));
    await page.keyboard.press('Control+a');
    await page.keyboard.type('5000');
    await press(page, button(page, 'Start'));
    await eventually(steps, (n) => n > 5);
    await keepsFocus(page);
    await tabTo(page, page.getByRole('slider', { name: /Learning rate/ }), true);
    for (let k = 0; k < 3; k++) await page.keyboard.press('ArrowRight');
    await eventually(() => data(page, 'loss', 'marks'), (marks) => Number(marks) > 0);
    await press(page, button(page, 'Copy as spec'), 'Enter', true);
    await button(page, 'Copied').waitFor();
    const spec = JSON.parse(await page.evaluate(() => navigator.clipboard.readText())) as Record<string, unknown>;
    expect(spec).toMatchObject({ data: { name: 'moons' }, model: { name: 'mlp', hidden: [6, 5] }, batches: { epochs: 5000 } });
    await tabTo(page, form.getByRole('combobox', { name: 'Optimizer' }));
    await page.keyboard.type('adamw');
    await press(page, button(page, 'Fork from here'), 'Enter', true);
    await page.getByText('original').first().waitFor();
    await keepsFocus(page);
    await press(page, button(page, 'Pause'), 'Enter', true);
    await page.getByRole('status').getByText('Paused').waitFor();
    await page.waitForTimeout(500);
    const held = await steps();
    await press(page, button(page, 'One step'));
    await eventually(steps, (n) => n === held + 1);
    await press(page, button(page, 'Stop'));
    await page.getByRole('status').getByText('Stopped').waitFor();
    await keepsFocus(page);
    await page.context().close();
  });
});
