/** Golden curvature and noise: the Hessian of a small network, what SAM adds to its loss, the gradient noise scale, bias and variance. */
import { decompose, gapBetween, hessianTrace, hessianVector, lanczos, largestEigenvalue, lossBetween, noiseScale, noiseScaleOf, surfaceOf, type Surface } from '@gradstream/diagnostics';
import { softmaxCrossEntropy } from '@gradstream/losses';
import { build, dense, sequential } from '@gradstream/models';
import { sam, sgd } from '@gradstream/optimizers';
import { flatten, nest, type Comparison, type Engine, type Family, type GoldenCase, type GoldenFile, type Nested } from './case.ts';
import { infosOf, trainer } from './engines.ts';
import { each, onArrays } from './layers.ts';
import { problemOf, type Problem, type Tensors } from './problems.ts';

type Named = Readonly<Record<string, Nested>>;

/** A surface of the golden network, with points as golden files write them. */
interface NamedSurface {
  readonly surface: Surface;
  pointOf(params: Named): Float64Array;
  named(point: ArrayLike<number>): Named;
  close(): void;
}

const tensors = (params: Named): Tensors => new Map(Object.entries(params).map(([name, values]) => [name, Float64Array.from(flatten(values))]));
const squared = (values: Iterable<number>): number => [...values].reduce((sum, x) => sum + x * x, 0);

function pointsOf({ shapes }: Problem) {
  const names = [...shapes.keys()];
  const pointOf = (params: Named): Float64Array => Float64Array.from(names.flatMap((name) => flatten(params[name])));
  const named = (point: ArrayLike<number>): Named => {
    let at = 0;
    return Object.fromEntries(names.map((name) => {
      const size = shapes.get(name)!.reduce((a, b) => a * b, 1);
      return [name, nest(Array.from(point).slice(at, (at += size)), shapes.get(name)!)];
    }));
  };
  return { pointOf, named };
}

/** The network by the hand-written gradients in float64. */
function byHand(document: Readonly<Record<string, unknown>>): NamedSurface {
  const problem = problemOf(startingAtZero(document));
  const { pointOf, named } = pointsOf(problem);
  const at = (point: ArrayLike<number>) => problem.evaluate(tensors(named(point)), 0);
  const size = [...problem.start.values()].reduce((sum, { length }) => sum + length, 0);
  return {
    pointOf, named, close: () => undefined,
    surface: { size, loss: (point) => at(point).loss!, gradient: (point) => {
      const { loss, gradients } = at(point);
      return { loss: loss!, gradient: Float64Array.from([...gradients.values()].flatMap((g) => [...g])) };
    } },
  };
}

/** The network as layers on a backend. */
function byLayers(document: Readonly<Record<string, unknown>>, start: Named): NamedSurface {
  const [inputs, hidden, outputs] = document.sizes as readonly [number, number, number];
  const model = build(sequential({ layers: [dense({ units: hidden, activation: 'tanh' }), dense({ units: outputs })] }), [inputs], outputs);
  const { X, y } = document as { readonly X: Nested; readonly y: readonly number[] };
  const weights = new Map(model.params.map(({ name, shape }, i) => [name, { shape, values: Float32Array.from(flatten(Object.values(start)[i])) }]));
  const examples = { size: y.length, inputShape: [y.length, inputs], inputs: Float32Array.from(flatten(X)), targets: { kind: 'classes' as const, width: outputs, shape: [y.length], values: Int32Array.from(y) } };
  const surface = surfaceOf(model, softmaxCrossEntropy(), examples, weights);
  return { ...pointsOf(problemOf(startingAtZero(document))), surface, close: () => surface.dispose() };
}

/** Cases give the point themselves; a problem wants shapes. */
function startingAtZero(document: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (document.x0 !== undefined) return document;
  const [inputs, hidden, outputs] = document.sizes as readonly [number, number, number];
  const zeros = (...shape: number[]) => nest(new Float64Array(shape.reduce((a, b) => a * b, 1)), shape);
  return { ...document, x0: { w1: zeros(inputs, hidden), b1: zeros(hidden), w2: zeros(hidden, outputs), b2: zeros(outputs) } };
}

