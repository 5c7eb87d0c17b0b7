import { growthOf, memoryOverRuns } from './memory.ts';

describe('memory over many runs in one process', () => {
  it('stays flat', async () => {
    const seen = await memoryOverRuns(20);
    expect(seen).toHaveLength(10);
    expect(seen.at(-1)!.tensors).toBe(seen[0].tensors);
    // A run that was kept would hold more than half a megabyte each: its split, its weights, its plan.
    expect(growthOf(seen)).toBeLessThan(3);
  }, 60_000);
});
