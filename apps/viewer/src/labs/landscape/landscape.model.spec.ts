import { digits, moons } from '@gradstream/datasets';
import { epsilonSharpness, filterNormalizedDirection, largestEigenvalue, surfaceOf } from '@gradstream/diagnostics';
import { useBackend } from '@gradstream/engine';
import { softmaxCrossEntropy } from '@gradstream/losses';
import { build, initialize, mlp } from '@gradstream/models';
import { fold, key, normals, sizeOf, type Examples, type ParamInfo } from '@gradstream/numerics';
import fc from 'fast-check';
import { lastValueFrom, toArray } from 'rxjs';
import { between, heightOf, largestDifference, placeOf, rangeOf } from './grid.model.ts';
import { answer$, type LandscapeReport, planeOf } from './landscape.answer.ts';
import { labStart, parseLandscape } from './landscape.settings.ts';
import { type ActivationName, MlpSurface } from './mlp-surface.ts';
import { betweenPlane, pcaPlane, randomPlane, shadowOf } from './plane.model.ts';
import { type Solution, solve } from './solution.ts';
import { webglLosses } from './webgl-losses.ts';

jest.setTimeout(120_000);
beforeAll(() => useBackend({ backend: 'cpu' }));

/** The mean cross-entropy of an mlp, one example and one unit after another: shares nothing with what it checks. */
function bruteForce(params: readonly ParamInfo[], activation: ActivationName, { size, inputs, targets }: Examples, at: ArrayLike<number>): number {
  const features = inputs.length / size;
  let sum = 0;
  for (let p = 0; p < size; p++) {
    let values = Array.from({ length: features }, (_, i) => (inputs instanceof Uint8Array ? inputs[p * features + i] / 255 : inputs[p * features + i]));
    let from = 0;
    for (let l = 0; l < params.length; l += 2) {
      const [rows, columns] = params[l].shape;
      const bias = from + rows * columns;
      const sums = Array.from({ length: columns }, (_, j) => values.reduce((z, x, i) => z + x * at[from + i * columns + j], at[bias + j]));
      values = l === params.length - 2 ? sums : sums.map((z) => (activation === 'relu' ? Math.max(0, z) : Math.tanh(z)));
      from = bias + columns;
    }
    sum += Math.log(values.reduce((s, z) => s + Math.exp(z), 0)) - values[targets.values[p]];
  }
  return sum / size;
}

async function network(activation: ActivationName, hidden: readonly number[], data: 'moons' | 'digits' = 'moons') {
  const { train } = data === 'moons' ? moons({ n: 80, noise: 0.2, validation: 20 }) : await digits();
  const examples = train.gather(Array.from({ length: 40 }, (_, i) => i));
  const model = build(mlp({ hidden, activation }), train.inputShape, train.targets.width);
  const weights = initialize(model, key(3));
  const params = model.params.map(({ name, shape, role }) => ({ name, shape, role }));
  const surface = new MlpSurface(params, activation, examples);
  const at = Float64Array.from(normals(key(5), surface.size), (x, i) => 0.6 * x + (i % 3) * 0.1);
  return { examples, model, weights, params, surface, at };
}

