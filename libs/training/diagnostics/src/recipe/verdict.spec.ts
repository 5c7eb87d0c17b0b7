import { of, lastValueFrom, toArray } from 'rxjs';
import { parseRecipe, type Recipe } from './recipe.ts';
import { cellHash, cellsOf, runRecipe, type CellStore } from './run-recipe.ts';
import { paired, quantile975 } from './statistics.ts';
import { judge } from './verdict.ts';

const document = (accept: readonly object[]): object => ({
  version: 1, id: 'test', section: 'E', claim: 'a claim', source: 'a source', study: 'none', seeds: [0, 1, 2], base: 'none',
  common: { shared: 1 }, arms: { none: null, treated: { shared: 2 } }, accept,
});
const recipe = (accept: readonly object[]): Recipe => parseRecipe(document(accept), 'test.yaml');
const results = (none: readonly number[], treated: readonly number[]) => ({ none: none.map((error) => ({ error })), treated: treated.map((error) => ({ error })) });

describe('verdicts', () => {
  const rule = { metric: 'error', arm: 'treated', minus: 'none', within: [-3, -1] };

  it('are reproduced where the paired mean lies in its band', () => {
    expect(judge(recipe([rule]), results([10, 11, 12], [8, 9.1, 10.2])).verdict).toBe('reproduced');
  });

  it('are inconclusive where the interval of the paired mean holds the edge that it violates', () => {
    expect(judge(recipe([rule]), results([10, 11, 12], [9.5, 9.7, 11.6])).verdict).toBe('inconclusive');
  });

  it('are not reproduced where it lies clearly outside', () => {
    const { verdict, failed } = judge(recipe([rule]), results([10, 11, 12], [10.01, 11.02, 12.01]));
    expect(verdict).toBe('not reproduced');
    expect(failed[0].says).toMatch('treated: error minus that of none must be in [-3, -1], and is 0.01333');
  });

  it('are not reproduced where a sign is missing, however wide the interval', () => {
    expect(judge(recipe([{ ...rule, within: [-9, 0], sign: 3 }]), results([10, 11, 12], [8, 9, 12.1])).verdict).toBe('not reproduced');
  });

  it('are inconclusive where the seeds that were not run yet could make up for a missing sign', () => {
    const most = { ...rule, within: [-9, 0], sign: 2 };
    const two = { none: [{ error: 10 }, { error: 11 }], treated: [{ error: 8 }, { error: 11.1 }] };
    expect(judge(recipe([most]), two).verdict).toBe('inconclusive');
    expect(judge(recipe([{ ...most, sign: 3 }]), two).verdict).toBe('not reproduced');
  });

  it('never hold for NaN', () => {
    expect(judge(recipe([{ metric: 'error', arm: 'treated', within: [null, null] }]), results([1, 1, 1], [1, NaN, 1])).verdict).toBe('not reproduced');
  });

  it('follow orders, ratios, laws and shares of seeds', () => {
    const measured = results([4, 4, 4], [8, 8, 8]);
    const verdictOf = (...accept: object[]): string => judge(recipe(accept), measured).verdict;
    expect(verdictOf({ metric: 'error', increasing: ['none', 'treated'] }, { metric: 'error', lowest: ['none'], among: ['none', 'treated'] }, { metric: 'error', arm: 'treated', over: 'none', within: [2, 2] }, { metric: 'error', arms: 'all', each: [4, 8], count: 3 })).toBe('reproduced');
    expect(verdictOf({ metric: 'error', decreasing: ['none', 'treated'] })).toBe('not reproduced');
    expect(verdictOf({ metric: 'error', lowest: ['treated'], among: ['none', 'treated'] })).toBe('not reproduced');
    expect(verdictOf({ metric: 'error', arm: 'treated', over: 'none', within: [2.1, 3] })).toBe('not reproduced');
  });
});

describe('recipe documents', () => {
  it.each([
    [{ ...document([]), accept: [{ metric: 'error', arm: 'traeted', within: [0, 1] }] }, "test.yaml: 'traeted' is not a known arm; did you mean 'treated'?"],
    [{ ...document([{ metric: 'error', arm: 'none', within: [0, 1] }]), seeds: [] }, 'test.yaml: seeds'],
    [{ ...document([{ metric: 'error', arm: 'none', within: [0] }]) }, 'test.yaml: accept.0'],
    [{ ...document([{ metric: 'error', arm: 'none', within: [0, 1] }]), extra: 1 }, 'test.yaml: a recipe'],
  ])('refuses what is wrong', (given, says) => {
    expect(() => parseRecipe(given, 'test.yaml')).toThrow(says);
  });
});

describe('running a recipe', () => {
  const accept = [{ metric: 'error', arm: 'treated', minus: 'none', within: [-1, 1] }];
  const environment = { backend: 'none', version: '1', cores: 1 };

  it('carries each cell out once, in pairs, and goes on where it was cut off', async () => {
    const kept = new Map<string, { measured: Record<string, number>; seconds: number }>();
    const store: CellStore = { get: (hash) => kept.get(hash), put: (hash, done) => void kept.set(hash, done as never) };
    const carried: string[] = [];
    const carryOut = async ({ arm, seed }: { arm: string; seed: number }) => {
      carried.push(`${arm} ${seed}`);
      return { measured: { error: seed }, seconds: 1 };
    };
    const run = () => lastValueFrom(runRecipe(recipe(accept), { store, environment, carryOut }).pipe(toArray()));
    const first = await run();
    expect(carried).toEqual(['none 0', 'treated 0', 'none 1', 'treated 1', 'none 2', 'treated 2']);
    expect(first.at(-1)).toMatchObject({ type: 'report', report: { verdict: 'reproduced', seconds: 6, paired: { treated: { error: { mean: 0 } } } } });
    await run();
    expect(carried.length).toBe(6);
  });

  it('gives the same report for any number of jobs', async () => {
    const carryOut = ({ arm, seed }: { arm: string; seed: number }) => lastValueFrom(of({ measured: { error: seed * (arm === 'none' ? 1 : 1.1) }, seconds: 1 }));
    const report = async (jobs: number) => (await lastValueFrom(runRecipe(recipe(accept), { jobs, environment, carryOut })));
    expect(await report(3)).toEqual(await report(1));
  });

  it('names a cell by what it does, not by its recipe', () => {
    const [cell] = cellsOf(recipe(accept));
    expect(cellHash({ ...cell, recipe: 'another' }, '1')).toBe(cellHash(cell, '1'));
    expect(cellHash({ ...cell, seed: 1 }, '1')).not.toBe(cellHash(cell, '1'));
    expect(cellHash(cell, '2')).not.toBe(cellHash(cell, '1'));
  });
});

describe('paired statistics', () => {
  it("give Student's interval", () => {
    // R: t.test(c(-1, -2, -4)) gives t = -2.6458, interval [-6.1281, 1.4615].
    const { mean, t, interval, sign } = paired([9, 8, 6], [10, 10, 10]);
    expect(mean).toBeCloseTo(-7 / 3, 10);
    expect(t).toBeCloseTo(-2.6458, 4);
    expect(interval[0]).toBeCloseTo(-6.1281, 3);
    expect(interval[1]).toBeCloseTo(1.4614, 3);
    expect(sign).toBe(3);
  });

  it('know the quantiles beyond the table', () => {
    expect(quantile975(30)).toBeCloseTo(2.0423, 4);
    expect(quantile975(31)).toBeCloseTo(2.0395, 3);
    expect(quantile975(100)).toBeCloseTo(1.984, 3);
  });
});
