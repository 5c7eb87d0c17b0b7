import { eventually, picture, ViewerStage, violations } from './viewer-stage.ts';

jest.setTimeout(180_000);

describe('the family of optimizers', () => {
  let stage: ViewerStage;
  beforeAll(async () => { stage = await ViewerStage.open(); });
  afterAll(() => stage?.close());

  it('lets an optimizer race by mouse and by keyboard, and tells what each brought', async () => {
    const page = await stage.page('?lab=race&l.on=ravine', { viewport: { width: 1_440, height: 1_300 } });
    const raced = () => page.locator('.race canvas').first().getAttribute('aria-label');
    const tree = page.locator('.family .tree');
    const pressed = () => tree.locator('button[aria-pressed="true"] .name').allInnerTexts();
    await eventually(raced, (text) => /adam at/.test(text ?? ''));
    expect([...await pressed()].sort()).toEqual(['adam', 'momentum', 'rmsprop', 'sgd']);

    await tree.getByRole('button', { name: 'adabelief 2020' }).click();
    await eventually(raced, (text) => /adabelief at/.test(text ?? ''));
    await page.locator('.family .note').getByText('adabelief (2020) after adam: Adam that divides by how far gradients lie from their mean.').waitFor();

    await tree.getByRole('button', { name: 'sgd 1951' }).focus();
    for (const key of ['ArrowRight', 'ArrowRight', 'ArrowLeft', 'ArrowDown', 'ArrowRight', 'ArrowDown']) await page.keyboard.press(key);
    await page.locator('.family .note').getByText(/^adadelta \(2012\) after adagrad/).waitFor();
    await page.keyboard.press('Enter');
    await eventually(raced, (text) => /adadelta at [\d.e−]+/.test(text ?? ''));
    expect(await pressed()).toContain('adadelta');
    await page.keyboard.press('Space');
    await eventually(raced, (text) => !/adadelta/.test(text ?? ''));
    // The address holds who races.
    expect(new URL(page.url()).searchParams.get('l.who')!.split(',').sort()).toEqual(['adabelief', 'adam', 'momentum', 'rmsprop', 'sgd']);
    await tree.getByRole('button', { name: 'adam 2015' }).hover();
    await page.waitForTimeout(400);
    await page.locator('.family').scrollIntoViewIfNeeded();
    await picture(page, 'viewer-race');
    expect(stage.complaints).toEqual([]);
    await page.context().close();
  });

  it('lets every member race on every surface', async () => {
    const page = await stage.page();
    for (const surface of ['bowl', 'rosenbrock', 'saddle']) {
      await page.goto(`${stage.url}/?lab=race&l.on=${surface}&l.steps=50`);
      const buttons = page.locator('.family .tree button[aria-pressed="false"]');
      for (let n = await eventually(() => buttons.count(), (n) => n === 10); n > 0; n--) await buttons.first().click();
      const said = await eventually(() => page.locator('.race canvas').first().getAttribute('aria-label'), (text) => (text?.match(/ at [\d.e−]+/g)?.length ?? 0) === 14);
      expect(said).not.toContain('NaN');
    }
    await page.context().close();
  });

  it.each([['light', 1_440], ['dark', 1_440], ['forced', 1_440], ['light', 420]] as const)('has nothing that axe finds (%s, %d pixels wide)', async (look, width) => {
    const page = await stage.page(`?lab=race&l.on=bowl${look === 'forced' ? '' : `&theme=${look}`}${width < 500 ? '&lang=ko' : ''}`, { bypassCSP: true, reducedMotion: 'reduce', viewport: { width, height: 1_000 }, ...(look === 'forced' ? { forcedColors: 'active' as const } : {}) });
    await page.locator('.rules code').first().waitFor();
    await page.locator('.family summary').click();
    await page.locator('.family .tree button').nth(8).focus();
    if (process.env['LOOKS']) await page.locator('.family').screenshot({ path: `${process.env['LOOKS']}/family-${look}-${width}.png` });
    expect(await violations(page)).toEqual([]);
    await page.context().close();
  });
});
