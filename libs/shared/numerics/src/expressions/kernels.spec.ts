import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import fc from 'fast-check';
import { tensors } from '../tf.ts';
import { evaluator, float64, type Algebra } from './evaluate.ts';
import { blocksKernel, jsKernel, type Kernel } from './kernels.ts';
import { abs, add, constant, div, element, eq, flush, ge, gt, isFinite, max, min, mul, neg, pow, sign, sqrt, square, sub, sum, uniform, where, type BinaryOp, type Expr, type Test, type UnaryOp } from './nodes.ts';
import { BINARY, TEST, UNARY } from './scalar.ts';
import { schedule, type PassCode } from './schedule.ts';

tf.env().set('PROD', true);

const ELEMENTS = ['g', 'p', 'm'];
const UNIFORMS = ['b1', 't'];

const node = (withSums: boolean, withExtremes = true): fc.Arbitrary<Expr> =>
  fc.letrec<{ expr: Expr }>((tie) => {
    const any = tie('expr');
    const leaf = fc.oneof(fc.constantFrom(...ELEMENTS).map(element), fc.constantFrom(...UNIFORMS).map(uniform), fc.constantFrom(0, -0, 1, 0.5, -2, 1e-8, 1e30).map(constant));
    const pairs = fc.tuple(any, any);
    return {
      expr: fc.oneof(
        { maxDepth: 6, withCrossShrink: true },
        leaf,
        fc.tuple(fc.constantFrom(add, sub, mul, div, ...(withExtremes ? [max, min] : [])), pairs).map(([op, [a, b]]) => op(a, b)),
        fc.tuple(fc.constantFrom(neg, abs, sqrt, square, sign, flush), any).map(([op, a]) => op(a)),
        fc.tuple(fc.constantFrom(gt, ge, eq), pairs, pairs).map(([test, [a, b], [x, y]]) => where(test(a, b), x, y)),
        any.map((a) => where(isFinite(a), a, 1)),
        ...(withSums ? [any.map((a) => sum(a, 'tensor'))] : []),
      ),
    };
  }).expr;

