import { execFileSync, spawnSync } from 'node:child_process';
import { parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { memoryStore } from '../open-store.ts';
import { serve, type RunningServer } from '../serve.ts';
import { batchOf } from '../run-store.conformance.ts';
import { decodeScalars } from '../tensorboard/event-file.ts';

let server: RunningServer;
beforeEach(async () => {
  const store = await memoryStore();
  server = await serve({ store, port: 0 });
  await store.put('r', { project: 'a "b"\\' });
  await store.append('r', batchOf(1, [0, 1], { 'train/loss': [1, NaN], '=cmd,x': [null, Infinity] }));
});
afterEach(() => server.close());
const get = (path: string) => fetch(server.url + path);

/** Finds a schema's first disagreement with a value: enough of JSON Schema for what the document uses. */
function mismatch(schema: Record<string, unknown>, value: unknown, path = ''): string | undefined {
  const { type, properties, required, items, anyOf, enum: allowed, additionalProperties } = schema as { type?: string; properties?: Record<string, Record<string, unknown>>; required?: string[]; items?: Record<string, unknown>; anyOf?: Record<string, unknown>[]; enum?: unknown[]; additionalProperties?: Record<string, unknown> | boolean };
  if (anyOf) return anyOf.some((each) => mismatch(each, value, path) === undefined) ? undefined : `${path}: none of anyOf`;
  if (allowed) return allowed.includes(value) ? undefined : `${path}: not in enum`;
  const actual = Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value;
  if (type && type !== actual && !(type === 'integer' && Number.isInteger(value))) return `${path}: ${actual} is no ${type}`;
  if (Array.isArray(value) && items) return value.map((each, i) => mismatch(items, each, `${path}[${i}]`)).find(Boolean);
  if (actual !== 'object') return undefined;
  const missing = required?.find((key) => !Object.hasOwn(value as object, key));
  if (missing) return `${path}.${missing}: missing`;
  for (const [key, each] of Object.entries(value as object)) {
    const rule = properties && Object.hasOwn(properties, key) ? properties[key] : typeof additionalProperties === 'object' ? additionalProperties : undefined;
    const found = rule && mismatch(rule, each, `${path}.${key}`);
    if (found) return found;
  }
  return undefined;
}

describe('the OpenAPI document', () => {
  it('describes what every route that can be read really answers', async () => {
    const document = await (await get('/api/v1/openapi.json')).json();
    expect(document.openapi).toBe('3.1.0');
    const query: Record<string, string> = { '/api/v1/runs/{id}/series': '?metric=train/loss', '/api/v1/runs/{id}/series/export': '?metric=train/loss', '/api/v1/stream': '?follow=0' };
    for (const [path, methods] of Object.entries<Record<string, { responses: Record<string, { content?: Record<string, { schema: Record<string, unknown> }> }> }>>(document.paths)) {
      if (!methods.get) continue;
      const response = await get(path.replace('{id}', 'r') + (query[path] ?? ''));
      const [[type, { schema }]] = Object.entries(methods.get.responses[String(response.status)].content!);
      expect(response.headers.get('content-type')).toContain(type.split(';')[0]);
      const body = await response.text();
      if (type === 'application/json') expect({ path, mismatch: mismatch(schema, JSON.parse(body)) }).toEqual({ path, mismatch: undefined });
    }
  });

  it('says which scope each route needs', async () => {
    const { paths } = await (await get('/api/v1/openapi.json')).json();
    expect(paths['/api/v1/runs/{id}/points'].post).toMatchObject({ 'x-scope': 'write', requestBody: { content: { 'application/vnd.gradstream.points': expect.anything() } } });
    expect(paths['/api/v1/session'].get.security).toEqual([]);
  });
});

describe('exports', () => {
  it('give every point as CSV that no spreadsheet runs, and as NDJSON', async () => {
    const csv = (await (await get('/api/v1/runs/r/export')).text()).trimEnd().split('\n');
    expect(csv).toEqual(['run,attempt,metric,step,wall,value', 'r,0,train/loss,0,1000,1', 'r,0,train/loss,1,1001,NaN', `r,0,"'=cmd,x",1,1001,Infinity`]);
    expect((await (await get('/api/v1/runs/r/export?format=ndjson&metric=train/*')).text()).trimEnd().split('\n').map((line) => JSON.parse(line))).toEqual([
      { run: 'r', attempt: 0, metric: 'train/loss', step: 0, wall: 1000, value: 1 }, { run: 'r', attempt: 0, metric: 'train/loss', step: 1, wall: 1001, value: 'NaN' },
    ]);
    expect((await get('/api/v1/runs/none/export')).status).toBe(404);
  });

  it('give points, curves and runs as Parquet that another reader reads, value by value', async () => {
    const read = async (path: string) => parquetReadObjects({ file: await (await get(path)).arrayBuffer() });
    expect(await read('/api/v1/runs/r/export?format=parquet')).toEqual([
      { run: 'r', attempt: 0n, metric: 'train/loss', step: 0n, wall: 1000, value: 1 }, { run: 'r', attempt: 0n, metric: 'train/loss', step: 1n, wall: 1001, value: NaN }, { run: 'r', attempt: 0n, metric: '=cmd,x', step: 1n, wall: 1001, value: Infinity },
    ]);
    expect(await read('/api/v1/runs/r/series/export?metric=train/loss&format=parquet')).toMatchObject([{ step0: 0n, count: 1n, nan: 0n, last: 1 }, { step0: 1n, count: 1n, nan: 1n, last: NaN }]);
    expect(await read('/api/v1/export/runs?format=parquet')).toMatchObject([{ id: 'r', project: 'a "b"\\', state: 'running', reason: null, tags: '{}', 'train/loss': NaN, '=cmd,x': Infinity }]);
    expect((await (await get('/api/v1/export/runs')).text()).split('\n')[0]).toBe(`id,project,name,state,reason,attempt,created,heartbeat,tags,spec,"'=cmd,x",train/loss`);
    expect((await (await get('/api/v1/runs/r/series/export?metric=train/loss')).text()).split('\n').slice(0, 2)).toEqual(['step0,step1,wall0,wall1,count,nan,min,max,mean,first,last', '0,0,1000,1000,1,0,1,1,1,1,1']);
  });

  it('give a long run as Parquet in pieces, without holding it in memory', async () => {
    const store = await memoryStore();
    const other = await serve({ store, port: 0 });
    await store.put('long', {});
    for (let i = 0; i < 30; i += 1) await store.append('long', batchOf(i + 1, Array.from({ length: 2000 }, (_, k) => 2000 * i + k), { a: Array.from({ length: 2000 }, (_, k) => Math.sin(i + k)) }));
    const file = await (await fetch(`${other.url}/api/v1/runs/long/export?format=parquet`)).arrayBuffer();
    expect((await parquetMetadataAsync(file)).row_groups.length).toBeGreaterThan(1);
    const rows = await parquetReadObjects({ file, columns: ['step', 'value'] });
    expect(rows.map(({ step }) => Number(step))).toEqual(Array.from({ length: 60_000 }, (_, step) => step));
    expect(rows[45_678].value).toBe(Math.sin(22 + 1678));
    await other.close();
  });

  it("give a run as TensorBoard's event file", async () => {
    const { scalars } = decodeScalars(new Uint8Array(await (await get('/api/v1/runs/r/export?format=tfevents')).arrayBuffer()));
    expect(scalars).toEqual([{ wall: 1000, step: 0, tag: 'train/loss', value: 1 }, { wall: 1001, step: 1, tag: 'train/loss', value: NaN }, { wall: 1001, step: 1, tag: '=cmd,x', value: Infinity }]);
  });

  it('give many curves at once, within bounds', async () => {
    const ask = (body: object) => fetch(`${server.url}/api/v1/series`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    const { series } = await (await ask({ runs: ['r'], metrics: ['train/loss', 'other'] })).json();
    expect(series).toMatchObject([{ run: 'r', metric: 'train/loss', last: [1, 'NaN'] }]);
    expect((await ask({ runs: Array.from({ length: 200 }, (_, i) => `r${i}`), metrics: ['a'], points: 10_000 })).status).toBe(400);
    expect((await ask({ runs: ['none'], metrics: ['a'] })).status).toBe(404);
  });
});

describe('OpenMetrics', () => {
  it('has the last value of each metric, with labels that cannot break out', async () => {
    const text = await (await get('/api/v1/openmetrics')).text();
    expect(text).toContain('gradstream_metric{run="r",project="a \\"b\\"\\\\",metric="train/loss"} NaN\n');
    expect(text).toContain('metric="=cmd,x"} +Inf\n');
    expect(text.endsWith('# EOF\n')).toBe(true);
    expect(await (await get('/metrics')).text()).toMatch(/gradstream_server_requests_total \d+/);
  });

  const promtool = spawnSync('promtool', ['--version']).status === 0;
  (promtool ? it : it.skip)('passes promtool check metrics (skipped where Prometheus is not installed)', async () => {
    for (const path of ['/metrics', '/api/v1/openmetrics']) {
      const text = (await (await get(path)).text())
        .replace('# EOF\n', '').replace(/^(# (?:HELP|TYPE) \S+)( .*)$/gm, (line, family: string, rest: string) => (/_(requests|errors)$/.test(family) ? `${family}_total${rest}` : line));
      execFileSync('promtool', ['check', 'metrics'], { input: text });
    }
  });
});
