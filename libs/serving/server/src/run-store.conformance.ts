import fc from 'fast-check';
import type { PointsBatch } from '@gradstream/protocol';
import type { LogItem } from './log/item.ts';
import type { RunStore } from './run-store.ts';

/** What a kind of store needs to be put to the test. */
export interface StoreUnderTest {
  /** Opens a new, empty store that seals after so many rows. */
  create(segmentRows: number): Promise<{ readonly store: RunStore; reopen?(): Promise<RunStore> }>;
  /** Whether points may expire in it. Default true. */
  readonly expires?: boolean;
  /** Random histories that it is put through. Default 60. */
  readonly numRuns?: number;
}

/** One row a step, the same metrics in each. */
export function batchOf(seq: number, steps: readonly number[], columns: Record<string, readonly (number | null)[]>, more: Partial<PointsBatch> = {}): PointsBatch {
  return {
    writer: 'w', seq, attempt: 0, t0: 1000 * seq, step: Float64Array.from(steps), dt: Float64Array.from(steps, (_, i) => i),
    columns: Object.entries(columns).map(([metric, values]) => {
      const rows = values.flatMap((value, i) => (value === null ? [] : [i]));
      const kept = { metric, values: Float64Array.from(rows, (row) => values[row]!) };
      return rows.length === values.length ? kept : { ...kept, at: Uint32Array.from(rows) };
    }),
    ...more,
  };
}

/** Every value in some log items, one line each, in order. */
export const lines = (items: readonly LogItem[]): string[] => items.flatMap((item) => {
  if (item.kind === 'note') return [`${item.note.type}`];
  if (item.kind === 'gap') return [`gap`];
  return Array.from(item.step.keys()).flatMap((row) => item.columns.flatMap(({ metric, values, at }) => {
    const i = at ? at.indexOf(row) : row;
    return i < 0 ? [] : [`${item.attempt} ${metric} ${item.step[row]} ${item.wall[row]} ${values[i]}`];
  }));
});

/** Reads a log as a subscriber would, and checks that its positions leave nothing out. */
export async function readAll(store: RunStore, run: string, after = 0, maxPoints = 7): Promise<LogItem[]> {
  const items: LogItem[] = [];
  for (let at = after; ;) {
    const more = await store.read(run, at, maxPoints);
    if (more.length === 0) return items;
    for (const item of more) {
      expect(item.lsn[0]).toBe(at + 1);
      at = item.lsn[1];
    }
    items.push(...more);
  }
}

const value = fc.oneof(fc.integer({ min: -5, max: 5 }), fc.constantFrom(NaN, Infinity, -Infinity), fc.float());

/** Batches as clients send them: mostly in order, sometimes not, sometimes again. */
const histories = fc.array(fc.record({
  attempt: fc.constantFrom(0, 0, 0, 1),
  start: fc.option(fc.nat(60), { freq: 4 }),
  stride: fc.integer({ min: 1, max: 3 }),
  a: fc.array(fc.option(value, { freq: 5 }), { minLength: 1, maxLength: 12 }),
  b: fc.boolean(),
  again: fc.boolean(),
}), { minLength: 1, maxLength: 14 }).map((drawn) => {
  let next = 0;
  return drawn.flatMap(({ attempt, start, stride, a, b, again }, i) => {
    const from = start ?? next;
    const steps = a.map((_, k) => from + k * stride);
    next = Math.max(next, steps.at(-1)! + 1);
    const batch = batchOf(i + 1, steps, b ? { a, b: a.map((x, k) => (k % 2 === 0 && x !== null ? -x : null)) } : { a }, { attempt });
    return again ? [batch, batch] : [batch];
  });
});

/** What a store must answer, by the plainest means: a list. */
class Model {
  readonly log: { attempt: number; metric: string; step: number; wall: number; value: number }[] = [];
  private readonly seqs = new Set<number>();

  append({ seq, attempt, step, t0, dt, columns }: PointsBatch) {
    const answer = { accepted: 0, duplicate: 0, conflict: 0 };
    const again = this.seqs.has(seq);
    this.seqs.add(seq);
    for (const { metric, values, at } of columns) {
      values.forEach((x, i) => {
        const row = at ? at[i] : i;
        const known = this.log.findLast((point) => point.attempt === attempt && point.metric === metric && point.step === step[row]);
        if (again || (known && Object.is(known.value, x))) return void (answer.duplicate += 1);
        if (known) answer.conflict += 1;
        answer.accepted += 1;
        this.log.push({ attempt, metric, step: step[row], wall: t0 + dt[row], value: x });
      });
    }
    return answer;
  }

