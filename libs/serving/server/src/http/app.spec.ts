import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { subscribe } from '@gradstream/client';
import { encodePoints, parsePoints, pointsMediaType, type StreamEvent } from '@gradstream/protocol';
import { memoryStore } from '../open-store.ts';
import { serve, type RunningServer } from '../serve.ts';

let server: RunningServer;
const viewerDir = mkdtempSync(join(tmpdir(), 'gradstream-viewer-'));
mkdirSync(join(viewerDir, 'assets'));
writeFileSync(join(viewerDir, 'index.html'), '<!doctype html><title>viewer</title>');
writeFileSync(join(viewerDir, 'assets', 'main.js'), 'export {};');

beforeEach(async () => {
  server = await serve({ store: await memoryStore({ segmentRows: 16 }), port: 0, viewerDir, onError: (message, error) => { throw new Error(`${message}: ${String(error)}`); } });
});
afterEach(() => server.close());
afterAll(() => rmSync(viewerDir, { recursive: true }));

const call = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  fetch(server.url + path, { method, headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers }, body: body === undefined ? undefined : JSON.stringify(body) });
const answer = async (response: Response) => ({ status: response.status, body: response.status === 204 ? undefined : await response.json() });
const points = (seq: number, step: number[], m: object, more: object = {}) => ({ writer: 'w', seq, attempt: 0, t0: 1000, step, m, ...more });

/** The events of a stream that is over, as NDJSON. */
const dump = async (query: string): Promise<StreamEvent[]> => {
  const text = await (await fetch(`${server.url}/api/v1/stream?format=ndjson&follow=0&${query}`)).text();
  return text.split('\n').filter(Boolean).map((line) => JSON.parse(line) as StreamEvent);
};

describe('runs', () => {
  it('are created, listed, shown, changed and deleted', async () => {
    expect(await answer(await call('PUT', '/api/v1/runs/r1', { project: 'p', name: 'n', spec: { data: 'digits' }, tags: { a: 'b' } }))).toMatchObject({ status: 201, body: { id: 'r1', project: 'p', name: 'n', state: 'running', attempt: 0, spec: { data: 'digits' } } });
    expect((await call('PUT', '/api/v1/runs/r1')).status).toBe(200);
    expect(await answer(await call('GET', '/api/v1/runs'))).toMatchObject({ status: 200, body: { runs: [{ id: 'r1', summary: {} }] } });
    expect(await answer(await call('PATCH', '/api/v1/runs/r1', { state: 'finished', reason: 'done' }))).toMatchObject({ status: 200, body: { state: 'finished', reason: 'done' } });
    expect((await call('DELETE', '/api/v1/runs/r1')).status).toBe(204);
    expect(await answer(await call('GET', '/api/v1/runs/r1'))).toEqual({ status: 404, body: { error: { code: 'not_found', message: "there is no run 'r1'" } } });
  });

  it('are filtered and sorted by what they hold', async () => {
    for (const [id, accuracy] of [['a', 0.9], ['b', 0.97], ['c', 0.5]] as const) {
      await call('PUT', `/api/v1/runs/${id}`, { spec: { learningRate: accuracy / 10 } });
      await call('POST', `/api/v1/runs/${id}/points`, points(1, [1], { 'validation/accuracy': [accuracy] }));
    }
    await call('PATCH', '/api/v1/runs/b', { state: 'finished' });
    const list = async (query: Record<string, string>) => (await answer(await call('GET', `/api/v1/runs?${new URLSearchParams(query)}`))).body.runs.map(({ id }: { id: string }) => id).join('');
    expect(await list({ sort: '-validation/accuracy' })).toBe('bac');
    expect(await list({ filter: 'validation/accuracy > 0.6 and state = running' })).toBe('a');
    expect(await list({ filter: 'learningRate >= 0.09', sort: 'learningRate' })).toBe('ab');
  });

  it.each([
    ['GET', '/api/v1/runs?filter=state', undefined, 400, 'filter: expected one of'],
    ['PUT', '/api/v1/runs/r1', { nme: 'x' }, 400, 'run: nme is not a known field'],
    ['PUT', '/api/v1/runs/-r', {}, 400, "run: the id must be 1 to 128 letters, digits, '.', '_' or '-'"],
    ['PUT', '/api/v1/runs/..%2fr', {}, 400, 'run: the id must be'],
    ['GET', '/api/v1/runs/%zz', undefined, 400, 'the address holds a % sequence that is no text'],
    ['PATCH', '/api/v1/runs/r1', { state: 'lost' }, 400, 'run: state'],
    ['PATCH', '/api/v1/runs/none', {}, 404, "there is no run 'none'"],
    ['DELETE', '/api/v1/runs/none', undefined, 404, "there is no run 'none'"],
    ['GET', '/api/v1/runs?limit=0', undefined, 400, "runs: limit must be a whole number from 1 to 1000, received '0'"],
    ['GET', '/api/v1/nothing', undefined, 404, 'the API has no such address'],
    ['POST', '/api/v1/runs/r1/points', { writer: 'w' }, 400, 'points: seq must be a whole number of at least 1, received nothing'],
    ['POST', '/api/v1/runs/r1/events', { type: 'alert', level: 'loud', title: 't' }, 400, 'event: level'],
  ])('answer %s %s %j with %d and a sentence', async (method, path, body, status, sentence) => {
    const refused = await answer(await call(method, path, body));
    expect(refused.status).toBe(status);
    expect(refused.body.error.message).toContain(sentence);
  });

  it('refuse a body that is no JSON, or none at all, or too large', async () => {
    await call('PUT', '/api/v1/runs/r1');
    const post = (body: string | Uint8Array, headers: Record<string, string>) => fetch(`${server.url}/api/v1/runs/r1/points`, { method: 'POST', body: body as BodyInit, headers }).then(answer);
    expect(await post('{', { 'content-type': 'application/json' })).toMatchObject({ status: 400, body: { error: { message: expect.stringContaining('the body must be JSON') } } });
    expect(await post('x', { 'content-type': 'text/plain' })).toMatchObject({ status: 400, body: { error: { message: expect.stringContaining('received text/plain') } } });
    expect(await post(gzipSync(Buffer.alloc(2 ** 24)), { 'content-type': pointsMediaType, 'content-encoding': 'gzip' })).toMatchObject({ status: 413, body: { error: { message: 'the body must be at most 8388608 bytes, inflated' } } });
  });
});

