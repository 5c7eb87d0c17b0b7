import { evaluator, float64, jsKernel, schedule, sizeOf, type Algebra, type Expr, type Kernel, type Program } from '@gradstream/numerics';

/** How an array is seen for a reduction: [outer, middle, inner], row-major. */
export type View3 = readonly [outer: number, middle: number, inner: number];

/** What tensorwise rules and wrappers may do with arrays, whatever an array is (typed arrays, or flat tensors). */
export interface ArrayOps<A> {
  /** An expression over arrays of one length and numbers; the result has that length. */
  map(expr: Expr, arrays: Readonly<Record<string, A>>, numbers?: Readonly<Record<string, number>>): A;
  /** Sums over the middle: [outer, middle, inner] to [outer, inner]. */
  sumMiddle(x: A, view: View3): A;
  /** Repeats along the middle: [outer, inner] to [outer, middle, inner]. */
  spread(x: A, view: View3): A;
  /** a [m, k] times b [k, n], or their transposes where said. */
  matMul(a: A, b: A, size: { readonly m: number; readonly k: number; readonly n: number; readonly transposeA?: boolean; readonly transposeB?: boolean }): A;
  /** The sum of all elements, as an array of one. */
  sumAll(x: A): A;
  /** The largest absolute value, as an array of one; NaN where there is any. */
  maxAbs(x: A): A;
  /** An array of one, repeated to the size of another. */
  spreadLike(x: A, like: A): A;
  full(size: number, value: number): A;
  /** Numbers made on the host. */
  from(values: Float32Array | Float64Array): A;
  /** The number in an array of one; waits for the backend. */
  read(x: A): number;
}

/** The total of an array as a view: everything is the middle. */
export const whole = (shape: readonly number[]): View3 => [1, sizeOf(shape), 1];
/** All axes but the last are the middle: kernels [in, out] and [h, w, in, out] reduce to one number per output. */
export const butLast = (shape: readonly number[]): View3 => (shape.length < 2 ? whole(shape) : [1, sizeOf(shape.slice(0, -1)), shape.at(-1)!]);

type Host = Float32Array | Float64Array;

/** Typed arrays; `map` is given, the rest is loops with float64 accumulators. */
function hostArrays<A extends Host>(make: (size: number) => A, map: ArrayOps<A>['map']): ArrayOps<A> {
  return {
    map,
    sumMiddle(x, [outer, middle, inner]) {
      const totals = new Float64Array(outer * inner);
      for (let o = 0; o < outer; o++) for (let m = 0; m < middle; m++) for (let i = 0; i < inner; i++) totals[o * inner + i] += x[(o * middle + m) * inner + i];
      const out = make(totals.length);
      out.set(totals);
      return out;
    },
    spread(x, [outer, middle, inner]) {
      const out = make(outer * middle * inner);
      for (let o = 0; o < outer; o++) for (let m = 0; m < middle; m++) out.set(x.subarray(o * inner, (o + 1) * inner), (o * middle + m) * inner);
      return out;
    },
    matMul(a, b, { m, k, n, transposeA = false, transposeB = false }) {
      const out = make(m * n);
      const [aRow, aColumn] = transposeA ? [1, m] : [k, 1];
      const [bRow, bColumn] = transposeB ? [1, k] : [n, 1];
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < n; j++) {
          let total = 0;
          for (let l = 0; l < k; l++) total += a[i * aRow + l * aColumn] * b[l * bRow + j * bColumn];
          out[i * n + j] = total;
        }
      }
      return out;
    },
    sumAll(x) {
      let total = 0;
      for (let i = 0; i < x.length; i++) total += x[i];
      return make(1).fill(total) as A;
    },
    maxAbs(x) {
      let largest = 0;
      for (let i = 0; i < x.length; i++) largest = Math.max(largest, Math.abs(x[i]));
      return make(1).fill(largest) as A;
    },
    spreadLike: (x, like) => make(like.length).fill(x[0]) as A,
    full: (size, value) => make(size).fill(value) as A,
    from(values) {
      const out = make(values.length);
      out.set(values);
      return out;
    },
    read: (x) => x[0],
  };
}

const lengthOf = (arrays: Readonly<Record<string, { readonly length: number }>>): number => Object.values(arrays)[0].length;

/** Arrays in float64, expressions read directly. */
export const float64Arrays: ArrayOps<Float64Array> = hostArrays((size) => new Float64Array(size), mapBy(float64, (size, value) => new Float64Array(size).fill(value), lengthOf));

/** `map` of an algebra. */
export function mapBy<A>(algebra: Algebra<A>, full: (size: number, value: number) => A, sizeOfAll: (arrays: Readonly<Record<string, A>>) => number): ArrayOps<A>['map'] {
  return (expr, arrays, numbers = {}) => {
    const size = sizeOfAll(arrays);
    const value = evaluator(algebra, { size, element: (name) => arrays[name], uniform: (name) => numbers[name] })(expr);
    return typeof value === 'number' ? full(size, value) : value;
  };
}

const compiled = new WeakMap<Expr, { readonly program: Program; readonly kernel: Kernel }>();

/** Arrays in float32; expressions without sums, one generated loop each. */
export const float32Arrays: ArrayOps<Float32Array> = hostArrays((size) => new Float32Array(size), (expr, arrays, numbers = {}) => {
  let known = compiled.get(expr);
  if (!known) {
    const program = schedule({ out: expr });
    compiled.set(expr, (known = { program, kernel: jsKernel(program.passes[0]!) }));
  }
  const { program, kernel } = known;
  const out = new Float32Array(lengthOf(arrays));
  const pass = program.passes[0]!;
  const uniforms = new Float32Array(pass.uniforms);
  pass.evaluate(program.inputs.map((name) => numbers[name]), uniforms);
  kernel(out.length, uniforms, program.arrays.map((name) => (name === 'out' ? out : arrays[name])), new Float64Array(0));
  return out;
});
