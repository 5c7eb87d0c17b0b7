import { useBackend } from '@gradstream/engine';
import { ownParts, type StudyParts } from '../recipe/study.ts';
import { optimizerRace } from './learning-rates.ts';

describe('the race of optimizers', () => {
  beforeAll(() => useBackend({ backend: 'wasm' }));

  /** The seeds of the runs of an arm, in order. */
  async function seedsOf(options: object, seed: number): Promise<(number | undefined)[]> {
    const seeds: (number | undefined)[] = [];
    const parts: StudyParts = { ...ownParts, compose: (made, ...rest) => {
      seeds.push(made.batches.seed);
      return ownParts.compose(made, ...rest);
    } };
    await optimizerRace.run({ data: { name: 'moons', n: 60, validation: 10, test: 10 }, model: { name: 'mlp', hidden: [4] }, batches: { size: 10, steps: 3 }, rates: [0.1, 1], ...options }, seed, parts);
    return seeds;
  }

  it('tunes on the seeds that the recipe names, each rate on all of them, and then races', async () => {
    expect(await seedsOf({ tuningSeeds: [7] }, 3)).toEqual([7, 7, 3]);
  });

  it('tunes a block of further seeds on further ones, so that its basin is measured anew', async () => {
    expect(await seedsOf({}, 0)).toEqual([100, 101, 100, 101, 0]);
    expect(await seedsOf({}, 1)).toEqual([102, 103, 102, 103, 1]);
  });
});
