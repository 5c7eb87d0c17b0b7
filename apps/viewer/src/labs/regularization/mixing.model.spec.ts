import { digits } from '@gradstream/datasets';
import { key, type Examples } from '@gradstream/numerics';
import { mixedOf, sharesOf } from './mixing.model.ts';

const size = 10;
/** Image i is i everywhere and of class i, so that each pixel says where it comes from. */
const flat: Examples = { size, inputShape: [size, 8, 8, 1], inputs: Float32Array.from({ length: size * 64 }, (_, p) => Math.floor(p / 64)), targets: { kind: 'classes', width: size, shape: [size], values: Int32Array.from({ length: size }, (_, i) => i) } };

describe('a mixed batch', () => {
  it('of CutMix has labels of the exact area that was pasted', () => {
    for (let seed = 0; seed < 40; seed++) {
      const batch = mixedOf('cutmix', 1, flat, key(seed));
      for (let i = 0; i < size; i++) {
        const counts = new Float64Array(size);
        for (const value of batch.after.subarray(i * 64, (i + 1) * 64)) counts[value] += 1 / 64;
        expect([...batch.labels.subarray(i * size, (i + 1) * size)]).toEqual([...counts].map(Math.fround));
      }
    }
  });

  it('of mixup blends images and labels by the same share', () => {
    const batch = mixedOf('mixup', 1, flat, key(3));
    for (let i = 0; i < size; i++) {
      const mixed = sharesOf(batch, i).reduce((sum, { label, share }) => sum + label * share, 0);
      for (const value of batch.after.subarray(i * 64, (i + 1) * 64)) expect(value).toBeCloseTo(mixed, 5);
    }
    expect(new Set(batch.after).size).toBeGreaterThan(3);
  });

  it('that is only moved keeps its labels', async () => {
    const { train } = await digits();
    const batch = mixedOf('shift', 1, train.gather([0, 1, 2, 3]), key(0));
    for (let i = 0; i < 4; i++) expect(sharesOf(batch, i)).toHaveLength(1);
    expect([...batch.after]).not.toEqual([...batch.before]);
  });
});
