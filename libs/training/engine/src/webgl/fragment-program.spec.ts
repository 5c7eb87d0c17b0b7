import { abs, add, constant, element, exp, gt, max, mul, neg, schedule, sqrt, sum, uniform, where } from '@gradstream/numerics';
import { adam, chain, clipByGlobalNorm, elementwise, fuse, link } from '@gradstream/optimizers';
import { storeProgram } from './fragment-program.ts';
import { withoutSums } from './sums.ts';

const [a, b, u] = [element('a'), element('b'), uniform('u')];

it('reads only what its own array needs', () => {
  const { passes: [pass], arrays } = schedule({ a: mul(u, sqrt(a)), b: neg(b) });
  const named = (array: string) => storeProgram(pass!, pass!.stores.find((store) => store.array === arrays.indexOf(array))!.register, [3, 4]);
  expect(named('a').inputs.map((load) => arrays[pass!.loads[load]])).toEqual(['a']);
  expect(named('a').uniforms.length).toBe(1);
  expect(named('b').inputs.map((load) => arrays[pass!.loads[load]])).toEqual(['b']);
  expect(named('b').customUniforms).toEqual([]);
  expect(named('b').userCode).not.toContain('sqrt');
});

it('writes each operation so that NaN goes through', () => {
  const { passes: [pass] } = schedule({ a: where(gt(a, 0), max(a, b), abs(add(a, b))) });
  const { userCode } = storeProgram(pass!, pass!.stores[0].register, [5]);
  expect(userCode).toMatch(/larger\(r\d+, r\d+\)/);
  expect(userCode).toMatch(/mix\(r\d+, r\d+, greaterThan\(r\d+, r\d+\)\)/);
  expect(userCode).toContain('isnan');
});

it('is the same for all arrays of a rank, so that it is compiled once', () => {
  const { passes: [pass] } = schedule({ a: mul(u, a) });
  const code = (shape: readonly number[]) => storeProgram(pass!, pass!.stores[0].register, shape).userCode;
  expect(code([3, 5])).toBe(code([784, 256]));
  expect(code([3])).not.toBe(code([3, 1]));
});

describe('sums', () => {
  const params = [{ name: 'w', shape: [3], role: 'kernel' }, { name: 'v', shape: [2], role: 'kernel' }] as const;
  const fused = (rule: ReturnType<typeof chain>) => {
    const links = (rule as unknown as { links: { links?: unknown[] }[] }).links.flatMap((each) => each.links ?? [each]);
    return fuse(links.map((each, i) => ({ path: String(i), link: each, params: new Set(['w', 'v']) })) as never, params, true)[0];
  };

  it('are read as arrays of one number', () => {
    const rules = withoutSums(fused(chain(clipByGlobalNorm(1), adam({ learningRate: 0.1 }))))!;
    expect([...rules.sums.values()].map(({ over }) => over)).toEqual(['all']);
    expect(schedule(rules.outputs).passes.length).toBe(1);
    expect(schedule(rules.outputs).arrays).toContain([...rules.sums.keys()][0]);
  });

  it('are left to operations where the host computes with them', () => {
    const scaled = link<object>('scaled', {}, () => elementwise('scaled', { hyper: {}, slots: {}, update: ({ g }) => ({ g: mul(g, exp(sum(g, 'tensor'))) }) }));
    expect(withoutSums(fused(chain(scaled({}))))).toBeUndefined();
    const counted = withoutSums({ outputs: { p: a }, scalars: { n: sum(constant(1), 'tensor') }, sums: new Map() });
    expect(counted).toBeUndefined();
  });
});
