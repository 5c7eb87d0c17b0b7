import { Subject, throwError, concat, of, from } from 'rxjs';
import { decodeAllPoints, pointCount, type Aside, type PointsBatch, type RunEvent, type StepEvent } from '@gradstream/protocol';
import { publish } from './publish.ts';
import { Publisher } from './publisher.ts';

/** A server that keeps what it gets, and is away or refuses when told. */
class FakeServer {
  readonly calls: string[] = [];
  readonly batches: PointsBatch[] = [];
  readonly patches: unknown[] = [];
  /** What the next requests get instead of an answer. */
  readonly trouble: (number | 'down' | 'answer lost')[] = [];

  readonly fetch: typeof fetch = async (input, init) => {
    const call = `${init!.method} ${new URL(String(input)).pathname}`;
    this.calls.push(call);
    const trouble = this.trouble.shift();
    if (trouble === 'down') throw new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } });
    if (typeof trouble === 'number') return new Response(JSON.stringify({ error: { message: `said ${trouble}` } }), { status: trouble, headers: { 'retry-after': '0.001' } });
    if (call.endsWith('/points')) this.batches.push(...decodeAllPoints(new Uint8Array(await new Response(init!.body).arrayBuffer())).map(({ batch }) => batch));
    if (call.startsWith('PATCH')) this.patches.push(JSON.parse(init!.body as string));
    if (trouble === 'answer lost') throw new TypeError('terminated');
    return new Response('{}');
  };

  /** Each step of a metric that came, once for each batch that was not sent before. */
  steps(metric: string): number[] {
    const once = new Map(this.batches.map((batch) => [batch.seq, batch]));
    return [...once.values()].flatMap(({ step, columns }) => columns.filter((column) => column.metric === metric).flatMap(({ at, values }) => Array.from(values, (_, i) => step[at ? at[i] : i])));
  }
}

const step = (n: number): StepEvent => ({ type: 'step', step: n, epoch: 0, index: n, batchesPerEpoch: 10, size: 1, wall: 1000 + n, metrics: { 'train/loss': 1 / (n + 1) }, hyper: { learningRate: 0.1 } });
const evaluation: RunEvent = { type: 'evaluation', step: 2, epoch: 0, wall: 1500, split: 'validation', metrics: { 'validation/loss': 0.5 }, seconds: 0.1 };
const url = 'http://127.0.0.1:1';
const quick = { flushMs: 1, retryMs: 1, run: 'r' };

