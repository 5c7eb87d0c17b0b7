import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publish } from '@gradstream/client';
import { digits } from '@gradstream/datasets';
import { accuracy, softmaxCrossEntropy } from '@gradstream/losses';
import { mlp } from '@gradstream/models';
import { adamw } from '@gradstream/optimizers';
import { batches, controlled, evaluate, forward, loss, metrics, optimize, steps } from '@gradstream/pipeline';
import type { Page } from 'playwright-core';
import { animatedPng } from './animated-png.ts';
import { eventually, ViewerStage } from './viewer-stage.ts';

jest.setTimeout(120_000);

/** Of each frame of an animated PNG, as the browser decodes it: how far the first curve goes to the right within a box, and how long it stands. */
const decoded = (page: Page, png: Buffer, box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number }) => page.evaluate(async ([text, color, { x, y, width, height }]) => {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const decoder = new (window as unknown as { ImageDecoder: new (init: object) => { tracks: { ready: Promise<void>; selectedTrack: { frameCount: number; animated: boolean } }; completed: Promise<void>; decode(init: object): Promise<{ image: VideoFrame }> } }).ImageDecoder({ data: bytes, type: 'image/png' });
  await Promise.all([decoder.tracks.ready, decoder.completed]);
  const canvas = document.createElement('canvas');
  const pen = canvas.getContext('2d', { willReadFrequently: true })!;
  pen.fillStyle = color;
  pen.fillRect(0, 0, 1, 1);
  const [r, g, b] = pen.getImageData(0, 0, 1, 1).data;
  const frames: { readonly reach: number; readonly ms: number }[] = [];
  for (let frameIndex = 0; frameIndex < decoder.tracks.selectedTrack.frameCount; frameIndex++) {
    const { image } = await decoder.decode({ frameIndex });
    [canvas.width, canvas.height] = [image.displayWidth, image.displayHeight];
    pen.drawImage(image, 0, 0);
    const { data } = pen.getImageData(Math.round(x), Math.round(y), Math.round(width), Math.round(height));
    let reach = 0;
    for (let p = 0; p < data.length / 4; p++) if (Math.abs(data[4 * p] - r) + Math.abs(data[4 * p + 1] - g) + Math.abs(data[4 * p + 2] - b) < 24) reach = Math.max(reach, p % Math.round(width));
    frames.push({ reach, ms: image.duration! / 1_000 });
    image.close();
  }
  return frames;
}, [png.toString('base64'), '#1b62d4', box] as const);

describe('a run that is followed', () => {
  let stage: ViewerStage;
  beforeAll(async () => { stage = await ViewerStage.open(); });
  afterAll(() => stage?.close());

  it('grows before the eyes, frame by frame', async () => {
    const count = process.env['PICTURES'] ? 22 : 6;
    const perFrame = 16;
    const pace = controlled({ playing: false });
    const { train, validation } = await digits();
    const published = publish(stage.url, { run: 'followed', name: 'digits', project: 'first steps' });
    batches(train, { size: 64, steps: count * perFrame, pace }).pipe(
      forward(mlp({ hidden: [32] })), loss(softmaxCrossEntropy()), optimize(adamw({ learningRate: 3e-3 })), metrics(accuracy()), evaluate(validation!, { every: steps(perFrame) }), published,
    ).subscribe();
    const page = await stage.page(`?run=followed&theme=light&x=0..${count * perFrame - 1}`, { viewport: { width: 900, height: 560 } });
    const plot = page.locator('figure[data-measure="loss"] .gs-plot');
    const frames: Buffer[] = [];
    for (let frame = 1; frame <= count; frame++) {
      pace.step(perFrame);
      // Each step has its loss and the mean so far, and validation is looked at once in a frame.
      await eventually(() => plot.getAttribute('data-points', { timeout: 20_000 }), (n) => Number(n) === frame * (2 * perFrame + 1), 20_000);
      await page.waitForTimeout(150);
      frames.push(await page.screenshot());
    }
    pace.play();
    await published.done;
    const picture = animatedPng(frames, { frameMs: 200, lastMs: 3_000 });
    const seen = await decoded(page, picture, (await plot.boundingBox())!);
    expect(seen).toHaveLength(count);
    expect(seen.map(({ ms }) => ms)).toEqual(frames.map((_, i) => (i === count - 1 ? 3_000 : 200)));
    const reach = seen.map((frame) => frame.reach);
    // The curve goes further to the right in each frame than in the one before.
    for (let i = 1; i < count; i++) expect([i, reach[i] > reach[i - 1]]).toEqual([i, true]);
    if (process.env['PICTURES']) {
      expect(picture.length).toBeLessThan(1.5e6);
      writeFileSync(join(process.cwd(), 'docs/images/viewer-live.png'), picture);
    }
    expect(stage.complaints).toEqual([]);
    await page.context().close();
  });
});
