import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromArrays } from '@gradstream/datasets';
import { useBackend } from '@gradstream/engine';
import { softmaxCrossEntropy } from '@gradstream/losses';
import { build, mlp } from '@gradstream/models';
import { key, type Weights } from '@gradstream/numerics';
import { decompose } from '../bias-variance.ts';
import { norm, plus } from '../linear-algebra.ts';
import { allOf } from '../split-arrays.ts';
import { hessianTrace, hessianVector, lanczos, largestEigenvalue, topEigenpair } from './hessian.ts';
import { fitCriticalBatch, noiseScale } from './noise-scale.ts';
import { epsilonSharpness, lossBetween } from './sharpness.ts';
import { surfaceOf, type ModelSurface, type Point, type Surface } from './surface.ts';

type Nested = number | readonly Nested[];
type Tensors = Readonly<Record<'w1' | 'b1' | 'w2' | 'b2', Nested>>;
interface Case { readonly id: string; readonly input: { readonly params: Tensors; readonly vector: Tensors; readonly from: Tensors; readonly to: Tensors; readonly alphas: readonly number[]; readonly sq_norm_big: number; readonly sq_norm_small: number; readonly predictions_fit_by_point: readonly number[][]; readonly true_function: readonly number[] }; readonly output: { readonly loss: number; readonly gradient: Tensors; readonly hvp: Tensors; readonly top_eigenvalue: number; readonly min_eigenvalue: number; readonly trace: number; readonly losses: readonly number[]; readonly G2: number; readonly S: number; readonly B_simple: number; readonly bias_squared: number; readonly variance: number } }
interface Golden { readonly problems: { readonly mlp: { readonly X: number[][]; readonly y: number[] } }; readonly cases: readonly Case[] }

const golden = JSON.parse(readFileSync(join(process.cwd(), 'golden', 'sharpness.json'), 'utf8')) as Golden;
const caseOf = (id: string): Case => golden.cases.find((each) => each.id === id)!;
const flat = (x: Nested): number[] => (typeof x === 'number' ? [x] : x.flatMap(flat));
const names = { w1: ['hidden1/kernel', [4, 8]], b1: ['hidden1/bias', [8]], w2: ['output/kernel', [8, 3]], b2: ['output/bias', [3]] } as const;
const weightsOf = (tensors: Tensors): Weights => new Map(Object.entries(names).map(([key, [name, shape]]) => [name, { shape: [...shape], values: Float32Array.from(flat(tensors[key as keyof Tensors])) }]));

describe('the start for a moment soon after', () => {
  /** Half the sum of these eigenvalues times the squares of the coordinates. */
  const bowl = (eigenvalues: readonly number[]): Surface => ({
    size: eigenvalues.length,
    loss: (at) => eigenvalues.reduce((sum, value, i) => sum + (value * at[i] ** 2) / 2, 0),
    gradient: (at) => ({ loss: 0, gradient: Float64Array.from(eigenvalues, (value, i) => value * at[i]) }),
  });
  const rest = Array.from({ length: 20 }, (_, i) => 0.5 - i / 50);
  const at = new Float64Array(23).fill(0.1);

  it('holds the directions that may overtake the steepest: four products find which one did', () => {
    const before = topEigenpair(bowl([3, 2.6, 2.2, ...rest]), at, { iterations: 12, key: key(3) });
    expect(before.value).toBeCloseTo(3, 2);
    for (const after of [[2.6, 3.4, 2.2], [2.4, 2.6, 3.6]]) {
      const follow = (start: Point) => topEigenpair(bowl([...after, ...rest]), at, { start, iterations: 4, tolerance: 0.05 }).value / Math.max(...after);
      expect(Math.abs(follow(before.next) - 1)).toBeLessThan(0.01);
      expect(follow(before.direction)).toBeLessThan(0.8);
    }
  });
});

