import fc from 'fast-check';
import { abs, add, div, element, eq, ge, gt, jsKernel, max, min, mul, neg, schedule, sqrt, sub, sum, uniform, where, type Expr, type Pass } from '@gradstream/numerics';
import { arraysOf } from './emit-pass.ts';
import { joined, wasmPass } from './wasm-kernel.ts';

const memories = { plain: new WebAssembly.Memory({ initial: 4 }), shared: new WebAssembly.Memory({ initial: 4, maximum: 65536, shared: true }) };

/** Numbers that break kernels: NaN, infinities, signed zeros, denormals. */
const hard = fc.constantFrom(NaN, Infinity, -Infinity, 0, -0, 1e-40, -1e-42, 3.4e38, 1, -1, 0.1, 7);
const float = fc.oneof({ weight: 3, arbitrary: fc.float({ noNaN: true, min: -100, max: 100 }) }, { weight: 1, arbitrary: hard });

const { expression } = fc.letrec<{ expression: Expr }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 5, depthSize: 'large' },
    fc.constantFrom(...['a', 'b', 'c'].map((name) => element(name))),
    fc.constantFrom(uniform('u'), uniform('v')),
    fc.tuple(fc.constantFrom(add, sub, mul, div, max, min), tie('expression'), tie('expression')).map(([op, x, y]) => op(x as Expr, y as Expr)),
    fc.tuple(fc.constantFrom(neg, abs, sqrt), tie('expression')).map(([op, x]) => op(x as Expr)),
    fc.tuple(fc.constantFrom(gt, ge, eq), tie('expression'), tie('expression'), tie('expression'), tie('expression')).map(([test, x, y, yes, no]) => where(test(x as Expr, y as Expr), yes as Expr, no as Expr)),
  ),
}));

/** Runs a pass both ways on the same arrays; offsets make the addresses unaligned. */
function both(pass: Pass, n: number, memory: WebAssembly.Memory, given: readonly Float32Array[], inputs: readonly number[]): void {
  const uniforms = new Float32Array(pass.uniforms);
  pass.evaluate(inputs, uniforms);
  const expected = given.map((array) => array.slice());
  const sums = new Float64Array(pass.sums.length);
  jsKernel(pass)(n, uniforms, expected, sums);

  const floats = new Float32Array(memory.buffer);
  const starts = given.map((array, i) => {
    const start = 1024 + i * 257;
    floats.set(array, start);
    floats[start + n] = 123;
    return start;
  });
  floats.set(uniforms, 0);
  wasmPass(pass, memory)(n, 0, 2048, ...arraysOf(pass).map((i) => 4 * starts[i]));
  const lanes = new Float64Array(memory.buffer, 2048, 4 * pass.sums.length);
  starts.forEach((start, i) => {
    expect([...new Uint32Array(memory.buffer, 4 * start, n)].map(canonical)).toEqual([...new Uint32Array(expected[i].buffer, 0, n)].map(canonical));
    expect(floats[start + n]).toBe(123);
  });
  pass.sums.forEach((_, i) => expect(joined(lanes, i)).toBe(sums[i]));
}

/** All NaNs are one. */
const canonical = (bits: number): number => ((bits & 0x7f800000) === 0x7f800000 && (bits & 0x7fffff) !== 0 ? 0x7fc00000 : bits);

it('gives the bits of the JavaScript loop on random expressions, lengths and numbers', () => {
  fc.assert(
    fc.property(expression, expression, expression, fc.integer({ min: 0, max: 70 }), fc.array(float, { minLength: 210, maxLength: 210 }), float, float, fc.constantFrom<'plain' | 'shared'>('plain', 'shared'), (x, y, z, n, values, u, v, kind) => {
      const program = schedule({ a: x, b: y, c: z });
      const pass = program.passes[0]!;
      const arrays = program.arrays.map((_, i) => Float32Array.from(values.slice(70 * i, 70 * i + n)));
      both(pass, n, memories[kind], arrays, program.inputs.map((name) => (name === 'u' ? u : v)));
    }),
    { numRuns: 300, seed: 5 },
  );
});

it('adds sums in four lanes, like the JavaScript loop', () => {
  const program = schedule({ a: mul(element('a'), sum(mul(element('a'), element('b')), 'tensor')) });
  for (const n of [0, 1, 2, 3, 4, 5, 7, 64, 67]) {
    const arrays = program.arrays.map((_, i) => Float32Array.from({ length: n }, (_, j) => Math.sin(j * 1.3 + i)));
    both(program.passes[0]!, n, memories.plain, arrays, []);
  }
});