/** Numbers of every kind: NaN, infinities, both zeros, denormals, whole and random ones. */
const number = fc.oneof(
  { weight: 6, arbitrary: fc.float({ min: -10, max: 10, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity, 0, -0, 1, -1, 1.4e-45, -3e-42, 1e-38, 3.4e38) },
  { weight: 1, arbitrary: fc.float() },
);

interface Data {
  readonly n: number;
  readonly arrays: Readonly<Record<string, Float32Array>>;
  readonly uniforms: Readonly<Record<string, number>>;
}

const data: fc.Arbitrary<Data> = fc
  .integer({ min: 0, max: 70 })
  .chain((n) => fc.tuple(fc.constant(n), fc.tuple(...ELEMENTS.map(() => fc.array(number, { minLength: n, maxLength: n }))), fc.tuple(...UNIFORMS.map(() => fc.double({ min: -3, max: 3, noNaN: true })))))
  .map(([n, arrays, uniforms]) => ({
    n,
    arrays: Object.fromEntries(ELEMENTS.map((name, i) => [name, Float32Array.from(arrays[i])])),
    uniforms: Object.fromEntries(UNIFORMS.map((name, i) => [name, uniforms[i]])),
  }));

/** What a program makes of its arrays, all passes in order. */
function runKernels(expr: Expr, { n, arrays, uniforms }: Data, kernelOf: (pass: PassCode) => Kernel, offset = 0): Float32Array {
  const program = schedule({ out: expr });
  const held = program.arrays.map((name) => {
    const memory = new Float32Array(n + offset).subarray(offset);
    if (arrays[name]) memory.set(arrays[name]);
    return memory;
  });
  const inputs = Float64Array.from(program.inputs, (name) => uniforms[name] ?? NaN);
  for (const pass of program.passes) {
    if (!pass) continue;
    const registers = new Float32Array(pass.uniforms);
    pass.evaluate(inputs, registers);
    const sums = new Float64Array(pass.sums.length);
    kernelOf(pass)(n, registers, held, sums);
    pass.sums.forEach(({ key }, i) => void (inputs[program.inputs.indexOf(key)] = sums[i]));
  }
  return held[program.arrays.indexOf('out')];
}

function runTensors(expr: Expr, { n, arrays, uniforms }: Data): Float32Array {
  const result = tf.tidy(() => {
    const value = evaluator(tensors, { size: n, element: (name) => tf.tensor1d(arrays[name]), uniform: (name) => uniforms[name] })(expr);
    return typeof value === 'number' ? tf.fill([n], value) : value;
  });
  const values = result.dataSync().slice() as Float32Array;
  result.dispose();
  return values;
}

/** The bits, with one NaN for all. */
const bits = (values: Float32Array): string[] => Array.from(values, (x) => (Number.isNaN(x) ? 'NaN' : Object.is(x, -0) ? '-0' : String(x)));

describe('kernels', () => {
  it('generated and interpreted loops agree bit for bit, with sums between passes', () => {
    fc.assert(fc.property(node(true), data, (expr, given) => {
      expect(bits(runKernels(expr, given, blocksKernel))).toEqual(bits(runKernels(expr, given, jsKernel)));
    }), { seed: 1, numRuns: 800 });
  });

  it('arrays that begin anywhere in memory give the same bits', () => {
    fc.assert(fc.property(node(true), data, fc.integer({ min: 1, max: 3 }), (expr, given, offset) => {
      expect(bits(runKernels(expr, given, jsKernel, offset))).toEqual(bits(runKernels(expr, given, jsKernel)));
    }), { seed: 2, numRuns: 200 });
  });

  // wasm's maximum and minimum take either zero; everything else is the same.
  for (const [backend, withExtremes] of [['cpu', true], ['wasm', false]] as const) {
    it(`tensor operations on ${backend} agree with them bit for bit where nothing is summed`, async () => {
      await tf.setBackend(backend);
      fc.assert(fc.property(node(false, withExtremes), data, (expr, given) => {
        expect(bits(runTensors(expr, given))).toEqual(bits(runKernels(expr, given, jsKernel)));
      }), { seed: 3, numRuns: 400 });
    });
  }

  it('the larger and the smaller of two tensors are NaN on wasm where either is', async () => {
    await tf.setBackend('wasm');
    const values = [NaN, 1, -2, 3];
    const given = { n: 16, arrays: { g: Float32Array.from(values.flatMap((a) => values.map(() => a))), p: Float32Array.from(values.flatMap(() => values)) }, uniforms: {} };
    for (const expr of [max(element('g'), element('p')), min(element('g'), element('p'))]) expect(bits(runTensors(expr, given))).toEqual(bits(runKernels(expr, given, jsKernel)));
  });

  it('blocks of more than one block agree too', () => {
    const n = 1000;
    const values = Float32Array.from({ length: n }, (_, i) => Math.sin(i) * 10 ** (i % 7));
    const expr = div(element('g'), add(sqrt(sum(square(element('g')), 'tensor')), 1));
    const given = { n, arrays: { g: values, p: values, m: values }, uniforms: {} };
    expect(bits(runKernels(expr, given, blocksKernel))).toEqual(bits(runKernels(expr, given, jsKernel)));
  });
});

/** A number, and how far a float32 computation of it may be off. */
interface Bounded {
  readonly x: Float64Array;
  readonly e: Float64Array;
}

const UNIT = 2 ** -24;
const TINY = 2 ** -149;

/** What a uniform loses when it becomes a float32. */
const entering = (a: number): number => (Math.abs(a) > 3e38 ? Infinity : Math.abs(a - Math.fround(a)));

const bounded = ((): Algebra<Bounded> => {
  const lift = (a: Bounded | number, n: number): Bounded => (typeof a === 'number' ? { x: new Float64Array(n).fill(a), e: new Float64Array(n).fill(entering(a)) } : a);
  const sizeOf = (...all: readonly (Bounded | number)[]): number => all.reduce<number>((n, a) => (typeof a === 'number' ? n : a.x.length), 0);
  const rounded = (x: number, e: number): number => (Math.abs(x) + e > 3e38 ? Infinity : e + (Math.abs(x) + e) * UNIT + TINY);
  const map = (n: number, f: (i: number) => readonly [number, number]): Bounded => {
    const pairs = Array.from({ length: n }, (_, i) => f(i));
    return { x: Float64Array.from(pairs, ([x]) => x), e: Float64Array.from(pairs, ([, e]) => e) };
  };
  const unary = (op: UnaryOp, x: number, e: number): number => {
    switch (op) {
      case 'sqrt': return x - e < 0 ? (x === 0 && e === 0 ? 0 : Infinity) : rounded(Math.sqrt(x), e / (Math.sqrt(x) + Math.sqrt(Math.max(0, x - e))) || 0);
      case 'square': return rounded(x * x, 2 * Math.abs(x) * e + e * e);
      case 'sign': return Math.abs(x) > e || (x === 0 && e === 0) ? 0 : Infinity;
      default: return e;
    }
  };
  const binary = (op: BinaryOp, x: number, ex: number, y: number, ey: number): number => {
    switch (op) {
      case 'add':
      case 'sub': return rounded(BINARY[op](x, y), ex + ey);
      case 'mul': return rounded(x * y, Math.abs(x) * ey + Math.abs(y) * ex + ex * ey);
      case 'div': return Math.abs(y) <= ey ? Infinity : rounded(x / y, (ex + Math.abs(x / y) * ey) / (Math.abs(y) - ey));
      default: return Math.max(ex, ey);
    }
  };
  return {
    unary: (op, a) => map(a.x.length, (i) => [UNARY[op](a.x[i]), unary(op, a.x[i], a.e[i])]),
    binary(op, a, b) {
      const n = sizeOf(a, b);
      const [p, q] = [lift(a, n), lift(b, n)];
      return map(n, (i) => [BINARY[op](p.x[i], q.x[i]), binary(op, p.x[i], p.e[i], q.x[i], q.e[i])]);
    },
    where(test: Test, a, b, then, otherwise) {
      const n = sizeOf(a, b, then, otherwise);
      const [p, q, x, y] = [a, b, then, otherwise].map((each) => lift(each, n));
      return map(n, (i) => {
        const decided = Math.abs(p.x[i] - q.x[i]) > p.e[i] + q.e[i] || (p.e[i] === 0 && q.e[i] === 0);
        const chosen = TEST[test](p.x[i], q.x[i]) ? x : y;
        return [chosen.x[i], decided ? chosen.e[i] : Infinity];
      });
    },
    sum: () => { throw new Error('sums are compared elsewhere'); },
  };
})();

describe('float64', () => {
  const tame = fc.float({ min: -10, max: 10, noNaN: true });
  const given = fc.integer({ min: 1, max: 40 }).chain((n) => fc.record({ n: fc.constant(n), arrays: fc.tuple(...ELEMENTS.map(() => fc.array(tame, { minLength: n, maxLength: n }))) }));

  it('is within the propagated rounding of what float32 loops give', () => {
    let compared = 0;
    fc.assert(fc.property(node(false), given, (expr, { n, arrays }) => {
      const values = Object.fromEntries(ELEMENTS.map((name, i) => [name, Float32Array.from(arrays[i])]));
      const uniforms = { b1: 0.9, t: 3 };
      const frame = { size: n, uniform: (name: string) => uniforms[name as 'b1'] };
      const reference = evaluator(float64, { ...frame, element: (name) => Float64Array.from(values[name]) })(expr);
      const bound = evaluator(bounded, { ...frame, element: (name) => ({ x: Float64Array.from(values[name]), e: new Float64Array(n) }) })(expr);
      const loops = runKernels(expr, { n, arrays: values, uniforms }, jsKernel);
      for (let i = 0; i < n; i++) {
        const x = typeof reference === 'number' ? reference : reference[i];
        const e = typeof bound === 'number' ? entering(bound) : bound.e[i];
        if (!Number.isFinite(x) || !(e < Infinity)) continue;
        compared++;
        expect(Math.abs(loops[i] - x)).toBeLessThanOrEqual(e);
      }
    }), { seed: 4, numRuns: 600 });
    expect(compared).toBeGreaterThan(5000);
  });
});

describe('nodes', () => {
  it('refuse operations on elements that executors round differently', () => {
    expect(() => pow(element('g'), 2)).toThrow('pow: takes uniforms only (its rounding differs between executors), received an element');
  });

  it('flush what is denormal and leave everything else as it is', () => {
    const values = [1.4e-45, -3e-42, 1e-38, 1e-26, -1e-26, NaN, 1, -5, Infinity, 0];
    const given = { n: values.length, arrays: { g: Float32Array.from(values) }, uniforms: {} };
    const flushed = runKernels(flush(element('g')), given, jsKernel);
    expect([...flushed]).toEqual([0, 0, 0, 1e-26, -1e-26, NaN, 1, -5, Infinity, 0].map(Math.fround));
  });

  it('keep the sign of zero', () => {
    const given = { n: 2, arrays: { g: Float32Array.from([-0, 0]) }, uniforms: {} };
    for (const kernel of [jsKernel, blocksKernel]) {
      expect(bits(runKernels(sign(element('g')), given, kernel))).toEqual(['-0', '0']);
      expect(bits(runKernels(mul(element('g'), constant(-0)), given, kernel))).toEqual(['0', '-0']);
    }
  });
});
