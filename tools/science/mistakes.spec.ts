import { mistakes, mutationScore, verdictOf } from './mistakes.ts';
import { ownParts } from '@gradstream/diagnostics';
import { useBackend } from '@gradstream/engine';

describe('the mutation score of the science', () => {
  beforeAll(() => {
    jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    return useBackend({ backend: 'wasm' });
  });

  it('notices every deliberate mistake', async () => {
    const { noticed, of } = await mutationScore();
    expect(noticed).toBe(of);
  }, 240_000);

  it('finds nothing wrong with the right parts', async () => {
    for (const id of ['adam-first-step', 'adadelta-first-step', 'bn-shape', 'cutmix-area', 'adamw-decay', 'early-stop-restore']) {
      expect([id, (await verdictOf(id, ownParts)).verdict]).toEqual([id, 'reproduced']);
    }
    expect(mistakes.length).toBe(12);
  });
});
