/** The problems of golden optimizer cases: losses with their gradients in float64, by hand. */
import { flatten, nest, shapeOf, type Nested } from './case.ts';
import { formula } from './formula.ts';

export type Tensors = ReadonlyMap<string, Float64Array>;

export interface Problem {
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  readonly start: Tensors;
  /** Loss (where there is one) and gradients at some params; `step` counts from 0. */
  evaluate(params: Tensors, step: number): { readonly loss?: number; readonly gradients: Tensors };
}

export function problemOf(document: Readonly<Record<string, unknown>>): Problem {
  const x0 = document.x0 as Readonly<Record<string, Nested>>;
  const shapes = new Map(Object.entries(x0).map(([name, values]) => [name, shapeOf(values)]));
  const start = new Map(Object.entries(x0).map(([name, values]) => [name, Float64Array.from(flatten(values))]));
  return { shapes, start, evaluate: evaluatorOf(document, shapes) };
}

function evaluatorOf(document: Readonly<Record<string, unknown>>, shapes: ReadonlyMap<string, readonly number[]>): Problem['evaluate'] {
  switch (document.kind) {
    case 'scripted': return scripted(document.gradients as readonly Readonly<Record<string, Nested>>[]);
    case 'quadratic': return quadratic(document.A as number[][], document.b as number[], [...shapes.keys()][0]);
    case 'mlp': return mlp(document.X as number[][], document.y as number[], shapes);
    default: return byFormula(document.formula as string, [...shapes.keys()][0]);
  }
}

const scripted = (gradients: readonly Readonly<Record<string, Nested>>[]): Problem['evaluate'] => (_params, step) => ({
  gradients: new Map(Object.entries(gradients[step]).map(([name, values]) => [name, Float64Array.from(flatten(values))])),
});

/** ½·x'Ax − b'x */
const quadratic = (A: readonly (readonly number[])[], b: readonly number[], name: string): Problem['evaluate'] => (params) => {
  const x = params.get(name)!;
  const Ax = A.map((row) => row.reduce((total, a, j) => total + a * x[j], 0));
  return {
    loss: Ax.reduce((total, each, i) => total + 0.5 * x[i] * each - b[i] * x[i], 0),
    gradients: new Map([[name, Float64Array.from(x, (_, i) => 0.5 * (Ax[i] + A.reduce((total, row, j) => total + row[i] * x[j], 0)) - b[i])]]),
  };
};

function byFormula(text: string, name: string): Problem['evaluate'] {
  const evaluate = formula(text);
  return (params) => {
    const { value, gradient } = evaluate(params.get(name)!);
    return { loss: value, gradients: new Map([[name, Float64Array.from(gradient)]]) };
  };
}

type Matrix = number[][];
const product = (a: Matrix, b: Matrix): Matrix => a.map((row) => b[0].map((_, j) => row.reduce((total, x, k) => total + x * b[k][j], 0)));
const transposed = (a: Matrix): Matrix => a[0].map((_, j) => a.map((row) => row[j]));

/** logits = tanh(… tanh(X·w1 + b1) …)·wn + bn; mean softmax cross-entropy. */
const mlp = (X: Matrix, y: readonly number[], shapes: ReadonlyMap<string, readonly number[]>): Problem['evaluate'] => (params) => {
  const depth = [...shapes.keys()].filter((name) => name.startsWith('w')).length;
  const weight = (i: number): Matrix => nest(params.get(`w${i}`)!, shapes.get(`w${i}`)!) as Matrix;
  const activations = [X];
  for (let i = 1; i <= depth; i++) {
    const bias = params.get(`b${i}`)!;
    const z = product(activations[i - 1], weight(i)).map((row) => row.map((x, j) => x + bias[j]));
    activations.push(i === depth ? z : z.map((row) => row.map(Math.tanh)));
  }
  const n = X.length;
  let loss = 0;
  let delta = activations[depth].map((logits, row) => {
    const top = Math.max(...logits);
    const total = logits.reduce((sum, x) => sum + Math.exp(x - top), 0);
    loss += (Math.log(total) + top - logits[y[row]]) / n;
    return logits.map((x, j) => (Math.exp(x - top) / total - (j === y[row] ? 1 : 0)) / n);
  });
  const gradients = new Map<string, Float64Array>();
  for (let i = depth; i >= 1; i--) {
    gradients.set(`w${i}`, Float64Array.from(product(transposed(activations[i - 1]), delta).flat()));
    gradients.set(`b${i}`, Float64Array.from(delta[0].map((_, j) => delta.reduce((sum, row) => sum + row[j], 0))));
    if (i > 1) delta = product(delta, transposed(weight(i))).map((row, r) => row.map((x, j) => x * (1 - activations[i - 1][r][j] ** 2)));
  }
  return { loss, gradients: new Map([...shapes.keys()].map((name) => [name, gradients.get(name)!])) };
};
