import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '@gradstream/client';
import { parseRecipe, type Recipe, type Report } from '@gradstream/diagnostics';
import { useBackend } from '@gradstream/engine';
import { memoryStore, serve, type RunningServer } from '@gradstream/server';
import { runRecipes } from './recipe.ts';

/** Small runs on digits, with everything that draws: order, first weights, masks, augmentation. */
const recipe: Recipe = parseRecipe({
  version: 1, id: 'small', section: 'E', claim: 'A claim.', source: 'A source', study: 'training', seeds: [0, 1], base: 'plain',
  common: { data: { name: 'digits', subset: 200 }, model: { name: 'mlp', hidden: [16] }, optimizer: { name: 'adam', learningRate: 0.01 }, batches: { size: 50, epochs: 3 }, augment: [{ name: 'randomShift', pixels: 1 }] },
  arms: { plain: {}, dropout: { model: { name: 'mlp', hidden: [16], dropout: 0.5 } } },
  accept: [{ metric: 'testError', arm: 'dropout', minus: 'plain', within: [-100, 100] }],
}, 'small.yaml');

const folders: string[] = [];
const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'recipes-'));
  folders.push(made);
  return made;
};

describe('running recipes', () => {
  beforeAll(() => useBackend({ backend: 'wasm' }));
  beforeEach(() => {
    jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  });
  afterEach(() => jest.restoreAllMocks());
  afterAll(() => folders.forEach((made) => rmSync(made, { recursive: true, force: true })));

  const numbers = ({ arms, paired, verdict, failed }: Report): unknown => ({ arms, paired, verdict, failed });

  it('gives the same numbers in two threads as in one, bit for bit', async () => {
    const [[one], [two]] = [await runRecipes([recipe], { out: folder() }), await runRecipes([recipe], { out: folder(), jobs: 2 })];
    expect(numbers(two)).toEqual(numbers(one));
    expect(one.arms['plain']['testError'].values).toHaveLength(2);
    expect(one.arms['plain']['testLoss'].sd).toBeGreaterThan(0);
  }, 60_000);

  describe('beside a metrics server', () => {
    let server: RunningServer;
    beforeEach(async () => (server = await serve({ store: await memoryStore(), port: 0 })));
    afterEach(() => server.close());

    it.each([1, 2])('publishes the verdict and every run with its arm and seed, from %d threads', async (jobs) => {
      const [report] = await runRecipes([recipe], { out: folder(), server: server.url, jobs });
      const { runs } = await connect(server.url).runs({});
      expect(new Set(runs.map(({ tags }) => tags['group'])).size).toBe(1);
      expect(runs.every(({ project, state }) => project === 'recipes' && state === 'finished')).toBe(true);
      const verdict = runs.find(({ tags }) => tags['part'] === 'verdict')!;
      expect(verdict.tags).toMatchObject({ recipe: 'small', verdict: 'reproduced' });
      const series = await connect(server.url).series(verdict.id, { metric: 'testError/dropout' });
      expect(JSON.stringify(series)).toContain(String(report.arms['dropout']['testError'].values[1]));
      expect((await connect(server.url).run(verdict.id))!.spec).toMatchObject({ recipe: { id: 'small' }, report: { verdict: 'reproduced' } });
      const trained = runs.filter(({ tags }) => tags['part'] === undefined);
      expect(trained.map(({ tags: { arm, seed } }) => `${arm} ${seed}`).sort()).toEqual(['dropout 0', 'dropout 1', 'plain 0', 'plain 1']);
      for (const { summary } of trained) expect(summary['train/loss'].count).toBe(12);
    }, 60_000);

    it('goes on without a server that is not there', async () => {
      const [report] = await runRecipes([recipe], { out: folder(), server: 'http://127.0.0.1:9', seeds: [0] });
      expect(report.verdict).toBe('reproduced');
    }, 60_000);
  });
});