describe.each([['relu', [12]], ['tanh', [12, 7]], ['relu', []]] as const)('the surface of %s %j', (activation, hidden) => {
  it('is the brute-force loss, at points and on planes', async () => {
    for (const data of ['moons', 'digits'] as const) {
      const { params, examples, surface, at } = await network(activation, hidden, data);
      expect(surface.loss(at)).toBeCloseTo(bruteForce(params, activation, examples, at), 11);
      const [first, second] = [normals(key(8), surface.size), normals(key(9), surface.size)];
      const along = surface.along(at, first, second);
      for (const [a, b] of [[0, 0], [0.7, -0.3], [-1, 1]]) {
        const there = at.map((x, i) => x + a * first[i] + b * second[i]);
        expect(Math.abs(along(a, b) / bruteForce(params, activation, examples, there) - 1)).toBeLessThan(1e-11);
      }
    }
  });

  it('has the gradient of its loss', async () => {
    const { surface, at } = await network(activation, hidden);
    const { gradient } = surface.gradient(at);
    const v = normals(key(2), surface.size);
    const h = 1e-6;
    const moved = (by: number) => surface.loss(at.map((x, i) => x + by * v[i]));
    expect((moved(h) - moved(-h)) / (2 * h)).toBeCloseTo(gradient.reduce((sum, g, i) => sum + g * v[i], 0), 6);
  });

  it('agrees with tensors, one point at a time and a row of points at once', async () => {
    const { surface, model, examples, weights, params, at } = await network(activation, hidden);
    const tensors = surfaceOf(model, softmaxCrossEntropy(), examples, weights);
    const exact = surface.gradient(at);
    const { loss, gradient } = tensors.gradient(at);
    expect(Math.abs(loss / exact.loss - 1)).toBeLessThan(1e-5);
    gradient.forEach((g, i) => expect(Math.abs(g - exact.gradient[i])).toBeLessThan(1e-5));
    tensors.dispose();
    const rows = webglLosses(params, activation, examples);
    const points = [at, at.map((x) => -x), at.map((x) => x / 2)];
    expect(largestDifference(rows.lossesAt(points), points.map((point) => surface.loss(point)))).toBeLessThan(1e-5);
    rows.dispose();
  });
});

describe('planes', () => {
  it('find a known plane again by principal components, with its shares and no residual', () => {
    const n = 40;
    const u = Float64Array.from({ length: n }, (_, i) => (i === 3 ? 1 : 0));
    const v = Float64Array.from({ length: n }, (_, i) => (i === 17 ? 1 : 0));
    const base = normals(key(1), n);
    // Last at the origin of the plane; squared distances 9 + 1 along u, 4 along v.
    const path = [[3, 0], [1, 0], [0, -2], [0, 0]].map(([a, b]) => Float64Array.from(base, (x, i) => x + a * u[i] + b * v[i]));
    const plane = pcaPlane(path);
    expect(plane.shares!.map((share) => Number(share.toFixed(12)))).toEqual([Number((10 / 14).toFixed(12)), Number((4 / 14).toFixed(12))]);
    // The furthest checkpoint along each is at 1.
    plane.first.forEach((x, i) => expect(x).toBeCloseTo(3 * u[i], 9));
    plane.second.forEach((x, i) => expect(x).toBeCloseTo(-2 * v[i], 9));
    const { alpha, beta, off } = shadowOf(plane, path);
    expect([...alpha].map((x) => Number(x.toFixed(9)))).toEqual([1, Number((1 / 3).toFixed(9)), 0, 0]);
    expect([...beta].map((x) => Number(x.toFixed(9)) + 0)).toEqual([0, 0, 1, 0]);
    off.forEach((distance) => expect(distance).toBeLessThan(1e-9));
  });

  it('say how far off the plane a point lies', () => {
    fc.assert(fc.property(fc.double({ min: -3, max: 3, noNaN: true }), fc.double({ min: -3, max: 3, noNaN: true }), fc.double({ min: 0, max: 5, noNaN: true }), (a, b, c) => {
      const [first, second] = [Float64Array.of(1, 0.5, 0, 0), Float64Array.of(0.5, 2, 0, 0)]; // not at right angles
      const point = Float64Array.of(a + 0.5 * b, 0.5 * a + 2 * b, c, 0);
      const { alpha, beta, off, share } = shadowOf({ origin: new Float64Array(4), first, second }, [point]);
      expect([alpha[0], beta[0], off[0]]).toEqual([expect.closeTo(a, 9), expect.closeTo(b, 9), expect.closeTo(c, 9)]);
      const far = Math.hypot(...point);
      if (far > 1e-100) expect(share[0]).toBeCloseTo(c / far, 9);
    }));
  });

  it('go through two solutions and a third point', () => {
    const [a, b, c] = [1, 2, 3].map((seed) => normals(key(seed), 30));
    const { alpha, beta, off } = shadowOf(betweenPlane(a, b, c), [a, b, c]);
    expect([alpha[0], beta[0], alpha[1], beta[1], beta[2]].map((x) => Number(x.toFixed(9)) + 0)).toEqual([0, 0, 1, 0, 1]);
    off.forEach((distance) => expect(distance).toBeLessThan(1e-9));
  });

  it('have random directions as long as the filters of the point, and still biases', async () => {
    const { params, at } = await network('relu', [12]);
    const { first } = randomPlane(params, at, key(0));
    let from = 0;
    for (const { shape, role } of params) {
      const size = sizeOf(shape);
      if (role === 'kernel') {
        for (let unit = 0; unit < shape[1]; unit++) {
          const norm = (all: Float64Array) => Math.hypot(...Array.from({ length: shape[0] }, (_, i) => all[from + i * shape[1] + unit]));
          expect(norm(first)).toBeCloseTo(norm(at), 9);
        }
      } else expect(first.subarray(from, from + size).every((x) => x === 0)).toBe(true);
      from += size;
    }
    expect(first).toEqual(filterNormalizedDirection({ params, size: at.length }, at, fold(key(0), 'first')));
  });
});

