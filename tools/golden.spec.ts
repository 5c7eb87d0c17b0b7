import { join } from 'node:path';
import { ENGINES } from './golden/engines.ts';
import { formula } from './golden/formula.ts';
import { passes, readFolder, runFile } from './golden/run.ts';
import { distance } from './golden/case.ts';

/** What must pass, by family; the list only grows. */
const DUE: Readonly<Record<string, 'all' | readonly string[]>> = {
  optimizers_torch: 'all',
  optimizers_reference: 'all',
  schedules: 'all',
  gradients: 'all',
  averaging_stopping: 'all',
  losses_penalties: 'all',
  normalization: 'all',
  sharpness: 'all',
  stochastic: 'all',
};

const files = readFolder(join(process.cwd(), 'golden'));
const counts = { optimizers_torch: 143, optimizers_reference: 138, schedules: 39, gradients: 19 };

describe('golden vectors', () => {
  it('are all here', () => {
    for (const [family, count] of Object.entries(counts)) expect(files.get(family)?.cases).toHaveLength(count);
  });

  it.each(Object.entries(DUE))('of %s agree on every engine', async (family, due) => {
    const isDue = ({ id }: { readonly id: string }): boolean => due === 'all' || due.includes(id);
    const { cases } = await runFile(family, files.get(family)!, ENGINES, isDue);
    const required = cases.filter(isDue);
    expect(required.length).toBeGreaterThan(0);
    expect(required.filter((each) => !passes(each))).toEqual([]);
  }, 300_000);

  it('fail where the project does not know the algorithm', async () => {
    const file = { format: 'golden/1', family: 'optimizers', cases: [{ id: 'x', algorithm: 'nobody', hyper: {}, tolerance: { rtol: 0, atol: 0 } }] };
    const { cases } = await runFile('made-up', file, ENGINES.slice(0, 1));
    expect(cases).toEqual([{ id: 'x', distance: Infinity, where: "'nobody' is not known" }]);
  });

  it('count a missing number, another shape and NaN as infinitely far', () => {
    const tolerance = { rtol: 0, atol: 1 };
    expect(distance({ a: [1, 2.5] }, { a: [1, 2] }, tolerance)).toBe(0.5);
    for (const wrong of [{ a: [1] }, { a: [1, NaN] }, { b: [1, 2] }, { a: 1 }, undefined]) expect(distance(wrong, { a: [1, 2] }, tolerance)).toBe(Infinity);
  });
});

describe('formula', () => {
  it('gives the value and the gradient', () => {
    const { value, gradient } = formula('(1-x)^2 + 100*(y-x^2)^2 with x=params[0], y=params[1]')([-1.2, 1]);
    expect(value).toBeCloseTo(24.2, 12);
    expect(gradient[0]).toBeCloseTo(-215.6, 10);
    expect(gradient[1]).toBeCloseTo(-88, 10);
  });

  it('agrees with central differences on functions of every kind', () => {
    const f = formula('exp(-x*y)/2 + sin(pi*x)^2 - cos(y) + sqrt(x) + log(y)*tanh(x) + abs(-y) with x=params[0], y=params[1]');
    const at = [0.7, 1.3];
    const h = 1e-6;
    f(at).gradient.forEach((slope, i) => {
      const moved = (by: number): number => f(at.map((x, j) => (i === j ? x + by : x))).value;
      expect(slope).toBeCloseTo((moved(h) - moved(-h)) / (2 * h), 7);
    });
  });

  it('says what it cannot read', () => {
    expect(() => formula('x + $ with x=params[0]')).toThrow('formula: cannot read');
    expect(() => formula('(x with x=params[0]')).toThrow("')' is missing");
    expect(() => formula('frob(x) with x=params[0]')).toThrow("cannot read 'frob'");
  });
});