describe('points', () => {
  it('come as JSON or as a frame, plain or gzip, and are counted', async () => {
    await call('PUT', '/api/v1/runs/r1');
    expect(await answer(await call('POST', '/api/v1/runs/r1/points', points(1, [1, 2], { 'train/loss': [0.5, 'NaN'], learningRate: [null, 0.1] })))).toEqual({ status: 200, body: { lsn: 3, accepted: 3, duplicate: 0, conflict: 0, rejected: [] } });
    const frame = encodePoints(parsePoints(points(2, [3], { 'train/loss': ['Infinity'] })));
    for (const [body, encoding] of [[frame, undefined], [gzipSync(frame), 'gzip']] as const) {
      const response = await fetch(`${server.url}/api/v1/runs/r1/points`, { method: 'POST', body: body as BodyInit, headers: { 'content-type': pointsMediaType, ...(encoding ? { 'content-encoding': encoding } : {}) } });
      expect(await answer(response)).toMatchObject({ status: 200, body: { lsn: 4 } });
    }
    const { body } = await answer(await call('GET', '/api/v1/runs/r1'));
    expect(body.summary).toEqual({ 'train/loss': { count: 3, nan: 1, min: 0.5, max: 'Infinity', last: 'Infinity', step: 3 }, learningRate: { count: 1, nan: 0, min: 0.1, max: 0.1, last: 0.1, step: 2 } });
  });

  it('are refused for a run nobody made', async () => {
    expect((await call('POST', '/api/v1/runs/r1/points', points(1, [1], { a: [1] }))).status).toBe(404);
  });

  it('read back as a curve, with NaN and infinities as words', async () => {
    await call('PUT', '/api/v1/runs/r1');
    await call('POST', '/api/v1/runs/r1/points', points(1, [1, 2, 3, 4], { a: [1, 'NaN', 3, '-Infinity'] }));
    const { body } = await answer(await call('GET', '/api/v1/runs/r1/series?metric=a&points=2'));
    expect(body).toEqual({ run: 'r1', metric: 'a', step0: [1, 3], step1: [2, 4], wall0: [1000, 1000], wall1: [1000, 1000], count: [2, 2], nan: [1, 0], min: [1, '-Infinity'], max: [1, 3], mean: [1, '-Infinity'], first: [1, 3], last: ['NaN', '-Infinity'] });
  });
});