describe('a solution', () => {
  const settings = { ...labStart('moons'), epochs: 12 };
  const solved = () => lastValueFrom(solve(settings)) as Promise<Solution>;

  it('starts where the run starts, keeps its way, and is the same every time', async () => {
    const [a, b] = [await solved(), await solved()];
    expect(a.path[0].step).toBe(0);
    expect(a.path.at(-1)!.step).toBe(a.steps);
    expect([a.steps, a.epochs]).toEqual([14 * 12, 12]);
    expect(a.path.map(({ point }) => [...point])).toEqual(b.path.map(({ point }) => [...point]));
    // With hardly any learning rate the end is where the first weights are.
    const still = (await lastValueFrom(solve({ ...settings, optimizer: 'sgd', learningRate: 1e-5, epochs: 1 }))) as Solution;
    still.path[0].point.forEach((x, i) => expect(Math.abs(x - still.path.at(-1)!.point[i])).toBeLessThan(1e-3));
    const loss = new MlpSurface(a.params, a.activation, a.train);
    expect(loss.loss(a.path.at(-1)!.point)).toBeLessThan(0.6 * loss.loss(a.path[0].point));
  });

  it('stops at a training loss', async () => {
    const { epochs, params, activation, train, path } = (await lastValueFrom(solve({ ...settings, epochs: 200 }, { untilTrainLoss: 0.2 }))) as Solution;
    expect(epochs).toBeLessThan(200);
    expect(new MlpSurface(params, activation, train).loss(path.at(-1)!.point)).toBeLessThan(0.22);
  });
});