const documentOf = ({ problem }: GoldenCase, { problems }: GoldenFile) => problems![problem as string];

/** Runs what needs a surface in float64 and on the backends. */
const onSurface = (start: (golden: GoldenCase) => Named, measure: (named: NamedSurface, golden: GoldenCase, exact: boolean) => readonly Comparison[]) => (golden: GoldenCase, { name }: Engine, file: GoldenFile) => {
  if (name === 'js' || name === 'fused') return undefined;
  const document = documentOf(golden, file);
  const named = name === 'float64' ? byHand(document) : byLayers(document, start(golden));
  try {
    return measure(named, golden, name === 'float64');
  } finally {
    named.close();
  }
};

const paramsOf = ({ input }: GoldenCase): Named => (input as { readonly params: Named }).params;

export const sharpness: Family = {
  hessian: onSurface(paramsOf, ({ surface, pointOf, named }, golden, exact) => {
    const { loss, gradient, gradient_norm, hvp, top_eigenvector, top_eigenvalue, largest_magnitude_eigenvalue, top5_eigenvalues, min_eigenvalue, trace, frobenius_norm } = golden.output as Named & { readonly top5_eigenvalues: readonly number[]; readonly trace: number };
    // Differences as short as the precision allows: what is left is the second derivative.
    const scale = { scale: exact ? 1e-5 : 4e-4 };
    const at = pointOf(paramsOf(golden));
    const seen = surface.gradient(at);
    const vector = pointOf((golden.input as { readonly vector: Named }).vector);
    const { value, direction } = largestEigenvalue(surface, at, { iterations: 300, tolerance: 1e-15, ...scale });
    const expectedDirection = pointOf(top_eigenvector as unknown as Named);
    const sign = Math.sign(direction.reduce((sum, x, i) => sum + x * expectedDirection[i], 0));
    const spectrum = lanczos(surface, at, { iterations: surface.size, ...scale });
    const probes = 400;
    const estimate = hessianTrace(surface, at, { probes: exact ? probes : 20 });
    return [
      { what: 'loss, gradient', actual: { loss: seen.loss, gradient: named(seen.gradient), norm: Math.sqrt(squared(seen.gradient)) }, expected: { loss, gradient, norm: gradient_norm } },
      { what: 'Hessian times a vector', actual: named(hessianVector(surface, at, vector, scale)), expected: hvp },
      { what: 'largest eigenvalue', actual: value, expected: largest_magnitude_eigenvalue },
      { what: 'its direction', actual: named(direction.map((x) => sign * x)), expected: top_eigenvector },
      { what: 'both ends of the spectrum', actual: [...spectrum].reverse().slice(0, 5).concat(spectrum[0], spectrum.at(-1)!), expected: [...top5_eigenvalues, min_eigenvalue, top_eigenvalue] },
      { what: 'trace and Frobenius norm of the spectrum', actual: [spectrum.reduce((a, b) => a + b, 0), Math.sqrt(squared(spectrum))], expected: [trace, frobenius_norm] },
      ...(exact ? [{ what: "Hutchinson's trace within 4 standard deviations", actual: Math.abs(estimate.trace - trace) <= (4 * (golden.hutchinson_rademacher_stddev_per_probe as number)) / Math.sqrt(probes), expected: true }] : []),
    ];
  }),
  linear_interpolation_loss: onSurface(({ input }) => (input as { readonly from: Named }).from, ({ surface, pointOf }, { input, output }) => {
    const { from, to, alphas } = input as { readonly from: Named; readonly to: Named; readonly alphas: readonly number[] };
    return [{ what: 'losses', actual: lossBetween(surface, pointOf(from), pointOf(to), alphas), expected: (output as { readonly losses: unknown }).losses }];
  }),
  /** SAM's own ascent step, as the wrapped optimizer asks for its second gradient. */
  sam_sharpness(golden, engine, file) {
    const document = documentOf(golden, file);
    const { shapes, evaluate } = problemOf(startingAtZero(document));
    const start = tensors(paramsOf(golden));
    const asked: Tensors[] = [];
    const training = trainer(engine, sam({ inner: sgd({ learningRate: 1 }), rho: golden.hyper.rho as number }), infosOf(shapes), start);
    training.step(0, (params) => {
      asked.push(new Map([...params].map(([name, values]) => [name, values.slice()])));
      return evaluate(params, 0).gradients;
    });
    training.close();
    const [before, ahead] = asked;
    const perturbation = Object.fromEntries([...ahead].map(([name, values]) => [name, nest(values.map((x, i) => x - before.get(name)![i]), shapes.get(name)!)]));
    return [{ what: 'perturbation', actual: { perturbation, loss_increase: evaluate(ahead, 0).loss! - evaluate(before, 0).loss! }, expected: golden.output }];
  },
  ...each(onArrays, {
    /** All examples as the population: batches of 1 against the whole. Signal to noise is |mean| / (unbiased deviation + 1e-12) over examples, averaged over weights. */
    gradient_noise_scale(golden, _, file) {
      const document = documentOf(golden, file) as { readonly X: readonly Nested[]; readonly y: readonly number[] };
      const { per_example_gradient_norms, trace_covariance_unbiased, full_gradient_sq_norm, B_simple, signal_to_noise_mean } = golden.output as Readonly<Record<string, unknown>>;
      const point = tensors(paramsOf(golden));
      const gradientOf = (X: readonly Nested[], y: readonly number[]) => [...problemOf(startingAtZero({ ...document, X, y })).evaluate(point, 0).gradients.values()].flatMap((g) => [...g]);
      const each = document.y.map((label, i) => gradientOf([document.X[i]], [label]));
      const mean = gradientOf(document.X, document.y);
      const whole = squared(mean);
      const { noise } = noiseScaleOf(each, 1);
      const deviations = mean.map((centre, w) => Math.sqrt(squared(each.map((gradient) => gradient[w] - centre)) / (each.length - 1)));
      const signalToNoise = mean.reduce((sum, centre, w) => sum + Math.abs(centre) / (deviations[w] + 1e-12), 0) / mean.length;
      return [{ what: 'noise', actual: [each.map((gradient) => Math.sqrt(squared(gradient))), noise, whole, noise / whole, signalToNoise], expected: [per_example_gradient_norms, trace_covariance_unbiased, full_gradient_sq_norm, B_simple, signal_to_noise_mean] }];
    },
    gradient_noise_scale_two_batches({ input, output }) {
      const { sq_norm_big, B_big, sq_norm_small, B_small } = input as Readonly<Record<string, number>>;
      const { signal, noise, scale } = noiseScale({ size: B_small, squaredNorm: sq_norm_small }, { size: B_big, squaredNorm: sq_norm_big });
      return [{ what: 'scale', actual: { G2: signal, S: noise, B_simple: scale }, expected: output }];
    },
    bias_variance({ input, output }) {
      const { predictions_fit_by_point, true_function, noise_variance } = input as { readonly predictions_fit_by_point: readonly number[][]; readonly true_function: readonly number[]; readonly noise_variance: number };
      const { bias2, variance } = decompose(predictions_fit_by_point, true_function);
      return [{ what: 'parts', actual: { bias_squared: bias2, variance, noise: noise_variance, expected_mse: bias2 + variance + noise_variance }, expected: output }];
    },
    generalization_gap({ input, output }) {
      const { train, test } = input as { readonly train: readonly number[]; readonly test: readonly number[] };
      return [{ what: 'gap', actual: { gap: test.map((loss, i) => gapBetween([train[i]], [loss]).loss) }, expected: output }];
    },
  }),
};