describe('publish', () => {
  it('sends where the time of a step went as metrics of that step', async () => {
    const server = new FakeServer();
    const publishing = publish<RunEvent | Aside>(url, { ...quick, fetch: server.fetch });
    from([step(0), step(1), { type: 'timing', step: 1, wall: 1002, metrics: { 'time/step': 0.4, 'rate/examples': 900 } } as const, step(2)]).pipe(publishing).subscribe();
    await publishing.done;
    expect(server.steps('time/step')).toEqual([1]);
    expect(server.steps('rate/examples')).toEqual([1]);
    expect(server.steps('train/loss')).toEqual([0, 1, 2]);
  });

  it('passes events on as they are, and sends steps, hyper-parameters and evaluations', async () => {
    const server = new FakeServer();
    const events: RunEvent[] = [step(0), step(1), step(2), evaluation];
    const seen: RunEvent[] = [];
    const published = publish(url, { ...quick, fetch: server.fetch, name: 'n' });
    from(events).pipe(published).subscribe((event) => seen.push(event));
    expect(seen).toEqual(events);
    expect(await published.done).toEqual({ run: 'r', sent: 7, refused: 0, unsent: 0 });
    expect(server.calls[0]).toBe('PUT /api/v1/runs/r');
    expect(server.steps('train/loss')).toEqual([0, 1, 2]);
    expect(server.steps('learningRate')).toEqual([0, 1, 2]);
    expect(server.steps('validation/loss')).toEqual([2]);
    expect(server.batches[0]).toMatchObject({ seq: 1, attempt: 0, t0: 1000, dt: Float64Array.of(0, 1, 2, 500) });
    expect(server.patches).toEqual([{ state: 'finished' }]);
  });

  it.each([[true, 'stopped'], [undefined, 'finished']])('a run that was told to stop (%s) is %s, with its reason', async (told, state) => {
    const server = new FakeServer();
    const published = publish(url, { ...quick, fetch: server.fetch });
    from<RunEvent[]>([step(0), { type: 'stop', step: 0, epoch: 0, wall: 1001, reason: 'so be it', told }]).pipe(published).subscribe();
    await published.done;
    expect(server.patches).toEqual([{ state, reason: 'so be it' }]);
  });

  it('sends a hyper-parameter when it changed, and the learning rate at every step', async () => {
    const server = new FakeServer();
    const published = publish(url, { ...quick, fetch: server.fetch });
    const b1 = [0.9, 0.9, 0.8, NaN, NaN];
    from(b1.map((value, n): RunEvent => ({ ...step(n), hyper: { learningRate: 0.1, b1: value } }))).pipe(published).subscribe();
    await published.done;
    expect(server.steps('b1')).toEqual([0, 2, 3]);
    expect(server.steps('learningRate')).toEqual([0, 1, 2, 3, 4]);
  });

  it.each([
    ['completion', (source: Subject<RunEvent>) => source.complete(), { state: 'finished' }],
    ['error', (source: Subject<RunEvent>) => source.error(new Error('NaN loss')), { state: 'failed', reason: 'NaN loss' }],
    ['unsubscription', (_: Subject<RunEvent>, end: () => void) => end(), { state: 'stopped' }],
    ['a stop event', (source: Subject<RunEvent>) => {
      source.next({ type: 'stop', step: 1, epoch: 0, wall: 1, reason: 'patience ran out' });
      source.complete();
    }, { state: 'finished', reason: 'patience ran out' }],
  ])('flushes and says how the run ended on %s', async (_, ending, patch) => {
    const server = new FakeServer();
    const source = new Subject<RunEvent>();
    const published = publish(url, { ...quick, fetch: server.fetch, flushMs: 10_000 });
    const subscription = source.pipe(published).subscribe({ error: () => {} });
    source.next(step(0));
    ending(source, () => subscription.unsubscribe());
    expect(await published.done).toMatchObject({ sent: 2, unsent: 0 });
    expect(server.patches).toEqual([patch]);
  });

  it('hands an error of the run on', () => {
    const failed = jest.fn();
    concat(of(step(0)), throwError(() => new Error('broken'))).pipe(publish(url, { ...quick, fetch: new FakeServer().fetch })).subscribe({ error: failed });
    expect(failed).toHaveBeenCalledWith(new Error('broken'));
  });

  it('begins nothing before it is subscribed to', async () => {
    const server = new FakeServer();
    of(step(0)).pipe(publish(url, { ...quick, fetch: server.fetch }));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(server.calls).toEqual([]);
  });

  it.each(['127.0.0.1:4319', 'ftp://host', ''])('refuses the address %j', (address) => {
    expect(() => publish(address)).toThrow(`publish: the server's address must be like http://127.0.0.1:4319, received '${address}'`);
  });
});

