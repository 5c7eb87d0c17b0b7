import { MemoryBacking } from '../backing/memory-backing.ts';
import { LogStore } from '../log/log-store.ts';
import { batchOf } from '../run-store.conformance.ts';
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

describe('frames', () => {
  const wanted = { filter: { metrics: [], types: [], mode: 'raw' }, format: 'ndjson', name: 'all' } as const;
  const png = `iVBORw0KGgo${'A'.repeat(200_000)}`;

  /** What a reader of a whole run gets, frame by frame. */
  async function framesOf(store: RunStore): Promise<Buffer[]> {
    const hub = new Hub(store);
    const frames: Buffer[] = [];
    for (let at = 0, frame = await hub.frame('r', at, wanted); frame; frame = await hub.frame('r', (at = frame.lsn), wanted)) frames.push(frame.bytes);
    hub.close();
    return frames;
  }

  it.each([
    ['in memory', 'running', undefined],
    ['in segments', 'finished', undefined],
    ['around points that have expired', 'finished', { maxRows: 0 }],
  ] as const)('stay below a megabyte while a run of many images is replayed: %s', async (_, state, retention) => {
    const store = await LogStore.over(new MemoryBacking(), { segmentRows: 8 });
    await store.put('r', {});
    for (let i = 1; i <= 40; i += 1) {
      await store.note('r', { type: 'image', name: 'sample', step: i, wall: i, png });
      for (let k = 0; k < 4; k += 1) await store.note('r', { type: 'text', name: 'words', step: i, wall: i, text: `${k}` });
      if (i % 10 === 0) await store.append('r', batchOf(i, [i], { a: [i] }));
    }
    await store.patch('r', { state });
    if (retention) await store.retain(retention);
    const frames = await framesOf(store);
    expect(Math.max(...frames.map(({ length }) => length))).toBeLessThan(2 ** 20);
    const events = Buffer.concat(frames).toString().trim().split('\n').map((line) => JSON.parse(line) as { type: string; step: number; text?: string; lsn: [number, number] });
    expect(events.filter(({ type }) => type === 'image').map(({ step }) => step)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    expect(events.filter(({ type }) => type === 'text').map(({ step, text }) => `${step} ${text}`)).toEqual(Array.from({ length: 160 }, (_, i) => `${Math.floor(i / 4) + 1} ${i % 4}`));
    expect(events.filter(({ type }) => type === (retention ? 'gap' : 'points'))).toHaveLength(4);
    events.slice(1).forEach(({ lsn }, i) => expect(lsn[0]).toBe(events[i].lsn[1] + 1));
    await store.close();
  });
});
