import type { Response } from 'express';
import { z } from 'zod';
import { InputError } from '@gradstream/numerics';
import { bulkSeriesAnswer, bulkSeriesQuery, globTest, parseWith, runsQuery, seriesQuery, stringify, type RunInfo, type SeriesAnswer } from '@gradstream/protocol';
import type { LogItem } from '../log/item.ts';
import type { RunStore } from '../run-store.ts';
import { drained } from '../stream/sink.ts';
import { exportEventFile } from '../tensorboard/logdir.ts';
import { NotFound } from './errors.ts';
import { curvesJson } from './curve-json.ts';
import { found, grantOf, idOf, queryOf, sendBytes, type Route } from './route.ts';
import { checkRun } from './stream.ts';
import { tableFormats, tableWriter, type Cell, type Rows, type TableColumn, type TableFormat } from './table-formats.ts';

const listed = z.preprocess((given) => (given === undefined || Array.isArray(given) ? given : [given]), z.array(z.string().min(1)).max(200).default([]));
const format = z.enum(tableFormats).default('csv');

const exportQuery = z.strictObject({ format: z.enum([...tableFormats, 'tfevents']).default('csv').meta({ description: "tfevents is TensorBoard's event file, in 32 bits" }), metric: listed.meta({ description: 'Names or globs; none means every metric' }) });
const curveQuery = z.strictObject({ ...seriesQuery.shape, format });
const runTableQuery = z.strictObject({ ...runsQuery.omit({ after: true, limit: true }).shape, format });

/** Most columns that a table of runs may have. */
const maxColumns = 1000;

/** Runs whose curves are read at a time: their metrics share the columns of steps and clocks, which are unpacked once. */
const runsAtATime = 8;

const file = { 200: 'text/csv' } as const;

/** Curves of many runs at once; and points, curves and runs as files: CSV, NDJSON or Parquet. */
export const exportRoutes = (store: RunStore): Route[] => [
  {
    method: 'post', path: '/series', scope: 'read', summary: 'Curves of several metrics of several runs', body: bulkSeriesQuery, answers: { 200: bulkSeriesAnswer },
    handle: async (request, response) => {
      const { runs, metrics, ...query } = parseWith(bulkSeriesQuery, request.body, 'series');
      for (const run of runs) await checkRun(store, run, { follow: false }, grantOf(response));
      const curves: SeriesAnswer[] = [];
      for (let at = 0; at < runs.length; at += runsAtATime) {
        const asked = runs.slice(at, at + runsAtATime).flatMap((run) => metrics.map((metric) => store.series(run, { ...query, metric })));
        for (const curve of await Promise.all(asked)) if (curve && curve.count.length > 0) curves.push(curve);
      }
      sendBytes(response, curvesJson(curves));
    },
  },
  {
    method: 'get', path: '/runs/:id/export', scope: 'read', summary: 'Every point of a run as a file', query: exportQuery, answers: file,
    handle: async (request, response) => {
      const { format: as, metric } = queryOf(exportQuery, request, 'export');
      const run = idOf(request);
      if ((await store.head(run)) === undefined) throw new NotFound(`there is no run '${run}'`);
      if (as === 'tfevents') return sendEventFile(response, store, run);
      await sendTable(response, run, as, pointColumns, points(store, run, globTest(metric)));
    },
  },
  {
    method: 'get', path: '/runs/:id/series/export', scope: 'read', summary: 'The curve of a metric as a file', query: curveQuery, answers: file,
    handle: async (request, response) => {
      const { format: as, ...query } = queryOf(curveQuery, request, 'series');
      const curve = found(await store.series(idOf(request), query), request);
      await sendTable(response, `${idOf(request)}-${query.metric.replace(/[^\w.-]+/g, '-')}`, as, curveColumns, [curveColumns.map(({ name }) => curve[name])]);
    },
  },
  {
    method: 'get', path: '/export/runs', scope: 'read', summary: 'Runs with their last values as a file', query: runTableQuery, answers: file,
    handle: async (request, response) => {
      const { format: as, ...query } = queryOf(runTableQuery, request, 'runs');
      const { project } = grantOf(response);
      const runs: RunInfo[] = [];
      for (let after: string | undefined; ;) {
        const page = await store.runs({ ...query, ...(project === undefined ? {} : { project }), after, limit: 1000 });
        runs.push(...page.runs);
        if (!page.next) break;
        after = page.next;
      }
      const { columns, rows } = runTable(runs);
      await sendTable(response, 'runs', as, columns, [rows]);
    },
  },
];

