import type { Route } from './route.ts';

/** A request that works: what both documents show, and what a test sends to a running server. */
export interface Example {
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Status of its answer. */
  readonly status: number;
}

/** Run that examples are about. */
export const exampleRun = '01K2F3';

const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABpfZFQAAAAABJRU5ErkJggg==';

/** By method and path, in an order in which they can be sent one after another. */
export const examples: Readonly<Record<string, Example>> = {
  'put /runs/:id': { status: 201, body: { project: 'digits', name: 'first try', spec: { seed: 7 }, tags: { who: 'ada' }, controls: { commands: ['pause', 'resume', 'stop'], set: { 'optimizer.learningRate': { min: 0, max: 0.1 } } } } },
  'patch /runs/:id': { status: 200, body: { name: 'second try', tags: { who: 'grace' } } },
  'post /runs/:id/points': { status: 200, body: { writer: 'trainer-1', seq: 1, attempt: 0, t0: 1_790_000_000_000, step: [100, 101, 102], dt: [0, 98, 201], m: { 'train/loss': [0.71, 'NaN', 0.69], learningRate: [0.001, null, 0.001] } } },
  'post /runs/:id/events': { status: 200, body: { type: 'histogram', wall: 1_790_000_000_500, name: 'weights/dense', step: 102, edges: [-1, 0, 1], counts: [310, 290] } },
  'get /runs/:id/events': { status: 200, query: { type: 'histogram', name: 'weights/*', limit: '50' } },
  'post /runs/:id/heartbeat': { status: 204 },
  'post /runs/:id/commands': { status: 200, body: { id: 'c1', command: 'set', path: 'optimizer.learningRate', value: 0.01 } },
  'get /runs': { status: 200, query: { filter: "project = digits and train/loss < 1", sort: '-train/loss', limit: '10' } },
  'get /runs/:id': { status: 200 },
  'get /runs/:id/series': { status: 200, query: { metric: 'train/loss', from: '100', to: '200', points: '500' } },
  'post /series': { status: 200, body: { runs: [exampleRun], metrics: ['train/loss', 'learningRate'], points: 300 } },
  'get /runs/:id/export': { status: 200, query: { format: 'csv', metric: 'train/*' } },
  'get /runs/:id/series/export': { status: 200, query: { metric: 'train/loss', format: 'parquet' } },
  'get /export/runs': { status: 200, query: { format: 'ndjson', project: 'digits' } },
  'get /stream': { status: 200, query: { run: exampleRun, metric: 'train/*', format: 'ndjson', follow: '0', since: `${exampleRun}:1` } },
  'post /stream': { status: 200, body: { run: [exampleRun], format: 'ndjson', follow: '0', since: `${exampleRun}:1` } },
  'get /openmetrics': { status: 200, query: { project: 'digits' } },
  'get /server': { status: 200 },
  'get /session': { status: 200 },
  'post /session': { status: 200, body: { token: 'gs_0123456789ab_the-text-that-was-shown-once' } },
  'post /stream-tickets': { status: 200 },
  'get /openapi.json': { status: 200 },
  'get /asyncapi.json': { status: 200 },
  'delete /session': { status: 204 },
  'delete /runs/:id': { status: 204 },
};

export const exampleOf = ({ method, path }: Pick<Route, 'method' | 'path'>): Example | undefined => examples[`${method} ${path}`];

const at = { run: exampleRun, wall: 1_790_000_000_500 };

/** One event of each type, as a stream brings it. */
export const eventExamples: readonly { readonly type: string; readonly [field: string]: unknown }[] = [
  { type: 'points', run: exampleRun, lsn: [3, 3], attempt: 0, t0: 1_790_000_000_000, step: [100, 101], dt: [0, 98], m: { 'train/loss': [0.71, 'NaN'] } },
  { type: 'state', ...at, lsn: [2, 2], state: 'running' },
  { type: 'config', ...at, lsn: [1, 1], config: { name: 'first try' } },
  { type: 'alert', ...at, lsn: [4, 4], level: 'warning', title: 'the loss is not finite', step: 101 },
  { type: 'text', ...at, lsn: [5, 5], name: 'sample', text: 'To be, or not', step: 101 },
  { type: 'histogram', ...at, lsn: [6, 6], name: 'weights/dense', step: 102, edges: [-1, 0, 1], counts: [310, 290] },
  { type: 'image', ...at, lsn: [7, 7], name: 'first layer', step: 102, png },
  { type: 'control', ...at, lsn: [8, 8], id: 'c1', status: 'applied', command: 'set', path: 'optimizer.learningRate', value: 0.01, old: 0.001, step: 103 },
  { type: 'deleted', run: exampleRun, lsn: [8, 8] },
  { type: 'gap', run: exampleRun, lsn: [1, 2], reason: 'the points have expired; their curves stay' },
  { type: 'hb', now: 1_790_000_001_000, lsn: { [exampleRun]: 8 } },
];

/** Messages over a WebSocket: what a client sends, in an order that works, and what it hears. */
export const socketExamples = {
  sent: [
    { op: 'sub', id: 'a', run: [exampleRun], metric: ['train/*'], since: `${exampleRun}:1` },
    { op: 'ack', id: 'a', n: 1 },
    { op: 'ctl', run: exampleRun, id: 'c2', command: 'pause' },
    { op: 'unsub', id: 'a' },
  ],
  heard: [
    { id: 'a', n: 1, lines: `{"type":"state","run":"${exampleRun}","lsn":[2,2],"wall":1790000000500,"state":"running"}\n` },
    { op: 'ctl', id: 'c2', lsn: 9 },
    { op: 'error', id: 'a', message: "stream: there is no run 'none'" },
  ],
};
