import { from } from 'rxjs';
import { publish } from '@gradstream/client';
import { NatsBus, natsTransport, partitionOf } from '@gradstream/client/nats';
import type { RunEvent } from '@gradstream/protocol';
import { PostgresStore } from '../postgres/postgres-store.ts';
import { batchOf, lines, readAll } from '../run-store.conformance.ts';
import { hasNats, hasPostgres, privateNats, privatePostgres, type PrivateService } from '../testing/private-services.ts';
import { BusStore } from './bus-store.ts';

jest.setTimeout(120_000);

/** Where NATS or PostgreSQL cannot be had, these tests are counted as skipped. */
const describeWithBoth = hasNats() && hasPostgres() ? describe : describe.skip;

describeWithBoth('servers at a JetStream bus and a PostgreSQL store', () => {
  let nats: PrivateService;
  let postgres: PrivateService;
  let stores: BusStore[] = [];
  let given: string[] = [];
  let schemas = 0;
  beforeAll(async () => {
    [nats, postgres] = await Promise.all([privateNats(), privatePostgres(['fsync = off'])]);
  });
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.close()));
    const bus = await NatsBus.connect(nats.url);
    await bus.manager.streams.delete('GRADSTREAM');
    await bus.close();
  });
  afterAll(async () => {
    await Promise.all([nats.remove(), postgres.remove()]);
  });

  const servers = async (n: number): Promise<BusStore[]> => {
    const url = `${postgres.url}?schema=bus${(schemas += 1)}`;
    given = [];
    stores = await Promise.all(Array.from({ length: n }, async () => BusStore.over(await PostgresStore.open(url, { segmentRows: 64 }), nats.url, { onError: (message) => given.push(message) })));
    await until(async () => (await Promise.all(stores.map((store) => gauge(store, 'bus_partitions')))).every((held) => held === 16 / n));
    return stores;
  };
  const until = async (isSo: () => Promise<boolean>): Promise<void> => {
    while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  const gauge = async (store: BusStore, name: string) => (await store.health()).gauges.find((each) => each.name === name)!.value;
  const steps = async (store: BusStore, run: string) => lines(await readAll(store, run)).filter((line) => line.includes(' ')).map((line) => Number(line.split(' ')[2]));

  it('share the parts of the bus, and take over those of one that ends', async () => {
    const [a, b] = await servers(2);
    await b.close();
    stores = [a];
    await until(async () => (await gauge(a, 'bus_partitions')) === 16);
  });

  it('answer with the counts of the store, whichever of them stores it, and store what is sent twice once', async () => {
    const [a, b] = await servers(2);
    const runs = Array.from({ length: 6 }, (_, i) => `run.${i}`);
    expect(new Set(runs.map(partitionOf)).size).toBeGreaterThan(3);
    for (const run of runs) await a.put(run, {});
    const answers = await Promise.all(runs.flatMap((run) => Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? a : b).append(run, batchOf(i + 1, [i], { a: [i] })))));
    expect(answers.every((answer) => answer!.accepted + (answer!.queued ?? 0) === 1)).toBe(true);
    await until(async () => (await gauge(a, 'bus_waiting')) === 0);
    expect(await b.append('run.0', batchOf(3, [2], { a: [2] }))).toMatchObject({ accepted: 0, duplicate: 1 });
    for (const store of [a, b]) for (const run of runs) expect((await steps(store, run)).sort((x, y) => x - y)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(await a.append('unknown', batchOf(1, [1], { a: [1] }))).toBeUndefined();
  });

  it('take points while the broker is away, and go on over it when it is back', async () => {
    const [a, b] = await servers(2);
    await a.put('r', {});
    await a.append('r', batchOf(1, [1], { a: [1] }));
    await nats.kill();
    expect(await b.append('r', batchOf(2, [2], { a: [2] }))).toMatchObject({ accepted: 1, lsn: 4 });
    await until(async () => (await gauge(a, 'bus_up')) === 0);
    await nats.start();
    await until(async () => (await gauge(a, 'bus_up')) === 1);
    expect(await a.append('r', batchOf(2, [2], { a: [2] }))).toMatchObject({ duplicate: 1 });
    await a.append('r', batchOf(3, [3], { a: [3] }));
    await until(async () => (await steps(b, 'r')).length === 3);
    expect(await steps(b, 'r')).toEqual([1, 2, 3]);
  });

  it('keep points while the database is away, and store each once when it is back', async () => {
    const [a, b] = await servers(2);
    await a.put('r', {});
    await b.put('r', {});
    await a.append('r', batchOf(1, [1], { a: [1] }));
    await postgres.kill();
    const answers = await Promise.all([2, 3, 4, 5, 6].map((seq) => (seq % 2 === 0 ? a : b).append('r', batchOf(seq, [seq], { a: [seq] }))));
    expect(answers).toEqual(answers.map(() => ({ lsn: 0, accepted: 0, duplicate: 0, conflict: 0, rejected: [], queued: 1 })));
    expect((await a.health()).parts.map(({ name, up }) => [name, up])).toEqual([['store', false], ['bus', true]]);
    await postgres.start();
    await until(async () => (await a.head('r').catch(() => 0)) === 8);
    expect((await steps(b, 'r')).sort((x, y) => x - y)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await b.append('r', batchOf(5, [5], { a: [5] }))).toMatchObject({ duplicate: 1, accepted: 0 });
  });

  it('store what was published to the bus before any of them was there', async () => {
    const early = await NatsBus.connect(nats.url);
    await early.close();
    const bus = await natsTransport(nats.url);
    const published = publish(bus.url, { run: 'direct', name: 'n', fetch: bus.fetch, flushMs: 1 });
    from(Array.from({ length: 50 }, (_, step): RunEvent => ({ type: 'step', step, epoch: 0, index: step, batchesPerEpoch: 50, size: 1, wall: 1000 + step, metrics: { 'train/loss': 1 / (step + 1) }, hyper: { learningRate: 0.1 } }))).pipe(published).subscribe();
    expect(await published.done).toEqual({ run: 'direct', sent: 100, refused: 0, unsent: 0 });
    await bus.close();
    const [a] = await servers(2);
    await until(async () => (await a.run('direct'))?.state === 'finished');
    expect(await steps(a, 'direct')).toEqual(Array.from({ length: 50 }, (_, step) => [step, step]).flat());
  });

  it('give up a message that is no frame, say so, and go on with the next', async () => {
    const [a] = await servers(1);
    await a.put('r', {});
    const bus = await NatsBus.connect(nats.url);
    await bus.publish({ kind: 'points', run: 'r', writer: 'w', seq: 1, body: Buffer.from('no frame at all') });
    await bus.publish({ kind: 'note', run: 'r', writer: 'w', seq: 2, body: Buffer.from('{"type":"text","wall":1,"name":"log","text":"fine"}') });
    await bus.close();
    await until(async () => (await gauge(a, 'bus_waiting')) === 0);
    expect(given).toEqual([expect.stringContaining('is given up')]);
    expect(await gauge(a, 'bus_refused')).toBe(1);
    expect(lines(await readAll(a, 'r'))).toEqual(['config', 'state', 'text']);
  });

  it.each(['http://127.0.0.1:4222', 'nats://', 'nats://a,b'])('refuse the address %j', async (url) => {
    await expect(NatsBus.connect(url, { startMs: 0 })).rejects.toThrow('bus: the address of NATS must be like nats://127.0.0.1:4222');
  });

  it('say that no broker answers', async () => {
    await expect(NatsBus.connect('nats://127.0.0.1:9', { startMs: 0 })).rejects.toThrow('bus: NATS at 127.0.0.1:9 does not answer, or has no JetStream');
  });
});