async function sendEventFile(response: Response, store: RunStore, run: string): Promise<void> {
  response.set({ 'content-type': 'application/octet-stream', 'content-disposition': `attachment; filename="events.out.tfevents.0.${run}"` });
  for await (const piece of exportEventFile(store, run)) await write(response, piece);
  response.end();
}

async function sendTable(response: Response, name: string, as: TableFormat, columns: readonly TableColumn[], pages: Iterable<Rows> | AsyncIterable<Rows>): Promise<void> {
  const writer = tableWriter(as, columns);
  response.set({ 'content-type': writer.mediaType, 'content-disposition': `attachment; filename="${name}.${as}"` });
  await write(response, writer.begin());
  for await (const rows of pages) await write(response, writer.rows(rows));
  await write(response, writer.end());
  response.end();
}

async function write(response: Response, piece: string | Uint8Array): Promise<void> {
  if (piece.length > 0 && !response.write(piece) && !response.destroyed) await drained(response);
}

const pointColumns: readonly TableColumn[] = [
  { name: 'run', kind: 'text' }, { name: 'attempt', kind: 'whole' }, { name: 'metric', kind: 'text' }, { name: 'step', kind: 'whole' }, { name: 'wall', kind: 'number' }, { name: 'value', kind: 'number' },
];

/** Points in the order in which they came, one row each. */
async function* points(store: RunStore, run: string, wanted: (metric: string) => boolean): AsyncGenerator<Rows> {
  for (let after = 0; ;) {
    const items = await store.read(run, after, 20_000);
    if (items.length === 0) return;
    const rows: Cell[][] = pointColumns.map(() => []);
    for (const item of items) if (item.kind === 'points') addPoints(rows, run, item, wanted);
    yield rows;
    after = items.at(-1)!.lsn[1];
  }
}

function addPoints(rows: Cell[][], run: string, { attempt, step, wall, columns }: Extract<LogItem, { kind: 'points' }>, wanted: (metric: string) => boolean): void {
  for (const { metric, values, at } of columns) {
    if (!wanted(metric)) continue;
    for (let i = 0; i < values.length; i += 1) {
      const row = at ? at[i] : i;
      [run, attempt, metric, step[row], wall[row], values[i]].forEach((cell, c) => rows[c].push(cell));
    }
  }
}

type CurveColumn = Exclude<keyof SeriesAnswer, 'run' | 'metric' | 'attempt' | 'rawFrom'>;
const curveColumns = (['step0', 'step1', 'wall0', 'wall1', 'count', 'nan', 'min', 'max', 'mean', 'first', 'last'] as const satisfies readonly CurveColumn[])
  .map((name) => ({ name, kind: name.startsWith('step') || name === 'count' || name === 'nan' ? 'whole' as const : 'number' as const }));

const runColumns: readonly (TableColumn & { readonly of: (run: RunInfo) => Cell })[] = [
  { name: 'id', kind: 'text', of: ({ id }) => id }, { name: 'project', kind: 'text', of: ({ project }) => project }, { name: 'name', kind: 'text', of: ({ name }) => name },
  { name: 'state', kind: 'text', of: ({ state }) => state }, { name: 'reason', kind: 'text', of: ({ reason }) => reason ?? null }, { name: 'attempt', kind: 'whole', of: ({ attempt }) => attempt },
  { name: 'created', kind: 'number', of: ({ created }) => created }, { name: 'heartbeat', kind: 'number', of: ({ heartbeat }) => heartbeat },
  { name: 'tags', kind: 'text', of: ({ tags }) => stringify(tags) }, { name: 'spec', kind: 'text', of: ({ spec }) => (spec ? stringify(spec) : null) },
];

/** What runs say of themselves, and the last value of every metric that any of them has. */
function runTable(runs: readonly RunInfo[]): { readonly columns: readonly TableColumn[]; readonly rows: Rows } {
  const metrics = [...new Set(runs.flatMap(({ summary }) => Object.keys(summary)))].sort();
  if (metrics.length > maxColumns) throw new InputError(`runs: the table would have ${metrics.length} metrics, and may have ${maxColumns}; ask for fewer runs`);
  const last = ({ summary }: RunInfo, metric: string): Cell => (Object.hasOwn(summary, metric) ? summary[metric].last : null);
  return {
    columns: [...runColumns, ...metrics.map((name): TableColumn => ({ name: runColumns.some((column) => column.name === name) ? `metrics.${name}` : name, kind: 'number' }))],
    rows: [...runColumns.map(({ of }) => runs.map(of)), ...metrics.map((metric) => runs.map((run) => last(run, metric)))],
  };
}
