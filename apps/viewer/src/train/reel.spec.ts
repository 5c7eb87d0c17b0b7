import { Reel } from './reel.ts';

describe('a reel', () => {
  it('answers a step with the last frame before it', () => {
    const reel = new Reel<string>(100, () => 1);
    for (const step of [0, 10, 20]) reel.add(step, `f${step}`);
    expect([-1, 0, 15, 20, undefined].map((step) => reel.at(step))).toEqual(['f0', 'f0', 'f10', 'f20', 'f20']);
    reel.add(10, 'again');
    expect([reel.at(), reel.length]).toEqual(['again', 2]);
    reel.clear();
    expect(reel.at()).toBeUndefined();
  });

  it('stays within its room, and keeps the first and the newest', () => {
    const reel = new Reel<number>(50, () => 1);
    for (let step = 0; step < 10_000; step++) {
      reel.add(step, step);
      expect(reel.length).toBeLessThanOrEqual(50);
    }
    expect([reel.at(0), reel.at()]).toEqual([0, 9_999]);
    // What is left lies all over the run.
    for (const step of [2_500, 5_000, 7_500]) expect(step - reel.at(step)!).toBeLessThan(1_500);
  });
});