describe.each([['cpu', 'by the tape', false], ['wasm', 'in place', true]] as const)('curvature of the golden network on %s, %s', (backend, _, compiled) => {
  let surface: ModelSurface;
  beforeAll(async () => {
    await useBackend({ backend });
    const { X, y } = golden.problems.mlp;
    const split = fromArrays({ inputs: X, classes: y, width: 3 });
    surface = surfaceOf(build(mlp({ hidden: [8], activation: 'tanh' }), [4], 3), softmaxCrossEntropy(), allOf(split), weightsOf(caseOf('hessian-init').input.params), { compiled });
    expect(surface.inPlace !== undefined).toBe(compiled);
  });
  afterAll(() => surface.dispose());

  it.each(['hessian-init', 'hessian-trained'])('%s: loss and gradient are those of torch', (id) => {
    const { input, output } = caseOf(id);
    const { loss, gradient } = surface.gradient(surface.pointOf(weightsOf(input.params)));
    const expected = surface.pointOf(weightsOf(output.gradient));
    expect(loss).toBeCloseTo(output.loss, 5);
    expect(norm(plus(gradient, expected, -1)) / norm(expected)).toBeLessThan(1e-4);
  });

  it.each(['hessian-init', 'hessian-trained'])('%s: the product with a vector is within 1 % of the exact one', (id) => {
    const { input, output } = caseOf(id);
    const product = hessianVector(surface, surface.pointOf(weightsOf(input.params)), surface.pointOf(weightsOf(input.vector)));
    const expected = surface.pointOf(weightsOf(output.hvp));
    expect(norm(plus(product, expected, -1)) / norm(expected)).toBeLessThan(0.01);
  });

  it.each(['hessian-init', 'hessian-trained'])('%s: the largest eigenvalue is within 5 % by power iteration and by Lanczos', (id) => {
    const { input, output } = caseOf(id);
    const at = surface.pointOf(weightsOf(input.params));
    const power = largestEigenvalue(surface, at, { tolerance: 1e-4 });
    const spectrum = lanczos(surface, at, { iterations: 30 });
    expect(Math.abs(power.value / output.top_eigenvalue - 1)).toBeLessThan(0.05);
    expect(Math.abs(spectrum.at(-1)! / output.top_eigenvalue - 1)).toBeLessThan(0.05);
    expect(Math.abs(spectrum[0] - output.min_eigenvalue)).toBeLessThan(0.05 * output.top_eigenvalue);
    // Begun where it ended, it is there at once.
    expect(largestEigenvalue(surface, at, { start: power.direction, tolerance: 1e-2 }).iterations).toBeLessThanOrEqual(3);
  });

  it.each(['hessian-init', 'hessian-trained'])('%s: the top of the spectrum is within 5 % as soon as its direction is, from anywhere', (id) => {
    const { input, output } = caseOf(id);
    const at = surface.pointOf(weightsOf(input.params), new Float32Array(surface.size));
    for (const seed of [0, 1, 2, 3, 4]) {
      const { value, products, direction } = topEigenpair(surface, at, { iterations: 12, tolerance: 0.05, key: key(seed) });
      expect(Math.abs(value / output.top_eigenvalue - 1)).toBeLessThan(0.05);
      expect(products).toBeLessThan(12);
      expect(norm(direction)).toBeCloseTo(1, 5);
      expect(topEigenpair(surface, at, { start: direction, iterations: 4, tolerance: 0.05 }).products).toBe(2);
    }
  });

  it.each(['hessian-init', 'hessian-trained'])('%s: the trace lies within four standard errors', (id) => {
    const { input, output } = caseOf(id);
    const { trace, error } = hessianTrace(surface, surface.pointOf(weightsOf(input.params)), { probes: 100 });
    expect(Math.abs(trace - output.trace)).toBeLessThan(4 * error);
    expect(error).toBeLessThan(0.2 * output.trace);
  });

  it('gives the losses between two points', () => {
    const { input, output } = caseOf('interpolation');
    const losses = lossBetween(surface, surface.pointOf(weightsOf(input.from)), surface.pointOf(weightsOf(input.to)), input.alphas);
    losses.forEach((loss, i) => expect(Math.abs(loss / output.losses[i] - 1)).toBeLessThan(1e-3));
  });

  it('finds at least the loss of the corner that the gradient points to, and never leaves the box', () => {
    const at = surface.pointOf(weightsOf(caseOf('hessian-trained').input.params));
    const { sharpness, loss, worst } = epsilonSharpness(surface, at, { eps: 1e-2 });
    const { gradient } = surface.gradient(at);
    const corner = surface.loss(Float64Array.from(at, (x, i) => x + Math.sign(gradient[i]) * 1e-2 * (Math.abs(x) + 1)));
    expect(worst).toBeGreaterThanOrEqual(corner * (1 - 1e-6));
    expect(sharpness).toBeCloseTo((100 * (worst - loss)) / (1 + loss), 10);
    expect(epsilonSharpness(surface, at, { eps: 1e-3 }).sharpness).toBeLessThan(sharpness);
  });
});

it('climbs to the top of a hill of 40,000 weights inside the box, in work that grows as their number', () => {
  const size = 40_000;
  const steepness = (i: number): number => 1 + (i % 7);
  const top = (i: number): number => 0.01 * ((i % 5) - 2);
  const hill: Surface = {
    size,
    loss: (at) => {
      let sum = 0;
      for (let i = 0; i < size; i++) sum -= (steepness(i) * (at[i] - top(i)) ** 2) / 2;
      return sum;
    },
    gradient: (at) => ({ loss: hill.loss(at), gradient: Float64Array.from(at, (x, i) => steepness(i) * (top(i) - x)) }),
  };
  const { loss, worst } = epsilonSharpness(hill, new Float64Array(size), { eps: 0.1 });
  expect(worst / loss).toBeLessThan(1e-3);
}, 20_000);

describe('noise scale and decompositions', () => {
  it('gives the noise scale of two batch sizes', () => {
    const { input, output } = caseOf('noise-scale-two-batches');
    const { signal, noise, scale } = noiseScale({ size: 8, squaredNorm: input.sq_norm_small }, { size: 64, squaredNorm: input.sq_norm_big });
    expect([signal, noise, scale]).toEqual([expect.closeTo(output.G2, 10), expect.closeTo(output.S, 10), expect.closeTo(output.B_simple, 8)]);
    expect(() => noiseScale({ size: 64, squaredNorm: 1 }, { size: 64, squaredNorm: 1 })).toThrow('the first batch size must be below the second');
  });

  it('fits the hyperbola that it was given', () => {
    const { fewestSteps, critical } = fitCriticalBatch([4, 16, 64, 256].map((size) => ({ size, steps: 100 * (1 + 40 / size) })));
    expect([fewestSteps, critical]).toEqual([expect.closeTo(100, 8), expect.closeTo(40, 8)]);
  });

  it('decomposes the golden predictions', () => {
    const { input, output } = caseOf('bias-variance');
    const { bias2, variance } = decompose(input.predictions_fit_by_point, input.true_function);
    expect(bias2).toBeCloseTo(output.bias_squared, 8);
    expect(variance).toBeCloseTo(output.variance, 8);
  });
});
