import { moons } from '@gradstream/datasets';
import { epsilonSharpness, filterNormalizedDirection, largestEigenvalue } from '@gradstream/diagnostics';
import { useBackend } from '@gradstream/engine';
import { build, mlp } from '@gradstream/models';
import { key, normals } from '@gradstream/numerics';
import fc from 'fast-check';
import { lastValueFrom, toArray } from 'rxjs';
import { MlpSurface } from '../landscape/mlp-surface.ts';
import { answer$, type FlatSharpReport } from './flat-sharp.answer.ts';
import { canStretch, largeOf, parseFlatSharp } from './flat-sharp.settings.ts';
import { stretched } from './stretch.model.ts';

jest.setTimeout(120_000);
beforeAll(() => useBackend({ backend: 'cpu' }));

function network(activation: 'relu' | 'tanh') {
  const { train } = moons({ n: 80, noise: 0.2, validation: 20 });
  const params = build(mlp({ hidden: [8, 5], activation }), [2], 2).params.map(({ name, shape, role }) => ({ name, shape, role }));
  const surface = new MlpSurface(params, activation, train.gather(Array.from({ length: 40 }, (_, i) => i)));
  return { params, surface, at: normals(key(4), surface.size) };
}

describe('a stretched network', () => {
  it('is the same function with another curvature, and the same filter-normalised slice', () => {
    const { params, surface, at } = network('relu');
    fc.assert(fc.property(fc.double({ min: 0.2, max: 10, noNaN: true }), fc.integer({ min: 0, max: 100 }), (c, draw) => {
      const other = stretched(params, at, c);
      surface.logits(at).forEach((x, i) => expect(Math.abs(surface.logits(other)[i] - x)).toBeLessThan(1e-10));
      const slice = (point: Float64Array) => surface.along(point, filterNormalizedDirection({ params, size: point.length }, point, key(draw)));
      for (const alpha of [-1, -0.3, 0.5, 1]) expect(Math.abs(slice(other)(alpha) / slice(Float64Array.from(at))(alpha) - 1)).toBeLessThan(1e-9);
    }), { numRuns: 20 });
    const [before, after] = [Float64Array.from(at), stretched(params, at, 10)].map((point) => ({
      top: largestEigenvalue(surface, point, { scale: 1e-5 }).value, box: epsilonSharpness(surface, point, { eps: 1e-3 }).sharpness,
    }));
    expect(after.top / before.top).toBeGreaterThan(5);
    expect(Math.abs(after.box / before.box - 1)).toBeGreaterThan(0.2);
  });

  it('would be another function with another activation', () => {
    const { params, surface, at } = network('tanh');
    expect(Math.abs(surface.loss(stretched(params, at, 3)) - surface.loss(at))).toBeGreaterThan(1e-3);
    expect([canStretch(parseFlatSharp({})), canStretch(parseFlatSharp({ activation: 'tanh' })), canStretch(parseFlatSharp({ hidden: '' }))]).toEqual([true, false, false]);
  });
});

describe('the two solutions', () => {
  const question = { ...parseFlatSharp({ data: 'moons', hidden: '8', small: '16', large: '225', until: '0.2', stretch: '5' }) };

  it('stop at the same loss, and the lines begin, end and rise where they should', async () => {
    const said = await lastValueFrom(answer$(question).pipe(toArray()));
    const last = <T extends FlatSharpReport['type']>(type: T) => said.filter((report): report is Extract<FlatSharpReport, { type: T }> => report.type === type).at(-1)!;
    const { small, large } = last('outcomes');
    expect([small.reached, large.reached, small.batchSize, large.batchSize]).toEqual([true, true, 16, 225]);
    expect(small.steps).toBeGreaterThan(large.steps / 28);
    const { of } = last('measures');
    const [line] = last('between').lines;
    const { percent } = last('between');
    expect(line.values[percent.indexOf(0)]).toBeCloseTo(of.small!.train, 12);
    expect(line.values[percent.indexOf(100)]).toBeCloseTo(of.large!.train, 12);
    for (const which of ['small', 'large', 'stretched'] as const) {
      const { train, worst, sharpness, sam, lambdaMax } = of[which]!;
      expect(sharpness).toBeCloseTo((100 * (worst - train)) / (1 + train), 9);
      expect([worst >= train, sam > train, lambdaMax > 0]).toEqual([true, true, true]);
      const ascent = last('ascent').lines.find((each) => each.which === which)!;
      expect(ascent.values[last('ascent').percent.indexOf(100)]).toBeCloseTo(sam, 12);
    }
    expect(of.stretched!.train).toBeCloseTo(of.small!.train, 12);
    expect(of.stretched!.lambdaMax / of.small!.lambdaMax).toBeGreaterThan(2);
    const same = last('same');
    expect([same.function < 1e-9, same.slice < 1e-9]).toEqual([true, true]);
  });

  it('differ in batch size, and in the learning rate by its rule', () => {
    expect(largeOf(parseFlatSharp({ small: '10', large: '40', rate: '0.01' }))).toMatchObject({ batchSize: 40, learningRate: 0.01 });
    expect(largeOf(parseFlatSharp({ small: '10', large: '40', rate: '0.01', rule: 'linear' })).learningRate).toBeCloseTo(0.04, 10);
    expect(largeOf(parseFlatSharp({ small: '10', large: '40', rate: '0.01', rule: 'root' })).learningRate).toBeCloseTo(0.02, 10);
    expect(parseFlatSharp({ small: '0', large: 'x', rule: 'up', until: '-1', eps: '3', rho: '9', stretch: '7', directions: '-1' })).toEqual(parseFlatSharp({}));
  });
});
