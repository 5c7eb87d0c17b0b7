import { add, div, element, max, mul, pow, sign, sqrt, square, sub, sum, uniform, where, eq } from './nodes.ts';
import { loopSource } from './kernels.ts';
import { schedule } from './schedule.ts';

const [g, m] = ['g', 'm'].map(element);
const [b1, t] = ['b1', 't'].map(uniform);

describe('schedule', () => {
  it('computes equal subexpressions once', () => {
    const [pass] = schedule({ a: add(square(g), 1), b: add(mul(g, g), 1) }).passes;
    expect(pass!.code.map(({ op }) => op)).toEqual(['mul', 'add']);
    expect(pass!.stores[0].register).toBe(pass!.stores[1].register);
  });

  it('leaves what no element enters to the host, in float64', () => {
    const program = schedule({ g: div(g, sub(1, pow(b1, t))) });
    const [pass] = program.passes;
    expect(pass!.code.map(({ op }) => op)).toEqual(['div']);
    const out = new Float64Array(1);
    pass!.evaluate(program.inputs.map((name) => ({ b1: 0.999, t: 2000 })[name]!), out);
    expect(out[0]).toBe(1 - 0.999 ** 2000);
  });

  it('begins a pass behind every sum, and stores in the last one only', () => {
    const norm = sqrt(sum(square(g), 'all'));
    const program = schedule({ g: div(g, norm), m: add(m, div(sum(div(g, norm), 'tensor'), 2)) });
    expect(program.passes.map((pass) => [pass!.sums.length, pass!.stores.length])).toEqual([[1, 0], [1, 0], [0, 2]]);
    expect(program.passes.map((pass) => pass!.sums.map(({ over }) => over))).toEqual([['all'], ['tensor'], []]);
  });

  it('puts a shared sum where its other readers need it, and leaves the passes before empty', () => {
    const program = schedule({ g: mul(g, sum(g, 'all')) }, {}, { sumKey: () => ({ key: 'shared', level: 2 }) });
    expect(program.passes.map((pass) => pass?.sums.map(({ key }) => key))).toEqual([undefined, undefined, ['shared'], []]);
    expect(program.inputs).toContain('shared');
  });

  it('keeps numbers from update to update', () => {
    const program = schedule({ g }, { product: mul(uniform('product'), b1) });
    const out = new Float64Array(1);
    program.evaluateScalars(program.inputs.map((name) => ({ product: 0.5, b1: 0.9 })[name]!), out);
    expect([program.scalars, out[0]]).toEqual([['product'], 0.45]);
  });

  it('lets the host decide what uniforms decide', () => {
    const program = schedule({ g: where(eq(t, 1), g, m) });
    const [pass] = program.passes;
    const out = new Float32Array(pass!.uniforms);
    for (const [at, chosen] of [[1, 1], [1 + 1e-12, 0]]) {
      pass!.evaluate(program.inputs.map(() => at), out);
      expect([...out].sort()).toEqual([0, chosen]);
    }
  });

  it('writes kernels without operations they do not know', () => {
    const [pass] = schedule({ g: max(sign(g), square(m)) }).passes;
    expect(new Set(pass!.code.map(({ op }) => op))).toEqual(new Set(['where', 'mul', 'max']));
    expect(loopSource(pass!)).toMatchInlineSnapshot(`
"const f = Math.fround;
const r0 = U[0];
const r1 = U[1];
const r2 = U[2];
const a0 = A[0];
const a1 = A[1];
let i = 0;
for (; i < n; i++) {
const r3 = a0[i];
const r4 = a1[i];
const r5 = r0 > r3 ? r2 : r3;
const r6 = r3 > r0 ? r1 : r5;
const r7 = f(r4 * r4);
const r8 = Math.max(r6, r7);
a0[i] = r8;
}"
`);
  });
});
