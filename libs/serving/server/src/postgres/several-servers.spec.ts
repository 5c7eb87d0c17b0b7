import { batchOf, lines, readAll } from '../run-store.conformance.ts';
import type { RunChange } from '../run-store.ts';
import { freePort, hasPostgres, privatePostgres, type PrivateService } from '../testing/private-services.ts';
import { Unavailable } from '../unavailable.ts';
import { PostgresStore } from './postgres-store.ts';

jest.setTimeout(120_000);

const describeWithPostgres = hasPostgres() ? describe : describe.skip;

describeWithPostgres('several servers at one PostgreSQL database', () => {
  let postgres: PrivateService;
  const stores: PostgresStore[] = [];
  let schemas = 0;
  beforeAll(async () => {
    postgres = await privatePostgres(['fsync = off']);
  });
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close();
  });
  afterAll(() => postgres.remove());

  const open = async (schema: string, segmentRows = 32) => {
    const store = await PostgresStore.open(`${postgres.url}?schema=${schema}`, { segmentRows });
    stores.push(store);
    return store;
  };
  const servers = (n: number, segmentRows?: number) => {
    const schema = `several${(schemas += 1)}`;
    return Promise.all(Array.from({ length: n }, () => open(schema, segmentRows)));
  };
  const heardBy = (store: PostgresStore, wanted: (change: RunChange) => boolean) => new Promise<void>((resolve) => {
    const leave = store.watch((change) => {
      if (!wanted(change)) return;
      leave();
      resolve();
    });
  });

  it('make the tables once when they start at the same time', async () => {
    const all = await servers(3);
    await Promise.all(all.map((store, i) => store.put(`r${i}`, {})));
    for (const store of all) expect((await store.run('r1'))!.name).toBe('r1');
  });

  it('give one run its positions without a gap, each batch once, whichever of them it is sent to and however often', async () => {
    const all = await servers(3);
    await Promise.all(all.map((store) => store.put('r', {})));
    const n = 60;
    const answers = await Promise.all(Array.from({ length: n }, (_, i) => i + 1).flatMap((seq) => {
      const batch = batchOf(seq, [2 * seq, 2 * seq + 1], { a: [seq, -seq] });
      return [0, 1].map((k) => all[(seq + k) % 3].append('r', batch));
    }));
    const accepted = answers.filter((answer) => answer!.accepted === 2);
    expect(accepted).toHaveLength(n);
    expect(new Set(accepted.map((answer) => answer!.lsn)).size).toBe(n);
    for (const store of all) {
      const steps = lines(await readAll(store, 'r')).filter((line) => line.includes(' ')).map((line) => Number(line.split(' ')[2]));
      expect(steps.sort((a, b) => a - b)).toEqual(Array.from({ length: 2 * n }, (_, i) => i + 2));
      expect(await store.head('r')).toBe(n + 2);
      const curve = (await store.series('r', { metric: 'a', points: 1000, axis: 'step', scale: 'linear' }))!;
      expect(curve.step0).toEqual(Array.from({ length: 2 * n }, (_, i) => i + 2));
    }
  });

  it('change one run without losing what another of them changed', async () => {
    const all = await servers(3);
    const made = await Promise.all(all.map((store, i) => store.put('r', { tags: { [`tag${i}`]: 'x' } })));
    expect(made.filter(({ created }) => created)).toHaveLength(1);
    expect((await all[0].run('r'))!.tags).toEqual({ tag0: 'x', tag1: 'x', tag2: 'x' });
    await all[1].patch('r', { state: 'failed', reason: 'NaN' });
    await all[2].patch('r', { state: 'running' });
    expect((await all[0].run('r'))!.reason).toBeUndefined();
  });

  it('seal a log that two of them write to, and read it the same', async () => {
    const [a, b] = await servers(2, 8);
    await a.put('r', {});
    for (let seq = 1; seq <= 60; seq += 1) await (seq % 3 === 0 ? a : b).append('r', batchOf(seq, [seq], { a: [seq % 7 === 0 ? NaN : seq] }));
    await b.patch('r', { state: 'finished' });
    const curves = await Promise.all([a, b].map((store) => store.series('r', { metric: 'a', points: 12, axis: 'step', scale: 'linear' })));
    expect(curves[0]).toEqual(curves[1]);
    expect(curves[0]!.nan.reduce((x, y) => x + y, 0)).toBe(8);
    expect(lines(await readAll(a, 'r'))).toEqual(lines(await readAll(b, 'r')));
    expect((await a.runs({ filter: 'a > 59' })).runs.map(({ id }) => id)).toEqual(['r']);
  });

  it('wake those who watch at another of them, for points, new runs and runs that go', async () => {
    const [a, b] = await servers(2);
    const created = heardBy(b, ({ run, kind }) => run === 'r' && kind === 'created');
    await a.put('r', {});
    await created;
    expect((await b.runs()).runs.map(({ id }) => id)).toEqual(['r']);
    const logged = heardBy(b, ({ run, kind }) => run === 'r' && kind === 'log');
    await a.append('r', batchOf(1, [1], { a: [1] }));
    await logged;
    expect(lines(await b.read('r', 2, 10))).toEqual(['0 a 1 1000 1']);
    const deleted = heardBy(b, ({ kind }) => kind === 'deleted');
    await a.delete('r');
    await deleted;
    expect(await b.run('r')).toBeUndefined();
  });

  it('do what came from one message of a publisher once', async () => {
    const [a, b] = await servers(2);
    const origin = (seq: number) => ({ writer: 'p', seq });
    for (const store of [a, b]) {
      await store.put('r', { name: 'n' }, origin(1));
      await store.note('r', { type: 'text', wall: 1, name: 'log', text: 'once' }, origin(2));
      await store.patch('r', { state: 'finished' }, origin(3));
      await store.patch('r', { state: 'running' }, origin(4));
    }
    await b.patch('r', { state: 'finished' }, origin(3));
    expect(await b.run('r')).toMatchObject({ state: 'running', lsn: 5 });
  });

  it('say that the database is away while it is, and go on when it is back', async () => {
    const [a, b] = await servers(2);
    await a.put('r', {});
    await b.append('r', batchOf(1, [1], { a: [1] }));
    await postgres.kill();
    await expect(a.append('r', batchOf(2, [2], { a: [2] }))).rejects.toBeInstanceOf(Unavailable);
    await expect(b.run('r')).rejects.toThrow('PostgreSQL does not answer');
    expect((await a.health()).parts).toMatchObject([{ name: 'store', up: false }]);
    await postgres.start();
    expect(await a.append('r', batchOf(2, [2], { a: [2] }))).toMatchObject({ lsn: 4, accepted: 1 });
    expect(await b.append('r', batchOf(1, [1], { a: [1] }))).toMatchObject({ lsn: 3, duplicate: 1 });
    const heard = heardBy(b, ({ kind }) => kind === 'log');
    // Told again and again, for it may still be looking for its connection.
    const again = setInterval(() => void a.heartbeat('r'), 50);
    await heard;
    clearInterval(again);
  });

  it.each([
    ['mysql://host/db', "store: a database's address must be like postgres://user@host:5432/database"],
    ['postgres://h/db?schema=A-b', "store: schema must be up to 63 small letters, digits or _, received 'A-b'"],
  ])('refuse the address %j', async (url, message) => {
    await expect(PostgresStore.open(url)).rejects.toThrow(message);
  });

  it('refuse a database that is not there, or that a later version wrote, in a sentence', async () => {
    await expect(PostgresStore.open(`${postgres.url.replace(/postgres$/, 'missing')}`)).rejects.toThrow('store: PostgreSQL refuses (database "missing" does not exist)');
    const port = await freePort();
    await expect(PostgresStore.open(`postgres://somebody:secret@127.0.0.1:${port}/db`, { startMs: 0 })).rejects.toThrow(`store: PostgreSQL at 127.0.0.1:${port}/db does not answer`);
    const [store] = await servers(1);
    await store.set('a', 'b');
    const { Database } = await import('./database.ts');
    const database = await Database.open(`${postgres.url}?schema=several${schemas}`);
    await database.query('UPDATE version SET version = 99');
    await database.close();
    await expect(open(`several${schemas}`)).rejects.toThrow('has version 99, and this server knows versions up to 1');
  });
});