describe('the stream', () => {
  const eventsUntil = async (response: Response, enough: (text: string) => boolean): Promise<string> => {
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (!enough(text)) {
      const { value, done } = await reader.read();
      if (done) break;
      text += value;
    }
    await reader.cancel();
    return text;
  };

  it('replays what there is, and ends there when it need not follow', async () => {
    await call('PUT', '/api/v1/runs/r1', { name: 'n' });
    await call('POST', '/api/v1/runs/r1/points', points(1, [1, 2], { a: [1, 'NaN'], b: [null, 2] }, { dt: [0, 5] }));
    await call('POST', '/api/v1/runs/r1/events', { type: 'alert', level: 'warning', title: 'hot', wall: 7 });
    expect(await dump('run=r1')).toEqual([
      { type: 'config', run: 'r1', lsn: [1, 1], wall: expect.any(Number), config: { name: 'n' } },
      { type: 'state', run: 'r1', lsn: [2, 2], wall: expect.any(Number), state: 'running' },
      { type: 'points', run: 'r1', lsn: [3, 3], attempt: 0, t0: 1000, step: [1, 2], dt: [0, 5], m: { a: [1, 'NaN'], b: [null, 2] } },
      { type: 'alert', run: 'r1', lsn: [4, 4], wall: 7, level: 'warning', title: 'hot' },
    ]);
    expect((await dump('run=r1&since=r1:3')).map(({ type }) => type)).toEqual(['alert']);
    expect((await dump('run=r1&since=now'))).toEqual([]);
  });

  it('selects metrics by glob', async () => {
    await call('PUT', '/api/v1/runs/r1');
    await call('POST', '/api/v1/runs/r1/points', points(1, [1, 2], { 'train/loss': [1, 2], 'validation/loss': [null, 3], learningRate: [0, 0] }));
    expect((await dump('run=r1&since=r1:2&metric=validation/*'))).toMatchObject([{ step: [2], m: { 'validation/loss': [3] } }]);
    expect((await dump('run=r1&since=r1:2&metric=train/loss&metric=l*'))).toMatchObject([{ step: [1, 2], m: { 'train/loss': [1, 2], learningRate: [0, 0] } }]);
  });

  it('thins rows out where it is asked to, and keeps extremes and NaN', async () => {
    await call('PUT', '/api/v1/runs/r1');
    await call('POST', '/api/v1/runs/r1/points', points(1, [0, 1, 2, 3, 4, 5], { a: [3, 9, 'NaN', -1, 2, 2] }));
    expect((await dump('run=r1&since=r1:2&mode=minmax'))).toMatchObject([{ step: [1, 2, 3, 5], m: { a: [9, 'NaN', -1, 2] }, of: 6 }]);
    expect((await dump('run=r1&since=r1:2&mode=last'))).toMatchObject([{ step: [5], m: { a: [2] }, of: 6 }]);
  });

  it('goes on live after the replay, and every event has its cursor', async () => {
    await call('PUT', '/api/v1/runs/r1');
    const response = await fetch(`${server.url}/api/v1/stream?run=r1&every=5ms`);
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const reading = eventsUntil(response, (text) => text.includes('"step":[2]'));
    for (const step of [0, 1, 2]) {
      await call('POST', '/api/v1/runs/r1/points', points(step + 1, [step], { a: [step] }));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect((await reading).match(/^id: .*$/gm)).toEqual(['id: r1:1', 'id: r1:2', 'id: r1:3', 'id: r1:4', 'id: r1:5']);
  });

  it('of every run brings runs that come later, and one cursor over all of them', async () => {
    await call('PUT', '/api/v1/runs/r1');
    const response = await fetch(`${server.url}/api/v1/stream?every=5ms`);
    const reading = eventsUntil(response, (text) => text.includes('"run":"r2","lsn":[2,2]'));
    await call('PUT', '/api/v1/runs/r2');
    const [last] = (await reading).match(/^id: .*$/gm)!.slice(-1);
    expect(await dump(`since=${last.slice(4)}`)).toEqual([]);
    expect(await dump('since=r1:2')).toHaveLength(2);
  });

  it('says when a run was deleted', async () => {
    await call('PUT', '/api/v1/runs/r1');
    const reading = eventsUntil(await fetch(`${server.url}/api/v1/stream?run=r1&every=5ms`), (text) => text.includes('event: deleted'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    await call('DELETE', '/api/v1/runs/r1');
    expect(await reading).toContain('"type":"deleted","run":"r1","lsn":[2,2]');
  });

  it.each([
    ['since=nonsense', 'since: expected a cursor'],
    ['mode=all', 'stream: mode'],
    ['every=soon', 'stream: every must be a time in ms, like 100ms, received'],
    ['run=a%2fb', "stream: run must be the id of a run, received 'a/b'"],
    ['rum=r1', 'stream: rum is not a known field'],
  ])('refuses %s', async (query, sentence) => {
    const refused = await answer(await call('GET', `/api/v1/stream?${query}`));
    expect(refused.status).toBe(400);
    expect(refused.body.error.message).toContain(sentence);
  });

  it('gives the same lines, whether they were sealed or not, from any cursor on', async () => {
    await call('PUT', '/api/v1/runs/r1');
    for (let i = 0; i < 60; i += 1) {
      await call('POST', '/api/v1/runs/r1/points', points(i + 1, [i], { a: [i] }));
      if (i % 7 === 0) await call('POST', '/api/v1/runs/r1/events', { type: 'text', name: 'log', text: String(i) });
    }
    const whole = await dump('run=r1');
    expect(whole.flatMap((event) => (event.type === 'points' ? event.step : []))).toEqual(Array.from({ length: 60 }, (_, i) => i));
    for (const since of [5, 20, 41, 60, 70]) {
      const rest = await dump(`run=r1&since=r1:${since}`);
      expect(rest[0]).toMatchObject({ lsn: [since + 1, expect.any(Number)] });
      expect(rest.at(-1)).toMatchObject({ lsn: [expect.any(Number), 71] });
    }
  });
});

describe('the viewer', () => {
  it('is served with a policy that allows no foreign script, and answers for pages of its own', async () => {
    for (const path of ['/', '/runs/r1', '/compare?a=1']) {
      const response = await fetch(server.url + path);
      expect(await response.text()).toContain('<title>viewer</title>');
      expect(response.headers.get('content-security-policy')).toContain("script-src 'self' 'wasm-unsafe-eval';worker-src 'self';style-src 'self'");
    }
    expect((await fetch(`${server.url}/assets/main.js`)).headers.get('cache-control')).toContain('immutable');
    expect((await fetch(`${server.url}/assets/none.js`)).status).toBe(404);
  });

  it.each(['/../app.ts', '/assets/..%2f..%2fapp.ts', '/assets/%2e%2e/%2e%2e/etc/passwd', '/assets/..%5c..%5capp.ts', '/%2fetc%2fpasswd', '/assets/main.js%00.html', '/.git/config'])('gives nothing from outside its folder for %s', async (path) => {
    const { request } = await import('node:http');
    const text = await new Promise<string>((resolve, reject) => {
      request(server.url, { path }, (response) => {
        let body = '';
        response.on('data', (chunk: Buffer) => (body += chunk.toString())).on('end', () => resolve(`${response.statusCode} ${body}`));
      }).on('error', reject).end();
    });
    expect(text).toMatch(/^(400|403|404) |<title>viewer<\/title>/);
  });
});

describe('a stream of very many runs', () => {
  it('goes on where it broke, without a gap or a repeat, and with no cursor that grows with the runs', async () => {
    const store = await memoryStore();
    const many = await serve({ store, port: 0 });
    const n = 600;
    await Promise.all(Array.from({ length: n }, (_, i) => store.put(`run-${i}`, {})));
    const row = (i: number, seq: number) => store.append(`run-${i}`, parsePoints(points(seq, [seq], { a: [i] })));
    await Promise.all(Array.from({ length: n }, (_, i) => row(i, 1)));
    const whole = await (await fetch(`${many.url}/api/v1/stream?follow=0&event=points`)).text();
    const longest = Math.max(...whole.split('\n').filter((line) => line.startsWith('id: ')).map((line) => line.length));
    expect(longest).toBeLessThan(5000);
    const seen: string[] = [];
    let breaks = 0;
    const broken: typeof fetch = async (input, init) => {
      const response = await fetch(input, init);
      if (breaks === 3) return response;
      breaks += 1;
      const body = response.body!;
      let left = 40_000 * breaks;
      return new Response(body.pipeThrough(new TransformStream<Uint8Array, Uint8Array>({ transform: (chunk, out) => {
        out.enqueue(chunk.subarray(0, left));
        left -= chunk.length;
        if (left <= 0) out.error(new Error('torn'));
      } })), { headers: response.headers });
    };
    const done = new Promise<void>((resolve) => {
      const subscription = subscribe(many.url, { event: 'points', fetch: broken, everyMs: 1 }).subscribe((event) => {
        if (event.type === 'points') seen.push(...event.step.map((step) => `${event.run} ${step}`));
        if (seen.length === n + 20) {
          subscription.unsubscribe();
          resolve();
        }
      });
    });
    for (let i = 0; i < 20; i += 1) await row(i, 2);
    await done;
    await many.close();
    expect(breaks).toBe(3);
    expect(new Set(seen).size).toBe(n + 20);
  }, 60_000);
});

describe('events beside the points', () => {
  const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]).toString('base64');
  const events = async (query = '') => (await answer(await call('GET', `/api/v1/runs/r1/events?${query}`))).body;
  beforeEach(() => call('PUT', '/api/v1/runs/r1'));

  it('come out of the log as they went in, live and later, by type, name and step', async () => {
    const given = [
      { type: 'alert', wall: 1, level: 'warning', title: 'loss rose', step: 4 },
      { type: 'text', wall: 2, name: 'sample', text: 'To be, or', step: 4 },
      { type: 'histogram', wall: 3, name: 'weights/dense', step: 4, edges: [-1, 0, 1], counts: [3, 4], nan: 1 },
      { type: 'histogram', wall: 4, name: 'weights/dense', step: 8, edges: [-2, 0, 2], counts: [5, 2] },
      { type: 'histogram', wall: 5, name: 'gradients/dense', step: 8, edges: [0, 1], counts: [7] },
      { type: 'image', wall: 6, name: 'first layer', step: 8, png, caption: 'filters' },
    ];
    for (const event of given) expect((await answer(await call('POST', '/api/v1/runs/r1/events', event))).status).toBe(200);
    const placed = given.map((event, i) => ({ run: 'r1', lsn: [3 + i, 3 + i], ...event }));
    expect(await events('type=alert&type=text&type=histogram&type=image')).toEqual({ events: placed });
    expect(await dump('run=r1&event=histogram&event=image')).toEqual(placed.slice(2));
    expect(await events('name=weights/*&from=5')).toEqual({ events: [placed[3]] });
    expect(await events('type=histogram&to=4')).toEqual({ events: [placed[2]] });
    const first = await events('type=histogram&limit=2');
    expect(first).toEqual({ events: placed.slice(2, 4), next: 6 });
    expect(await events(`type=histogram&limit=2&after=${first.next}`)).toEqual({ events: [placed[4]] });
    expect((await call('GET', '/api/v1/runs/none/events')).status).toBe(404);
  });

  it.each([
    [{ type: 'state', state: 'finished' }, "event: a run's state is changed by PATCH /api/v1/runs/{id}, received an event of type 'state'"],
    [{ type: 'control', id: 'x', status: 'asked', command: 'stop' }, "event: a command is given at POST /api/v1/runs/{id}/commands, received one with the status 'asked'"],
    [{ type: 'image', name: 'a', step: 1, png: 'PHN2Zz4=' }, 'event: png must be a PNG in base64'],
    [{ type: 'image', name: 'a', step: 1, png: `iVBORw0KGgo${'A'.repeat(2 ** 18)}` }, 'event: png must be at most 262144 letters of base64'],
  ])('are refused where they are %j', async (event, sentence) => {
    const { status, body } = await answer(await call('POST', '/api/v1/runs/r1/events', event));
    expect(status).toBe(400);
    expect(body.error.message).toContain(sentence);
  });
});

describe('retention', () => {
  it('is said by the server, and by the curves of which it took points', async () => {
    const store = await memoryStore({ segmentRows: 64 });
    await store.put('r', {});
    for (let i = 0; i < 10; i += 1) await store.append('r', parsePoints(points(i + 1, Array.from({ length: 64 }, (_, k) => 64 * i + k), { a: Array.from({ length: 64 }, (_, k) => (i === 0 && k === 7 ? 99 : k)) })));
    await store.patch('r', { state: 'finished' });
    const kept = await serve({ store, port: 0, retention: { maxRows: 128 } });
    try {
      const get = async (path: string) => (await fetch(`${kept.url}/api/v1/${path}`)).json();
      expect(await get('server')).toEqual({ api: '1', retention: { maxRows: 128 } });
      const curve = await get('runs/r/series?metric=a&points=5');
      expect(curve.rawFrom).toBe(512);
      expect(Math.max(...curve.max)).toBe(99);
      expect((await get('runs/r')).expired).toBe(10);
      const stream = (await (await fetch(`${kept.url}/api/v1/stream?run=r&format=ndjson&follow=0&event=gap`)).text()).trim();
      expect(JSON.parse(stream)).toEqual({ type: 'gap', run: 'r', lsn: [3, 10], reason: 'the points have expired; their curves stay' });
    } finally {
      await kept.close();
    }
  });
});

describe('serve', () => {
  it('says in one sentence that a port is taken, or not a port', async () => {
    const store = await memoryStore();
    await expect(serve({ store, port: Number(new URL(server.url).port) })).rejects.toThrow(/^serve: port \d+ on 127.0.0.1 is in use; choose another with --port, or stop what uses it$/);
    await expect(serve({ store, port: 99_999 })).rejects.toThrow('serve: port must be a whole number from 0 to 65535, received 99999');
  });

  it('answers its health', async () => {
    expect(await (await fetch(`${server.url}/health`)).text()).toBe('ok');
  });
});
