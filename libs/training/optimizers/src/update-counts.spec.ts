import fc from 'fast-check';
import { UpdateCounts } from './update-counts.ts';

const names = ['a', 'b', 'c'];

it('counts like one counter for each param, and goes on from what it gave', () => {
  fc.assert(fc.property(fc.array(fc.subarray(names)), fc.nat(20), (updates, restoredAfter) => {
    let counts = new UpdateCounts(new Set(names));
    const expected = new Map(names.map((name) => [name, 0]));
    updates.forEach((updated, i) => {
      counts.add(new Map(updated.map((name) => [name, 0])));
      for (const name of updated) expected.set(name, expected.get(name)! + 1);
      if (i === restoredAfter) {
        const kept = new Map(counts);
        counts = new UpdateCounts(new Set(names));
        counts.restore((name) => kept.get(name)!);
      }
      expect(new Map(counts)).toEqual(expected);
      expect(names.map(counts.of)).toEqual(names.map((name) => expected.get(name)));
    });
  }));
});
