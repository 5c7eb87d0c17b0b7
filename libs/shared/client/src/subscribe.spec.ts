import { firstValueFrom, lastValueFrom, take, toArray } from 'rxjs';
import { points, subscribe } from './subscribe.ts';

const url = 'http://127.0.0.1:1';
const event = (lsn: number, step: number) => `id: r:${lsn}\nevent: points\ndata: ${JSON.stringify({ type: 'points', run: 'r', lsn: [lsn, lsn], attempt: 0, t0: 100, step: [step], dt: [1], m: { a: [step], b: ['NaN'] } })}\n\n`;

/** A stream that gives some text and then ends, breaks or stays open. */
const body = (text: string, ending: 'ends' | 'breaks' | 'stays'): Response => new Response(new ReadableStream({
  start(controller) {
    for (const piece of text.match(/[\s\S]{1,7}/g) ?? []) controller.enqueue(new TextEncoder().encode(piece));
    if (ending === 'ends') controller.close();
  },
  pull(controller) {
    if (ending === 'breaks') controller.error(new TypeError('terminated'));
  },
}, { highWaterMark: 0 }));

/** Answers each connection with the next of some responses, and notes what was asked. */
function fakeServer(...answers: (() => Response)[]) {
  const asked: URLSearchParams[] = [];
  const signals: AbortSignal[] = [];
  const fake: typeof fetch = async (input, init) => {
    asked.push(new URL(String(input)).searchParams);
    signals.push(init!.signal!);
    const answer = answers.shift();
    if (!answer) throw new TypeError('fetch failed');
    return answer();
  };
  return { asked, signals, fetch: fake };
}

describe('subscribe', () => {
  it('asks nothing before it is subscribed to, and asks anew for each subscriber', async () => {
    const server = fakeServer(() => body(event(1, 0), 'ends'), () => body(event(1, 0), 'ends'));
    const events$ = subscribe(url, { run: 'r', metric: ['a', 'l*'], since: 'r:0', follow: false, fetch: server.fetch });
    expect(server.asked).toEqual([]);
    await lastValueFrom(events$);
    await lastValueFrom(events$);
    expect(server.asked.map(String)).toEqual(new Array(2).fill('run=r&metric=a&metric=l*&format=sse&mode=raw&every=50ms&follow=0&since=r%3A0'));
  });

  it('gives events with their cursors, NaN as a number, and completes where it need not follow', async () => {
    const server = fakeServer(() => body(event(1, 0) + event(2, 1), 'ends'));
    const events = await lastValueFrom(subscribe(url, { follow: false, fetch: server.fetch }).pipe(toArray()));
    expect(events).toMatchObject([{ cursor: 'r:1', step: [0], m: { b: [NaN] } }, { cursor: 'r:2', step: [1] }]);
  });

  it('comes back after the last event it saw when the connection breaks, ends or cannot be made', async () => {
    jest.useFakeTimers();
    const server = fakeServer(() => body(event(1, 0), 'breaks'), () => new Response('', { status: 503 }), () => body(`${event(2, 1)}id: r:9\nevent: poi`, 'breaks'), () => body(event(3, 2), 'ends'), () => body(event(4, 3), 'stays'));
    const states: string[] = [];
    const seen = lastValueFrom(subscribe(url, { run: 'r', fetch: server.fetch, onConnection: (state) => states.push(state) }).pipe(take(4), toArray()));
    await jest.advanceTimersByTimeAsync(60_000);
    expect((await seen).map(({ cursor }) => cursor)).toEqual(['r:1', 'r:2', 'r:3', 'r:4']);
    expect(server.asked.map((query) => query.get('since'))).toEqual([null, 'r:1', 'r:1', 'r:2', 'r:3']);
    expect(states).toEqual(['live', 'lost', 'lost', 'live', 'lost', 'live', 'lost', 'live']);
    jest.useRealTimers();
  });

  it('gives a silent connection up', async () => {
    jest.useFakeTimers();
    const server = fakeServer(() => body(event(1, 0), 'stays'));
    const subscription = subscribe(url, { fetch: server.fetch, silenceMs: 1000 }).subscribe();
    await jest.advanceTimersByTimeAsync(900);
    expect(server.signals[0].aborted).toBe(false);
    await jest.advanceTimersByTimeAsync(200);
    expect(server.signals[0].aborted).toBe(true);
    subscription.unsubscribe();
    jest.useRealTimers();
  });

  it('ends its connection when it is unsubscribed from', async () => {
    const server = fakeServer(() => body(event(1, 0), 'stays'));
    await firstValueFrom(subscribe(url, { fetch: server.fetch }));
    expect(server.signals[0].aborted).toBe(true);
  });

  it('errs with the sentence of a server that refuses', async () => {
    const server = fakeServer(() => new Response(JSON.stringify({ error: { message: 'since: expected a cursor' } }), { status: 400 }));
    await expect(lastValueFrom(subscribe(url, { since: 'x', fetch: server.fetch }))).rejects.toThrow('subscribe: since: expected a cursor');
  });
});

describe('points', () => {
  it('gives single points', async () => {
    const server = fakeServer(() => body(event(1, 7), 'ends'));
    expect(await lastValueFrom(subscribe(url, { follow: false, fetch: server.fetch }).pipe(points(), toArray()))).toEqual([
      { run: 'r', attempt: 0, metric: 'a', step: 7, wall: 101, value: 7 },
      { run: 'r', attempt: 0, metric: 'b', step: 7, wall: 101, value: NaN },
    ]);
  });
});
