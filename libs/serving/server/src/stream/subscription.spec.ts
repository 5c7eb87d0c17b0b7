import { MemoryBacking } from '../backing/memory-backing.ts';
import { LogStore } from '../log/log-store.ts';
import { batchOf } from '../run-store.conformance.ts';
import { Hub } from './hub.ts';
import type { Sink } from './sink.ts';
import { Subscription } from './subscription.ts';

const query = { metric: [], event: [], mode: 'raw' as const, format: 'ndjson' as const, follow: true, every: 1 };

describe('heartbeats', () => {
  beforeEach(() => jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] }));
  afterEach(() => jest.useRealTimers());

  const settle = async (): Promise<void> => {
    for (let i = 0; i < 20; i += 1) await new Promise((resolve) => setImmediate(resolve));
  };

  it('say where the run stands after every 15 s, but not to a reader that has not taken what it was sent', async () => {
    const store = await LogStore.over(new MemoryBacking());
    await store.put('r', {});
    const hub = new Hub(store);
    const sent: { type: string; lsn: unknown }[] = [];
    let [takes, caughtUp] = [true, (): void => {}];
    const sink: Sink = {
      write: (bytes) => {
        for (const line of String(bytes).trim().split('\n')) sent.push(JSON.parse(line) as (typeof sent)[number]);
        return takes;
      },
      ready: () => new Promise<void>((resolve) => (caughtUp = resolve)),
      onClose: () => {},
      end: () => {},
      fail: (error) => { throw error; },
    };
    const subscription = new Subscription(store, hub, sink, query, { runs: new Set(['r']) }, ['r'], new Map());
    await settle();
    sent.length = 0;

    jest.advanceTimersByTime(15_000);
    expect(sent).toMatchObject([{ type: 'hb', lsn: { r: 2 } }]);

    takes = false;
    await store.append('r', batchOf(1, [1], { a: [1] }));
    jest.advanceTimersByTime(5);
    await settle();
    expect(sent).toMatchObject([{ type: 'hb' }, { type: 'points' }]);
    await store.append('r', batchOf(2, [2], { a: [2] }));
    jest.advanceTimersByTime(60_000);
    await settle();
    expect(sent).toHaveLength(2);

    takes = true;
    caughtUp();
    await settle();
    expect(sent).toMatchObject([{ type: 'hb' }, { type: 'points' }, { type: 'points', lsn: [4, 4] }]);
    jest.advanceTimersByTime(15_000);
    expect(sent[3]).toMatchObject({ type: 'hb', lsn: { r: 4 } });

    subscription.end();
    jest.advanceTimersByTime(60_000);
    expect(sent).toHaveLength(4);
    hub.close();
    await store.close();
  });
});