describe('an answer', () => {
  const question = { training: { ...labStart('moons'), hidden: [6], epochs: 4 }, kind: 'pca', other: 1, directions: 0, zoom: 1, compute: 'float64' } as const;

  it('goes from coarse to fine, and finer grids hold the coarser ones', async () => {
    const said = await lastValueFrom(answer$(question).pipe(toArray()));
    expect(said.map(({ type }) => type)).toEqual(['progress', 'progress', 'progress', 'progress', 'plane', 'line', 'grid', 'grid', 'grid', 'done']);
    const grids = said.filter((report): report is Extract<LandscapeReport, { type: 'grid' }> => report.type === 'grid').map(({ grid }) => grid);
    expect(grids.map(({ side }) => side)).toEqual([17, 33, 65]);
    for (let i = 0; i < 17 * 17; i++) expect(grids[2].train[Math.floor(i / 17) * 4 * 65 + (i % 17) * 4]).toBe(grids[0].train[i]);
    const solution = (await lastValueFrom(solve(question.training))) as Solution;
    const plane = planeOf(question, [solution]);
    for (const cell of [0, 70, 2_112, 4_224]) {
      const [a, b] = placeOf(grids[2], cell % 65, Math.floor(cell / 65));
      const there = plane.origin.map((x, i) => x + a * plane.first[i] + b * plane.second[i]);
      for (const split of ['train', 'validation'] as const) expect(Math.abs(grids[2][split][cell] / bruteForce(solution.params, 'tanh', solution[split], there) - 1)).toBeLessThan(1e-10);
    }
  });

  it('between two seeds begins and ends in a solution, with both ways in the plane at their ends', async () => {
    const said = await lastValueFrom(answer$({ ...question, kind: 'between' }).pipe(toArray()));
    const plane = said.find((report) => report.type === 'plane')!;
    const line = said.find((report) => report.type === 'line')!;
    expect(plane.paths.map(({ seed, alpha, off }) => [seed, Number(alpha.at(-1)!.toFixed(9)) + 0, off.at(-1)! < 1e-9])).toEqual([[0, 0, true], [1, 1, true]]);
    plane.paths.forEach(({ train }, i) => expect(line.train[line.percent.indexOf(100 * i)]).toBeCloseTo(train.at(-1)!, 10));
  });
});

describe('curvature of a float64 surface', () => {
  it('is measured by the same functions as that of tensors', async () => {
    const { surface, at } = await network('tanh', [12]);
    expect(epsilonSharpness(surface, at, { eps: 1e-2 }).sharpness).toBeGreaterThan(epsilonSharpness(surface, at, { eps: 1e-3 }).sharpness);
    const { value, direction } = largestEigenvalue(surface, at, { scale: 1e-5, tolerance: 1e-7, iterations: 500 });
    const h = 1e-4;
    const moved = (by: number) => surface.loss(at.map((x, i) => x + by * direction[i]));
    expect((moved(h) - 2 * moved(0) + moved(-h)) / h ** 2 / value).toBeCloseTo(1, 3);
  });
});

describe('grids', () => {
  it('are read between their places, and give heights that every loss has', () => {
    const values = Float64Array.from({ length: 9 }, (_, i) => 2 * (i % 3) + 10 * Math.floor(i / 3));
    expect(between(values, 3, 0.25, 0.75)).toBeCloseTo(1 + 15, 12);
    expect(rangeOf([3, NaN, 1, Infinity])).toEqual({ least: 1, greatest: 3, at: 2 });
    const height = heightOf({ least: 0.01, greatest: 100 }, true);
    expect([0.01, 1, 100, Infinity, NaN].map((loss) => Number(height(loss).toFixed(12)))).toEqual([0, 0.5, 1, 1, 1]);
    expect(largestDifference([1, 2.02, 5e-4], [1, 2, 1e-4])).toBeCloseTo(0.01, 12);
  });
});

describe('a landscape', () => {
  it('is read from an address, and falls back on defaults', () => {
    const { training, kind, view, cell, zoom } = parseLandscape({ data: 'digits', hidden: '16', rate: '0.02', on: 'pca', view: '3', cell: '3,64', zoom: '2' });
    expect([training.data, training.hidden, training.learningRate, kind, view, cell, zoom]).toEqual(['digits', [16], 0.02, 'pca', '3', [3, 64], 2]);
    expect(parseLandscape({ data: 'csv', hidden: 'x', rate: '-1', on: 'up', view: '4', cell: '3,65', zoom: '9', compute: 'gpu', epochs: '1e9' })).toEqual(parseLandscape({}));
    fc.assert(fc.property(fc.dictionary(fc.constantFrom('data', 'hidden', 'rate', 'epochs', 'batch', 'cell', 'turn'), fc.string()), (given) => expect(parseLandscape(given).training.hidden.length).toBeLessThanOrEqual(3)));
  });
});
