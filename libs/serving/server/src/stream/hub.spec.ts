import type { RunStore } from '../run-store.ts';
import { Hub } from './hub.ts';

describe('beats', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  const hub = () => new Hub({ watch: () => () => {} } as unknown as RunStore);

  it('come soon after a silence, and then at least so far apart as was asked, from the beginning of one to that of the next', () => {
    const beats = hub();
    const began = performance.now();
    const at: number[] = [];
    const note = (): void => {
      at.push(performance.now() - began);
      jest.advanceTimersByTime(20);
    };
    beats.onBeat(50, note);
    jest.advanceTimersByTime(5);
    beats.onBeat(50, note);
    jest.advanceTimersByTime(100);
    expect(at).toEqual([5, 55]);
    beats.close();
  });

  it('bring everything that waits, once each', () => {
    const beats = hub();
    const called: string[] = [];
    for (const name of ['a', 'b', 'c']) beats.onBeat(50, () => void called.push(name));
    jest.advanceTimersByTime(200);
    expect(called).toEqual(['a', 'b', 'c']);
    beats.close();
  });
});
