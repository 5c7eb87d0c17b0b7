import { buffersOf, packPoints } from './pack.ts';

describe('packPoints', () => {
  it('keeps every value where it stood, and leaves out what is absent', () => {
    const packed = packPoints({ run: 'r', attempt: 1, t0: 1_000, step: [4, 5, 6], dt: [0, 10, 20], m: { loss: [1, NaN, Infinity], rare: [null, 2, null], none: [null, null, null] } });
    expect(packed).toEqual({
      type: 'points', run: 'r', attempt: 1, step: Float64Array.of(4, 5, 6), wall: Float64Array.of(1_000, 1_010, 1_020),
      columns: [{ metric: 'loss', values: Float64Array.of(1, NaN, Infinity) }, { metric: 'rare', values: Float64Array.of(2), at: Uint32Array.of(1) }, { metric: 'none', values: new Float64Array(0), at: new Uint32Array(0) }],
    });
    expect(buffersOf(packed).length).toBe(2);
  });
});
