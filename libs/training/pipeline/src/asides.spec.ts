import { decode } from 'fast-png';
import { filter } from 'rxjs';
import { randomShift } from '@gradstream/augment';
import { digits } from '@gradstream/datasets';
import { softmaxCrossEntropy } from '@gradstream/losses';
import { mlp } from '@gradstream/models';
import { adam, sgd } from '@gradstream/optimizers';
import { histogramOf } from './histograms.ts';
import { asides, augment, batches, epochs, forward, histograms, loss, metrics, optimize, sampleImages, steps } from './index.ts';
import { all, data, onCpu, tensors } from './small-run.fixture.ts';

beforeAll(onCpu);

const trained = (rate = 1e-2) => batches(data.train, { size: 32, epochs: 2, seed: 5 }).pipe(forward(mlp({ hidden: [8] })), loss(softmaxCrossEntropy()), optimize(adam({ learningRate: rate })));

describe('histograms', () => {
  test('say of every param how its weights and gradients lie, behind the event of their step', async () => {
    const before = tensors();
    const events = await all(trained().pipe(histograms({ every: steps(3), bins: 10 }), metrics(), asides()));
    expect(tensors()).toBe(before);
    const said = events.filter((event) => event.type === 'histogram');
    const params = said.filter(({ name, step }) => step === 2 && name.startsWith('weights/')).map(({ name }) => name.slice('weights/'.length));
    expect(params.length).toBe(4);
    expect(said.map(({ step, name }) => `${step} ${name}`)).toEqual([2, 5].flatMap((step) => ['weights', 'gradients'].flatMap((kind) => params.map((param) => `${step} ${kind}/${param}`))));
    for (const { edges, counts } of said) expect([edges.length, counts.length]).toEqual([11, 10]);
    const at = events.findIndex((event) => event.type === 'histogram');
    expect(events[at - 1]).toMatchObject({ type: 'step', step: 2 });
  });

  test('are those of the gradients that plain descent takes', async () => {
    const weights = (every: number) => batches(data.train, { size: 32, steps: 2, seed: 5 }).pipe(forward(mlp({ hidden: [8] })), loss(softmaxCrossEntropy()), optimize(sgd({ learningRate: 0.5 })), histograms({ every: steps(every), bins: 1 }), metrics(), asides(), filter((event) => event.type === 'histogram'));
    const said = await all(weights(1));
    const edges = (step: number, name: string) => said.find((each) => each.step === step && each.name === name)!.edges;
    const bias = said.find(({ name, counts }) => name.startsWith('weights/') && counts[0] === 8)!.name.slice('weights/'.length);
    // A bias starts at 0, so after one step it is −0.5 times its gradient.
    const [low, high] = edges(0, `gradients/${bias}`);
    expect(edges(0, `weights/${bias}`)[0]).toBeCloseTo(-0.5 * high, 6);
    expect(edges(0, `weights/${bias}`)[1]).toBeCloseTo(-0.5 * low, 6);
  });

  test('count every value once, NaN apart and infinities at the ends', () => {
    expect(histogramOf([0, 1, 2, 3, 4, NaN, Infinity, -Infinity], 4)).toEqual({ edges: [0, 1, 2, 3, 4], counts: [2, 1, 1, 3], nan: 1 });
    const flat = histogramOf([2, 2, 2], 2)!;
    expect(flat.counts.reduce((a, b) => a + b)).toBe(3);
    expect(flat.edges[0]).toBeLessThan(flat.edges[2]);
    expect(histogramOf([NaN, NaN], 4)).toBeUndefined();
  });

  test('refuse what is no number of bins', () => expect(() => histograms({ bins: 0 })).toThrow(/histograms: bins must be/));
});

describe('sampleImages', () => {
  test('shows a batch before and after augmentation', async () => {
    const { train } = await digits();
    const run$ = batches(train, { size: 8, steps: 2, seed: 1 }).pipe(
      augment(randomShift({ pixels: 2 })), forward(mlp({ hidden: [4] })), loss(softmaxCrossEntropy()), optimize(adam({ learningRate: 1e-3 })), sampleImages(train, { every: steps(2), count: 4 }), metrics(), asides(),
    );
    const said = (await all(run$)).filter((event) => event.type === 'image');
    expect(said.map(({ name, step }) => [name, step])).toEqual([['batch/before', 1], ['batch/after', 1]]);
    const [before, after] = said.map(({ png }) => decode(Buffer.from(png, 'base64')));
    // Four digits of 8 x 8 in two rows, a pixel between them.
    expect([before.height, before.width, before.channels]).toEqual([17, 17, 1]);
    expect(after.data).not.toEqual(before.data);
    const ids = (await all(batches(train, { size: 8, steps: 2, seed: 1 })))[1].ids;
    const first = train.gather([ids[0]]).inputs;
    for (let y = 0; y < 8; y++) for (let x = 0; x < 8; x++) expect(before.data[y * 17 + x]).toBe(first instanceof Uint8Array ? first[y * 8 + x] : Math.round(255 * first[y * 8 + x]));
  });

  test('refuses data that are no images', () => expect(() => sampleImages(data.train, { every: epochs(1) })).toThrow(/sampleImages: examples must be images .* received \[2\]/));
});
