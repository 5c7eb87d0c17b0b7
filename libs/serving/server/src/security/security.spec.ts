import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect as connectSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { apiRoutes } from '../http/app.ts';
import { Mlflow, mlflowCalls } from '../mlflow/routes.ts';
import { memoryStore } from '../open-store.ts';
import { isLoopback, serve, type RunningServer, type ServeOptions } from '../serve.ts';
import { Hub } from '../stream/hub.ts';
import { Guard } from './guard.ts';
import { Rates } from './rates.ts';
import { Tickets } from './tickets.ts';
import { scope, Tokens, type Scope } from './tokens.ts';

const running: RunningServer[] = [];
afterEach(async () => {
  for (const server of running.splice(0)) await server.close();
});

async function start(options: Partial<ServeOptions> = {}): Promise<RunningServer> {
  const server = await serve({ store: await memoryStore(), port: 0, onError: (message, error) => { throw new Error(`${message}: ${String(error)}`); }, ...options });
  running.push(server);
  return server;
}

/** A request as anybody can write it: with any Host, Origin or path. */
const raw = (url: string, method: string, path: string, headers: Record<string, string> = {}, body?: string): Promise<{ status: number; headers: Record<string, unknown>; text: string }> => new Promise((resolve, reject) => {
  const call = httpRequest(url, { method, path, headers }, (response) => {
    const settle = (text: string) => resolve({ status: response.statusCode!, headers: response.headers, text });
    if (String(response.headers['content-type']).startsWith('text/event-stream')) {
      settle('');
      call.destroy();
      return;
    }
    let text = '';
    response.on('data', (chunk: Buffer) => (text += chunk.toString())).on('end', () => settle(text));
  });
  call.on('error', reject);
  call.end(body);
});

