import { isFineEnough, windowFor } from './zoom.model.ts';

describe('windowFor', () => {
  it('asks for a bucket a pixel, with half of the width on either side', () => {
    expect(windowFor('step', [100, 200], 400)).toEqual({ axis: 'step', from: 50, to: 250, points: 800 });
    expect(windowFor('wall', [0, 1], 40_000).points).toBe(10_000);
  });
});

describe('isFineEnough', () => {
  const asked = windowFor('step', [100, 200], 400);
  it('is what was asked for, panned within its margin, and zoomed by no more than a factor of two', () => {
    const enough = (from: number, to: number, single = false) => isFineEnough(asked, single, 'step', [from, to], 400);
    expect([enough(100, 200), enough(50, 150), enough(125, 175), enough(126, 174), enough(126, 174, true), enough(49, 149), enough(160, 251, true)]).toEqual([true, true, true, false, true, false, false]);
  });

  it('is nothing on another axis', () => expect(isFineEnough(asked, true, 'wall', [100, 200], 400)).toBe(false));
});