  /** The value at each step that the newest attempt shows. */
  curve(metric: string, from: number, to: number): { step: number; value: number }[] {
    const attempts = [...new Set(this.log.filter((point) => point.metric === metric).map(({ attempt }) => attempt))].sort((a, b) => b - a);
    const shown = new Map<number, number>();
    let through = Infinity;
    for (const attempt of attempts) {
      const mine = this.log.filter((point) => point.metric === metric && point.attempt === attempt);
      for (const { step, value: x } of mine) if (step <= through) shown.set(step, x);
      through = Math.min(through, ...mine.map(({ step }) => step - 1));
    }
    return [...shown].filter(([step]) => step >= from && step <= to).sort(([a], [b]) => a - b).map(([step, x]) => ({ step, value: x }));
  }
}

/** The suite that every kind of store passes. */
export function itIsARunStore({ create, expires = true, numRuns = 60 }: StoreUnderTest): void {
  const open: RunStore[] = [];
  const fresh = async (segmentRows = 8) => {
    const made = await create(segmentRows);
    open.push(made.store);
    return made;
  };
  afterEach(async () => {
    for (const store of open.splice(0)) await store.close();
  });

  it('creates a run once, and brings it up to date after that', async () => {
    const { store } = await fresh();
    expect((await store.put('r', { name: 'first', tags: { a: '1' }, spec: { data: 'digits' } })).created).toBe(true);
    const { run, created } = await store.put('r', { project: 'p', tags: { b: '2' } });
    expect(created).toBe(false);
    expect(run).toMatchObject({ id: 'r', name: 'first', project: 'p', state: 'running', tags: { a: '1', b: '2' }, spec: { data: 'digits' }, lsn: 3 });
    expect(lines(await readAll(store, 'r'))).toEqual(['config', 'state', 'config']);
    expect((await store.runs()).runs.map(({ id }) => id)).toEqual(['r']);
  });

  it('says nothing in the log where nothing changed', async () => {
    const { store } = await fresh();
    await store.put('r', { name: 'n' });
    await store.put('r', { name: 'n', state: 'running' });
    expect((await store.run('r'))!.lsn).toBe(2);
  });

  it('knows no run that nobody made', async () => {
    const { store } = await fresh();
    expect(await store.run('r')).toBeUndefined();
    expect(await store.patch('r', {})).toBeUndefined();
    expect(await store.append('r', batchOf(1, [1], { a: [1] }))).toBeUndefined();
    expect(await store.head('r')).toBeUndefined();
    expect(await store.delete('r')).toBe(false);
    expect(await store.read('r', 0, 10)).toEqual([]);
  });

  it('forgets a deleted run, and begins it anew when it comes again', async () => {
    const { store } = await fresh();
    await store.put('r', {});
    for (let i = 1; i < 40; i += 1) await store.append('r', batchOf(i, [i], { a: [i] }));
    expect(await store.delete('r')).toBe(true);
    expect(await store.run('r')).toBeUndefined();
    await store.put('r', {});
    expect(await store.append('r', batchOf(1, [1], { a: [5] }))).toMatchObject({ lsn: 3, accepted: 1 });
    expect((await store.series('r', { metric: 'a', points: 10, axis: 'step', scale: 'linear' }))!.last).toEqual([5]);
  });

  it('pages through runs, newest first, and selects by project and state', async () => {
    const { store } = await fresh();
    for (const id of ['a', 'b', 'c', 'd']) await store.put(id, { project: id < 'c' ? 'early' : 'late' });
    await store.patch('b', { state: 'finished' });
    const first = await store.runs({ limit: 3 });
    expect(first.runs).toHaveLength(3);
    const rest = await store.runs({ limit: 3, after: first.next });
    expect([...first.runs, ...rest.runs].map(({ id }) => id).sort()).toEqual(['a', 'b', 'c', 'd']);
    expect(rest.next).toBeUndefined();
    expect((await store.runs({ project: 'early', state: 'running' })).runs.map(({ id }) => id)).toEqual(['a']);
  });

  it('tells watchers of each commit, until they leave', async () => {
    const { store } = await fresh();
    const heard: string[] = [];
    const leave = store.watch(({ kind, run }) => heard.push(`${kind} ${run}`));
    await store.put('r', {});
    await store.append('r', batchOf(1, [1], { a: [1] }));
    await store.delete('r');
    leave();
    await store.put('s', {});
    expect(heard).toEqual(['created r', 'log r', 'log r', 'deleted r']);
  });

  it('sums a run up', async () => {
    const { store } = await fresh();
    await store.put('r', {});
    await store.append('r', batchOf(1, [0, 1, 2], { a: [3, NaN, 1], b: [null, Infinity, null] }));
    await store.append('r', batchOf(2, [1, 2], { a: [NaN, 4] }, { attempt: 1 }));
    const run = (await store.run('r'))!;
    expect(run).toMatchObject({ attempt: 1, duplicates: 0, conflicts: 0 });
    expect(run.summary).toEqual({
      a: { count: 5, nan: 2, min: 1, max: 4, last: 4, step: 2 },
      b: { count: 1, nan: 0, min: Infinity, max: Infinity, last: Infinity, step: 1 },
    });
  });

  it('answers a batch sent again with the position of the first', async () => {
    const { store } = await fresh();
    await store.put('r', {});
    const batch = batchOf(1, [1, 2], { a: [1, 2] });
    const [first, again] = await Promise.all([store.append('r', batch), store.append('r', batch)]);
    await store.append('r', batchOf(2, [3], { a: [3] }));
    expect(first).toMatchObject({ lsn: 3, accepted: 2, duplicate: 0 });
    expect(again).toMatchObject({ lsn: 3, accepted: 0, duplicate: 2 });
    expect(await store.append('r', batch)).toMatchObject({ lsn: 3, accepted: 0, duplicate: 2 });
  });

  it('keeps every point once, whatever order it comes in, in its log and in its curves', async () => {
    await fc.assert(fc.asyncProperty(histories, fc.integer({ min: 1, max: 30 }), fc.nat(40), fc.nat(60), fc.boolean(), async (batches, points, from, span, ends) => {
      const { store, reopen } = await fresh();
      const model = new Model();
      await store.put('r', {});
      for (const batch of batches) expect(await store.append('r', batch)).toMatchObject(model.append(batch));
      if (ends) await store.patch('r', { state: 'finished' });
      let reader = store;
      if (reopen) {
        await open.pop()!.close();
        reader = await reopen();
        open.push(reader);
        for (const batch of batches) expect(await reader.append('r', batch)).toMatchObject({ accepted: 0 });
      }
      const logged = lines(await readAll(reader, 'r')).filter((line) => line.includes(' '));
      expect(logged.sort()).toEqual(model.log.map(({ attempt, metric, step, wall, value: x }) => `${attempt} ${metric} ${step} ${wall} ${x}`).sort());
      for (const metric of ['a', 'b']) {
        const curve = (await reader.series('r', { metric, points, from, to: from + span, axis: 'step', scale: 'linear' }))!;
        expectFaithful(curve, model.curve(metric, from, from + span), points);
      }
    }), { numRuns });
  });

  it('serves writers that come all at once', async () => {
    const { store } = await fresh();
    await store.put('r', {});
    const writers = ['p', 'q', 's', 't'];
    await Promise.all(writers.flatMap((writer, w) => Array.from({ length: 25 }, (_, i) => store.append('r', batchOf(i + 1, [4 * i + w], { a: [i] }, { writer })))));
    const items = await readAll(store, 'r');
    expect(lines(items).filter((line) => line.includes(' ')).map((line) => Number(line.split(' ')[2])).sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });

  it('keeps the extremes and NaN of a long curve at every zoom', async () => {
    const { store } = await fresh(256);
    await store.put('r', {});
    const n = 6000;
    const values = Array.from({ length: n }, (_, i) => (i % 997 === 0 ? NaN : i === 4321 ? 99 : i === 777 ? -99 : Math.sin(i / 50)));
    for (let at = 0, seq = 1; at < n; at += 100, seq += 1) await store.append('r', batchOf(seq, Array.from({ length: 100 }, (_, i) => at + i), { a: values.slice(at, at + 100) }));
    for (const [from, to, points] of [[0, n, 10], [0, n, 100], [0, n, 1000], [700, 4400, 3], [775, 779, 1000], [4000, 4330, 7]]) {
      for (const axis of ['step', 'wall'] as const) {
        const wallOf = (step: number) => 1000 * (Math.floor(step / 100) + 1) + (step % 100);
        const range = axis === 'step' ? { from, to } : { from: wallOf(from), to: wallOf(to) };
        const curve = (await store.series('r', { metric: 'a', points, ...range, axis, scale: 'linear' }))!;
        expectFaithful(curve, values.map((x, step) => ({ step, value: x })).slice(from, to + 1), points);
      }
    }
  });

  it('keeps texts beside the runs, and gives notes by pages', async () => {
    const { store, reopen } = await fresh();
    await store.set('a', '1');
    await store.set('b', '2');
    await store.set('a', undefined);
    await store.put('r', {});
    for (let i = 1; i < 40; i += 1) {
      await store.append('r', batchOf(i, [i], { a: [i] }));
      await store.note('r', { type: 'text', wall: i, name: 'log', text: `line ${i}` });
    }
    let reader = store;
    if (reopen) {
      await open.pop()!.close();
      reader = await reopen();
      open.push(reader);
    }
    expect([await reader.setting('a'), await reader.setting('b')]).toEqual([undefined, '2']);
    const texts: string[] = [];
    for (let at = 0; ;) {
      const page = (await reader.notes('r', at, 7))!;
      expect(page.length).toBeLessThanOrEqual(7);
      if (page.length === 0) break;
      for (const { note } of page) texts.push(note.type === 'text' ? note.text : note.type);
      at = page.at(-1)!.lsn[1];
    }
    expect(texts).toEqual(['config', 'state', ...Array.from({ length: 39 }, (_, i) => `line ${i + 1}`)]);
    expect(await reader.notes('none', 0, 1)).toBeUndefined();
  });

  (expires ? it : it.skip)('lets points expire, oldest first, and keeps notes, positions, counts, and every extreme and NaN of the curves', async () => {
    await fc.assert(fc.asyncProperty(histories, fc.nat(40), fc.nat(20), fc.integer({ min: 1, max: 30 }), async (batches, first, second, points) => {
      const { store, reopen } = await fresh();
      const model = new Model();
      await store.put('r', {});
      const take = async (batch: PointsBatch) => {
        model.append(batch);
        await store.append('r', batch);
      };
      for (const batch of batches.slice(0, 7)) await take(batch);
      await store.patch('r', { state: 'finished' });
      await store.retain({ maxRows: first });
      for (const batch of batches.slice(7)) await take(batch);
      await store.patch('r', { state: 'stopped' });
      await store.retain({ maxRows: Math.min(first, second) });
      let reader = store;
      if (reopen) {
        await open.pop()!.close();
        reader = await reopen();
        open.push(reader);
      }
      const items = await readAll(reader, 'r');
      expect(lines(items).filter((line) => line !== 'gap' && !line.includes(' '))).toEqual(['config', 'state', 'state', 'state']);
      const logged = lines(items).filter((line) => line.includes(' '));
      // A point that is sent again after it expired counts as a new one, with another clock.
      const every = new Set(model.log.map(({ attempt, metric, step, value: x }) => `${attempt} ${metric} ${step} ${x}`));
      expect(logged.filter((line) => !every.has(line.replace(/ [\d.]+ (?=\S+$)/, ' ')))).toEqual([]);
      for (const metric of ['a', 'b']) {
        const shown = model.curve(metric, -Infinity, Infinity).map(({ value: x }) => x);
        const curve = (await reader.series('r', { metric, points, axis: 'step', scale: 'linear' }))!;
        const numbers = shown.filter((x) => !Number.isNaN(x));
        const least = (list: readonly number[]) => list.filter((x) => !Number.isNaN(x)).reduce((a, b) => Math.min(a, b), Infinity);
        expect(curve.count.length).toBeLessThanOrEqual(points);
        expect(least(curve.min)).toBeLessThanOrEqual(least(numbers));
        expect(least(curve.max.map((x) => -x))).toBeLessThanOrEqual(least(numbers.map((x) => -x)));
        expect(curve.nan.reduce((a, b) => a + b, 0)).toBeGreaterThanOrEqual(shown.length - numbers.length);
        expect(curve.count.reduce((a, b) => a + b, 0)).toBeGreaterThanOrEqual(shown.length);
        expect(curve.step0).toEqual([...curve.step0].sort((a, b) => a - b));
        if ((await reader.run('r'))!.expired === undefined) expect(curve.rawFrom).toBeUndefined();
      }
    }), { numRuns });
  });

  (expires ? it : it.skip)('says from which step points are kept one by one, and answers what is older from buckets', async () => {
    const { store } = await fresh(256);
    await store.put('r', {});
    const n = 2000;
    const value = (i: number) => (i === 500 ? 99 : i === 501 ? NaN : i);
    for (let at = 0, seq = 1; at < n; at += 100, seq += 1) await store.append('r', batchOf(seq, Array.from({ length: 100 }, (_, i) => at + i), { a: Array.from({ length: 100 }, (_, i) => value(at + i)) }));
    await store.patch('r', { state: 'finished' });
    expect(await store.retain({ maxRows: 1000 })).toMatchObject({ runs: 1 });
    expect(await store.retain({ maxRows: 1000 })).toEqual({ runs: 0, rows: 0 });
    const whole = (await store.series('r', { metric: 'a', points: 100_000, axis: 'step', scale: 'linear' }))!;
    expect(whole.rawFrom).toBe(1000);
    expect(whole.count.reduce((a, b) => a + b, 0)).toBe(n);
    expect(whole.step0.filter((_, i) => whole.count[i] === 1)).toEqual(Array.from({ length: n - 1000 }, (_, i) => 1000 + i));
    const near = (await store.series('r', { metric: 'a', points: 1000, from: 495, to: 510, axis: 'step', scale: 'linear' }))!;
    expect(near).toMatchObject({ nan: [1], max: [expect.any(Number)] });
    expect(near.step0[0]).toBeLessThanOrEqual(500);
    expect(Math.max(...near.count)).toBeLessThanOrEqual(64);
    expect((await store.run('r'))!.expired).toBeGreaterThan(0);
    expect((await store.run('r'))!.summary.a).toMatchObject({ count: n, nan: 1 });
    expect(await store.retain({ maxAgeMs: 0 })).toMatchObject({ runs: 1, rows: n - 1000 });
    expect((await store.series('r', { metric: 'a', points: 7, axis: 'wall', scale: 'linear' }))!.count.reduce((a, b) => a + b, 0)).toBe(n);
    await store.delete('r');
    expect(await store.retain({ maxAgeMs: 0 })).toEqual({ runs: 0, rows: 0 });
  });
}

/** The curve has every point of the model in exactly one bucket, in order, and never more buckets than asked for. */
function expectFaithful(curve: NonNullable<Awaited<ReturnType<RunStore['series']>>>, points: readonly { step: number; value: number }[], most: number): void {
  expect(curve.step0.length).toBeLessThanOrEqual(most);
  if (points.length <= most) expect(curve.count.every((n) => n === 1)).toBe(true);
  let at = 0;
  curve.count.forEach((n, i) => {
    const mine = points.slice(at, at + n);
    at += n;
    const numbers = mine.map(({ value: x }) => x).filter((x) => !Number.isNaN(x));
    expect({
      step0: curve.step0[i], step1: curve.step1[i], nan: curve.nan[i], min: curve.min[i], max: curve.max[i], first: curve.first[i], last: curve.last[i],
    }).toEqual({
      step0: mine[0].step, step1: mine.at(-1)!.step, nan: mine.length - numbers.length,
      min: numbers.length === 0 ? NaN : Math.min(...numbers), max: numbers.length === 0 ? NaN : Math.max(...numbers), first: mine[0].value, last: mine.at(-1)!.value,
    });
    const mean = numbers.length === 0 ? NaN : numbers.reduce((a, b) => a + b, 0) / numbers.length;
    if (Number.isFinite(mean)) expect(Math.abs(curve.mean[i] - mean)).toBeLessThanOrEqual(1e-6 * Math.max(1, ...numbers.map(Math.abs)));
    else expect(curve.mean[i]).toBe(mean);
  });
  expect(at).toBe(points.length);
}