const verbs = ['GET', 'PUT', 'POST', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD'];

describe('DNS rebinding and foreign pages', () => {
  it.each(verbs)('cannot use %s under a foreign name', async (verb) => {
    const { url } = await start();
    for (const host of ['evil.example', 'evil.example:4319', '127.0.0.1.evil.example', 'localhost.evil.example:80']) expect((await raw(url, verb, '/api/v1/runs/r', { host })).status).toBe(421);
  });

  it.each(verbs)('cannot use %s from a foreign origin', async (verb) => {
    const { url } = await start();
    for (const origin of ['http://evil.example', 'null', 'http://127.0.0.1:1', `${url}.evil.example`]) expect((await raw(url, verb, '/api/v1/runs/r', { origin })).status).toBe(403);
    expect((await raw(url, verb, '/api/v1/runs', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' })).status).toBe(403);
  });

  it('do not keep out pages of our own, or of an origin that is allowed', async () => {
    const { url } = await start({ origins: ['https://app.example'], hosts: ['metrics.example'] });
    expect((await raw(url, 'GET', '/api/v1/runs', { origin: url })).status).toBe(200);
    expect((await raw(url, 'GET', '/api/v1/runs', { host: `metrics.example:${new URL(url).port}` })).status).toBe(200);
    const allowed = await raw(url, 'OPTIONS', '/api/v1/runs/r', { origin: 'https://app.example' });
    expect(allowed).toMatchObject({ status: 204, headers: { 'access-control-allow-origin': 'https://app.example' } });
    expect((await raw(url, 'GET', '/api/v1/runs', { origin: url })).headers).not.toHaveProperty('access-control-allow-origin');
  });
});

describe('tokens', () => {
  const scopes = scope.options;
  const routes = async () => {
    const store = await memoryStore();
    return apiRoutes(store, new Guard(), new Hub(store));
  };

  it('are asked for on every route, and each route lets in its own scope alone', async () => {
    const tokens = new Tokens();
    const made = Object.fromEntries(scopes.map((name) => [name, tokens.create({ name, scopes: [name] })])) as Record<Scope, string>;
    const { url } = await start({ tokens, requireToken: true });
    for (const route of await routes()) {
      const path = `/api/v1${route.path.replace(':id', 'r')}`;
      const status = async (headers: Record<string, string>) => (await raw(url, route.method.toUpperCase(), path, headers)).status;
      if (route.scope === 'public') {
        expect({ path, status: await status({}) }).not.toEqual({ path, status: 403 });
        continue;
      }
      expect({ path, status: await status({}) }).toEqual({ path, status: 401 });
      expect({ path, status: await status({ authorization: 'Bearer gs_000000000000_wrong' }) }).toEqual({ path, status: 401 });
      for (const name of scopes) {
        const got = await status({ authorization: `Bearer ${made[name]}` });
        expect({ path, name, denied: got === 401 || got === 403 }).toEqual({ path, name, denied: name !== route.scope && name !== 'admin' });
      }
    }
  });

  it("are asked for on every call of MLflow's client too, under both of its addresses", async () => {
    const tokens = new Tokens();
    const reader = `Bearer ${tokens.create({ name: 'r', scopes: ['read'] })}`;
    const { url } = await start({ tokens, requireToken: true });
    for (const base of ['/api/2.0/mlflow', '/ajax-api/2.0/mlflow']) {
      for (const [method, path, scope] of mlflowCalls(new Mlflow(await memoryStore()))) {
        const status = async (headers: Record<string, string>) => (await raw(url, method.toUpperCase(), `${base}/${path}`, { 'content-type': 'application/json', ...headers }, method === 'post' ? '{}' : undefined)).status;
        expect({ path, status: await status({}) }).toEqual({ path, status: 401 });
        expect({ path, denied: (await status({ authorization: reader })) === 403 }).toEqual({ path, denied: scope === 'write' });
      }
    }
  });

  it('leave no trace in what runs say, in exports, in logs or in errors', async () => {
    const tokens = new Tokens();
    const said: string[] = [];
    const { url } = await start({ tokens, requireToken: true, onError: (message, error) => void said.push(`${message} ${String(error)}`) });
    const token = tokens.create({ name: 'planted', scopes: ['read', 'write'] });
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    await raw(url, 'PUT', '/api/v1/runs/r', headers, '{"name":"n"}');
    await raw(url, 'POST', '/api/v1/runs/r/points', headers, '{"writer":"w","seq":1,"t0":1,"step":[1],"m":{"a":[1]}}');
    for (const path of ['runs/r', 'runs/r/export', 'runs/r/export?format=ndjson', 'export/runs', 'stream?run=r&format=ndjson&follow=0', 'openmetrics', 'openapi.json', 'asyncapi.json', 'runs?filter=(', 'runs/r/series?metric=']) {
      const { text, headers: answered } = await raw(url, 'GET', `/api/v1/${path}`, headers);
      expect(text + JSON.stringify(answered)).not.toContain(token.slice(16));
    }
    expect(said.join()).not.toContain(token.slice(16));
  });

  it('do not open what is no route', async () => {
    const tokens = new Tokens();
    const { url } = await start({ tokens, requireToken: true });
    const token = tokens.create({ name: 'a', scopes: ['admin'] });
    expect((await raw(url, 'GET', '/api/v2/runs', { authorization: `Bearer ${token}` })).status).toBe(404);
  });

  it('are made at the start where others can reach the server, and only then', async () => {
    expect((await start()).token).toBeUndefined();
    const { url, token } = await start({ host: '0.0.0.0' });
    const local = url.replace('0.0.0.0', '127.0.0.1');
    expect((await raw(local, 'GET', '/api/v1/runs')).status).toBe(401);
    expect((await raw(local, 'GET', '/api/v1/runs', { authorization: `Bearer ${token}` })).status).toBe(200);
    expect((await raw(local, 'GET', '/api/v1/runs', { authorization: `Basic ${Buffer.from(`me:${token}`).toString('base64')}` })).status).toBe(200);
    expect(['127.0.0.1', '127.9.9.9', '::1', 'localhost'].every(isLoopback)).toBe(true);
    expect(['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.evil.example'].some(isLoopback)).toBe(false);
  });

  it('expire, can be revoked, and stand hashed in a file for its owner alone', () => {
    const dir = mkdtempSync(join(tmpdir(), 'gradstream-tokens-'));
    const file = join(dir, 'tokens.json');
    const tokens = new Tokens(file);
    const text = tokens.create({ name: 'a', scopes: ['read'], expires: 2000 }, 1000);
    expect(readFileSync(file, 'utf8')).not.toContain(text.slice(text.indexOf('_', 3) + 1));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const again = new Tokens(file);
    expect(again.grant(text, 1999)?.scopes).toEqual(new Set(['read']));
    expect(again.grant(text, 2000)).toBeUndefined();
    expect(again.revoke(again.list()[0].id)).toBe(true);
    expect(new Tokens(file).grant(text, 1999)).toBeUndefined();
    rmSync(dir, { recursive: true });
  });

  it('that another process makes or revokes in the file count in this one; one made for a start stays with it', () => {
    const dir = mkdtempSync(join(tmpdir(), 'gradstream-tokens-'));
    const file = join(dir, 'tokens.json');
    const server = new Tokens(file);
    const passing = server.create({ name: 'made at start', scopes: ['admin'] }, Date.now(), false);
    const text = new Tokens(file).create({ name: 'other', scopes: ['read'] });
    const later = (s: number) => Date.now() + 1000 * s;
    expect(server.grant(text, later(2))?.scopes).toEqual(new Set(['read']));
    expect(server.grant(passing)?.scopes).toEqual(new Set(['admin']));
    expect(readFileSync(file, 'utf8')).not.toContain('made at start');
    server.create({ name: 'third', scopes: ['read'] });
    const [{ id }] = new Tokens(file).list();
    expect(new Tokens(file).list().map(({ name }) => name)).toEqual(['other', 'third']);
    new Tokens(file).revoke(id);
    expect(server.grant(text, later(4))).toBeUndefined();
    writeFileSync(file, '{');
    expect(server.grant(passing, later(8))?.scopes).toEqual(new Set(['admin']));
    expect(() => new Tokens(file)).toThrow(`tokens: ${file} must hold JSON`);
    rmSync(dir, { recursive: true });
  });

  it('from the first one on are needed, and still when it was revoked', async () => {
    const tokens = new Tokens();
    const { url } = await start({ tokens });
    expect((await raw(url, 'GET', '/api/v1/runs')).status).toBe(200);
    tokens.create({ name: 'a', scopes: ['read'] });
    expect((await raw(url, 'GET', '/api/v1/runs')).status).toBe(401);
    tokens.revoke(tokens.list()[0].id);
    expect((await raw(url, 'GET', '/api/v1/runs')).status).toBe(401);
  });

  it('for one project see and touch no other', async () => {
    const tokens = new Tokens();
    const store = await memoryStore();
    const { url } = await start({ tokens, store, requireToken: true });
    await store.put('theirs', { project: 'other' });
    const headers = { authorization: `Bearer ${tokens.create({ name: 'a', scopes: ['read', 'write'], project: 'mine' })}`, 'content-type': 'application/json' };
    expect((await raw(url, 'PUT', '/api/v1/runs/r', headers, '{}')).text).toContain('"project":"mine"');
    expect((await raw(url, 'PUT', '/api/v1/runs/s', headers, '{"project":"other"}')).status).toBe(403);
    expect((await raw(url, 'PATCH', '/api/v1/runs/r', headers, '{"project":"other"}')).status).toBe(403);
    expect(JSON.parse((await raw(url, 'GET', '/api/v1/runs?project=other', headers)).text).runs.map(({ id }: { id: string }) => id)).toEqual(['r']);
    for (const [verb, path] of [['GET', ''], ['PUT', ''], ['PATCH', ''], ['DELETE', ''], ['POST', '/points'], ['GET', '/series?metric=a']]) {
      expect((await raw(url, verb, `/api/v1/runs/theirs${path}`, headers, verb.startsWith('P') ? '{}' : undefined)).status).toBe(404);
    }
    expect((await raw(url, 'GET', '/api/v1/stream?run=theirs', headers)).status).toBe(404);
    const everything = (await raw(url, 'GET', '/api/v1/stream?format=ndjson&follow=0', headers)).text;
    expect(everything).toContain('"run":"r"');
    expect(everything).not.toContain('theirs');
  });

  it('go into a cookie that no script reads, and come out again', async () => {
    const tokens = new Tokens();
    const { url } = await start({ tokens, requireToken: true });
    const token = tokens.create({ name: 'a', scopes: ['read'] });
    const json = { 'content-type': 'application/json' };
    expect((await raw(url, 'POST', '/api/v1/session', json, '{"token":"guess"}')).status).toBe(401);
    expect(JSON.parse((await raw(url, 'GET', '/api/v1/session')).text)).toEqual({ required: true, scopes: [] });
    const signedIn = await raw(url, 'POST', '/api/v1/session', json, JSON.stringify({ token }));
    const [cookie] = signedIn.headers['set-cookie'] as string[];
    expect(cookie).toMatch(/; Path=\/; HttpOnly; SameSite=Strict$/);
    expect((await raw(url, 'GET', '/api/v1/runs', { cookie: cookie.split(';')[0] })).status).toBe(200);
    expect((await raw(url, 'DELETE', '/api/v1/session')).headers['set-cookie']).toEqual([expect.stringContaining('gradstream=;')]);
  });

  it('are asked for by a form where a browser opens a page; it goes on to that page, and to no other server', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'gradstream-sign-in-'));
    writeFileSync(join(dir, 'index.html'), '<title>viewer</title>');
    const tokens = new Tokens();
    const { url } = await start({ tokens, requireToken: true, viewerDir: dir });
    const token = tokens.create({ name: 'a', scopes: ['read'] });
    const asked = await raw(url, 'GET', '/?run=%22%3E%3Cscript%3E');
    expect(asked.status).toBe(401);
    expect(asked.text).toContain('<form method="post" action="/sign-in">');
    expect(asked.text).not.toMatch(/<script|title>viewer/);
    const post = (given: Record<string, string>, more = {}) => raw(url, 'POST', '/sign-in', { 'content-type': 'application/x-www-form-urlencoded', ...more }, new URLSearchParams(given).toString());
    expect(await post({ token: 'guess', next: '/x' })).toMatchObject({ status: 401, text: expect.stringContaining('unknown or has expired') });
    const done = await post({ token, next: '/?run=a' });
    expect([done.status, done.headers.location]).toEqual([303, '/?run=a']);
    const [cookie] = done.headers['set-cookie'] as string[];
    expect(cookie).toMatch(/; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(done.text).not.toContain(token);
    expect(await raw(url, 'GET', '/?run=a', { cookie: cookie.split(';')[0] })).toMatchObject({ status: 200, text: '<title>viewer</title>' });
    for (const next of ['//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)']) expect((await post({ token, next })).headers.location).toBe('/');
    expect((await post({ token }, { origin: 'http://evil.example' })).status).toBe(403);
    expect((await raw((await start({ viewerDir: dir })).url, 'GET', '/')).status).toBe(200);
    rmSync(dir, { recursive: true });
  });

  it('never stand in an address: a stream takes a ticket, once, for reading', async () => {
    const tokens = new Tokens();
    const { url } = await start({ tokens, requireToken: true });
    const token = tokens.create({ name: 'a', scopes: ['admin'] });
    const issue = async () => JSON.parse((await raw(url, 'POST', '/api/v1/stream-tickets', { authorization: `Bearer ${token}` })).text).ticket as string;
    const ticket = await issue();
    expect((await raw(url, 'GET', `/api/v1/stream?ticket=${ticket}`)).status).toBe(200);
    expect((await raw(url, 'GET', `/api/v1/stream?ticket=${ticket}`)).status).toBe(401);
    expect((await raw(url, 'DELETE', `/api/v1/runs/r?ticket=${await issue()}`)).status).toBe(401);
    expect((await raw(url, 'GET', `/api/v1/stream?token=${token}`)).status).toBe(401);
    const tickets = new Tickets();
    expect(tickets.redeem(tickets.issue({ scopes: new Set(['read']) }, 0), 30_000)).toBeUndefined();
  });

  it('leave no trace in answers', async () => {
    const tokens = new Tokens();
    const { url } = await start({ tokens, requireToken: true });
    const token = tokens.create({ name: 'planted', scopes: ['read'] });
    for (const path of ['/api/v1/runs', '/api/v1/runs/none', '/api/v1/session', '/api/v1/nothing', '/api/v1/runs?limit=x']) {
      const { text, headers } = await raw(url, 'GET', path, { authorization: `Bearer ${token}` });
      expect(text + JSON.stringify(headers)).not.toContain(token);
    }
  });
});

describe('points, which come in before the app', () => {
  const path = '/api/v1/runs/r/points';

  it.each(['application/json', 'application/vnd.gradstream.points'])('as %s meet the same guard', async (type) => {
    const tokens = new Tokens();
    const { url } = await start({ tokens, requireToken: true });
    const reader = `Bearer ${tokens.create({ name: 'r', scopes: ['read'] })}`;
    const writer = `Bearer ${tokens.create({ name: 'w', scopes: ['write'] })}`;
    const status = async (headers: Record<string, string>, body = '{}') => (await raw(url, 'POST', path, { 'content-type': type, 'content-length': String(body.length), ...headers }, body)).status;
    expect(await status({})).toBe(401);
    expect(await status({ authorization: reader })).toBe(403);
    expect(await status({ authorization: writer, host: 'evil.example' })).toBe(421);
    expect(await status({ authorization: writer, origin: 'http://evil.example' })).toBe(403);
    expect(await status({ authorization: writer })).toBe(400);
    expect(await status({ authorization: writer }, '{"a":')).toBe(400);
    expect(await status({ authorization: writer }, `${'['.repeat(1000)}${']'.repeat(1000)}`)).toBe(400);
  });

  it('are bounded in size', async () => {
    const { url } = await start();
    const response = await fetch(url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: `"${'a'.repeat(2 ** 20)}"` }).catch((error: unknown) => error);
    if (response instanceof Response) expect(await response.json()).toEqual({ error: { code: 'too_large', message: 'the body must be at most 1048576 bytes, inflated' } });
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });
});

describe('rates', () => {
  it('hold back a token that comes too often, each by itself, and tell it when to come again', async () => {
    const tokens = new Tokens();
    const { url } = await start({ tokens, requireToken: true });
    const auth = (limits?: object) => ({ authorization: `Bearer ${tokens.create({ name: 'a', scopes: ['read', 'write'], limits })}` });
    const [slow, other] = [auth({ requestsPerSecond: 0.5 }), auth()];
    const statuses: number[] = [];
    for (let i = 0; i < 3; i += 1) statuses.push((await raw(url, 'GET', '/api/v1/runs', slow)).status);
    expect(statuses).toEqual([200, 429, 429]);
    const refused = await raw(url, 'GET', '/api/2.0/mlflow/experiments/search', slow);
    expect([refused.status, JSON.parse(refused.text).error_code, Number(refused.headers['retry-after'])]).toEqual([429, 'REQUEST_LIMIT_EXCEEDED', expect.any(Number)]);
    expect((await raw(url, 'GET', '/api/v1/runs', other)).status).toBe(200);
    const narrow = { ...auth({ pointsPerSecond: 2 }), 'content-type': 'application/json' };
    await raw(url, 'PUT', '/api/v1/runs/r', narrow, '{}');
    const points = (seq: number) => raw(url, 'POST', '/api/v1/runs/r/points', narrow, JSON.stringify({ writer: 'w', seq, t0: 1, step: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((s) => 10 * seq + s), m: { a: Array(10).fill(seq) } }));
    expect((await points(1)).status).toBe(200);
    const second = await points(2);
    expect([second.status, Number(second.headers['retry-after'])]).toEqual([429, expect.any(Number)]);
    const few = { ...auth({ bytesPerSecond: 100 }), 'content-type': 'application/json' };
    const put = () => raw(url, 'PUT', '/api/v1/runs/s', few, JSON.stringify({ spec: { text: 'x'.repeat(1000) } }));
    expect([(await put()).status, (await put()).status]).toEqual([201, 429]);
  });

  it('let what came late through when its time has come', () => {
    const rates = new Rates();
    const grant = { scopes: new Set<Scope>(), token: 't', limits: { requestsPerSecond: 2 } };
    expect([0, 0, 0, 0].map((at) => rates.spend(grant, { requests: 1 }, at))).toEqual([0, 0, 0, 0]);
    const wait = rates.spend(grant, { requests: 1 }, 0);
    expect(wait).toBe(500);
    expect(rates.spend(grant, { requests: 1 }, wait)).toBe(0);
    expect(rates.spend({ scopes: new Set() }, { requests: 1e9 }, 0)).toBe(0);
  });
});

describe('steering', () => {
  it('is off unless it was asked for', () => {
    const request = { headers: {} } as never;
    expect(new Guard().grant(request).scopes.has('control')).toBe(false);
    expect(new Guard({ control: true }).grant(request).scopes.has('control')).toBe(true);
  });
});

describe('requests that cost much', () => {
  it('are refused: streams beyond the most, deep JSON, many headers', async () => {
    const { url } = await start({ maxStreamsPerAddress: 2 });
    const open = await Promise.all([1, 2].map(() => fetch(`${url}/api/v1/stream`)));
    const third = await fetch(`${url}/api/v1/stream`);
    expect(third.status).toBe(429);
    expect(third.headers.get('retry-after')).toBe('1');
    await Promise.all(open.map((response) => response.body!.cancel()));
    const deep = `{"spec":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}`;
    expect(await raw(url, 'PUT', '/api/v1/runs/r', { 'content-type': 'application/json' }, deep)).toMatchObject({ status: 400, text: expect.stringContaining('at most 64 deep') });
    expect((await raw(url, 'PUT', '/api/v1/runs/r', { 'content-type': 'application/json' }, JSON.stringify({ spec: { text: '[{'.repeat(1000) } }))).status).toBe(201);
    expect((await raw(url, 'GET', '/health', { 'x-long': 'a'.repeat(20_000) })).status).toBe(431);
  });

  it('are refused: a megabyte of gzip that inflates to more than there may be', async () => {
    const { url } = await start();
    await raw(url, 'PUT', '/api/v1/runs/r', { 'content-type': 'application/json' }, '{}');
    const bomb = gzipSync(Buffer.alloc(64 * 2 ** 20));
    expect(bomb.length).toBeLessThan(100_000);
    const before = process.memoryUsage().arrayBuffers;
    for (const type of ['application/json', 'application/vnd.gradstream.points']) {
      const response = await fetch(`${url}/api/v1/runs/r/points`, { method: 'POST', headers: { 'content-type': type, 'content-encoding': 'gzip' }, body: bomb });
      expect(response.status).toBe(413);
      await response.text();
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(48 * 2 ** 20);
  });

  it('are refused: more metrics than a run may have', async () => {
    const { url } = await start();
    await raw(url, 'PUT', '/api/v1/runs/r', { 'content-type': 'application/json' }, '{}');
    let rejected = 0;
    for (let part = 0; part < 3; part += 1) {
      const m = Object.fromEntries(Array.from({ length: 4000 }, (_, i) => [`m${part * 4000 + i}`, [1]]));
      const { text } = await raw(url, 'POST', '/api/v1/runs/r/points', { 'content-type': 'application/json' }, JSON.stringify({ writer: 'w', seq: part + 1, t0: 1, step: [part], m }));
      rejected += JSON.parse(text).rejected.length;
    }
    expect(rejected).toBe(2000);
  });

  it('do not carry code: filters of any text are answered or refused, and run nothing', async () => {
    const { url } = await start();
    await raw(url, 'PUT', '/api/v1/runs/r', { 'content-type': 'application/json' }, '{}');
    await fc.assert(fc.asyncProperty(fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'()<>=!\'"`.,/*$ {}[]andornot1') }), fc.constantFrom('constructor.constructor("return process")()', '__proto__ = 1', 'a'.repeat(4001), '('.repeat(2000))), async (filter) => {
      const { status } = await raw(url, 'GET', `/api/v1/runs?${new URLSearchParams({ filter })}`);
      expect([200, 400]).toContain(status);
    }), { numRuns: 150 });
  });

  it('are cut off when they never end', async () => {
    const { url } = await start();
    const socket = connectSocket(Number(new URL(url).port), '127.0.0.1');
    socket.write('POST /api/v1/runs/r/points HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff;');
    const answer = await new Promise<string>((resolve) => socket.once('data', (chunk) => resolve(chunk.toString())).once('error', () => resolve('closed')));
    expect(answer).toMatch(/^(HTTP\/1.1 4\d\d|closed)/);
    socket.destroy();
  });

  it('are answered without a word of where it went wrong inside', async () => {
    const { url } = await start();
    for (const body of ['{"name":1}', '[]', '"x"', 'null', '{"tags":{"a":{}}}', '{"__proto__":{"x":1}}', '{"constructor":{"prototype":{}}}']) {
      const { status, text } = await raw(url, 'PUT', '/api/v1/runs/r', { 'content-type': 'application/json' }, body);
      expect({ body, status }).toEqual({ body, status: 400 });
      expect(text).not.toMatch(/node_modules|at \w+ \(|\.ts:/);
    }
    expect(({} as { x?: number }).x).toBeUndefined();
  });
});