describe('a publisher', () => {
  it('says that the run is alive where it has had nothing to send for a while, and not after its end', async () => {
    jest.useFakeTimers({ doNotFake: ['queueMicrotask', 'nextTick', 'setImmediate'] });
    try {
      const server = new FakeServer();
      const publisher = new Publisher(url, { ...quick, fetch: server.fetch });
      publisher.log(0, { loss: 1 });
      const later = async (ms: number) => {
        await jest.advanceTimersByTimeAsync(ms);
        for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
      };
      const beats = () => server.calls.filter((call) => call === 'POST /api/v1/runs/r/heartbeat').length;
      await later(15_000);
      publisher.log(1, { loss: 1 });
      await later(15_000);
      expect(beats()).toBe(0);
      await later(100_000);
      expect(beats()).toBeGreaterThanOrEqual(3);
      expect(beats()).toBeLessThanOrEqual(5);
      await publisher.end('finished');
      const before = beats();
      await later(60_000);
      expect(beats()).toBe(before);
    } finally {
      jest.useRealTimers();
    }
  });

  it('loses nothing and repeats nothing while the server is down, restarts or loses its answers', async () => {
    const server = new FakeServer();
    server.trouble.push('down', 503, 'down');
    const problems: string[] = [];
    const publisher = new Publisher(url, { ...quick, fetch: server.fetch, onProblem: (message) => problems.push(message) });
    for (let n = 0; n < 40; n += 1) {
      publisher.log(n, { a: n });
      if (n % 10 === 5) server.trouble.push('answer lost', 429);
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
    expect(await publisher.end('finished')).toEqual({ run: 'r', sent: 40, refused: 0, unsent: 0 });
    expect(server.steps('a')).toEqual(Array.from({ length: 40 }, (_, n) => n));
    expect(problems[0]).toBe('publish: http://127.0.0.1:1 does not answer (ECONNREFUSED); points are kept until it does');
    expect(problems).toContain('publish: the server is back');
  });

  it('makes the run again where the server has forgotten it', async () => {
    const server = new FakeServer();
    const publisher = new Publisher(url, { ...quick, fetch: server.fetch, onProblem: () => {} });
    publisher.log(0, { a: 1 });
    await new Promise((resolve) => setTimeout(resolve, 20));
    server.trouble.push(404);
    publisher.log(1, { a: 2 });
    expect(await publisher.end('finished')).toMatchObject({ sent: 2, unsent: 0 });
    expect(server.calls.filter((call) => call.startsWith('PUT'))).toHaveLength(2);
  });

  it('goes on after something that the server will never have, and says so', async () => {
    const server = new FakeServer();
    server.trouble.push(200, 400);
    const problems: string[] = [];
    const publisher = new Publisher(url, { ...quick, fetch: server.fetch, onProblem: (message) => problems.push(message) });
    publisher.log(0, { a: 1, b: 2 });
    expect(await publisher.end('finished')).toMatchObject({ sent: 0, refused: 2, unsent: 0 });
    expect(problems).toEqual(['publish: the server refuses 2 points: said 400']);
    expect(server.patches).toHaveLength(1);
  });

  it('gives up some time after the end, and counts what is left', async () => {
    const server = new FakeServer();
    server.trouble.push(...new Array<'down'>(50).fill('down'));
    const publisher = new Publisher(url, { ...quick, fetch: server.fetch, giveUpAfterMs: 0, onProblem: () => {} });
    publisher.log(0, { a: 1 });
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await publisher.end('finished')).toEqual({ run: 'r', sent: 0, refused: 0, unsent: 1 });
  });

  it('sends batches that had to wait together, and apart where one of them is refused', async () => {
    const server = new FakeServer();
    let up!: () => void;
    const isUp = new Promise<void>((resolve) => (up = resolve));
    const publisher = new Publisher(url, { ...quick, onProblem: () => {}, fetch: async (...given) => isUp.then(() => server.fetch(...given)) });
    for (let n = 0; n < 10; n += 1) {
      publisher.log(n, { a: n });
      await new Promise((resolve) => setTimeout(resolve, 4));
    }
    server.trouble.push(200, 400, 400);
    up();
    const report = await publisher.end('finished');
    expect(report.refused).toBe(1);
    expect(server.steps('a')).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(server.calls.filter((call) => call.endsWith('/points')).length).toBeLessThan(6);
  });

  it('packs what a slow server makes wait into few batches', async () => {
    const server = new FakeServer();
    const slow: typeof fetch = async (...given) => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      return server.fetch(...given);
    };
    const publisher = new Publisher(url, { ...quick, fetch: slow });
    for (let n = 0; n < 5000; n += 1) publisher.log(n, { a: n });
    await publisher.end('finished');
    expect(server.batches.map((batch) => pointCount(batch))).toEqual([2048, 2048, 904]);
  });
});
