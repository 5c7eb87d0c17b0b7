import type { Response } from 'express';
import { z } from 'zod';
import { globTest, metricName, parseWith, runId, seriesAnswer, toJsonNumber } from '@gradstream/protocol';
import type { LogItem } from '../log/item.ts';
import type { RunStore } from '../run-store.ts';
import { NotFound } from './errors.ts';
import { grantOf, idOf, queryOf, send, type Route } from './route.ts';
import { checkRun } from './stream.ts';

const listed = z.preprocess((given) => (given === undefined || Array.isArray(given) ? given : [given]), z.array(z.string().min(1)).max(200).default([]));

const exportQuery = z.strictObject({
  format: z.enum(['csv', 'ndjson']).default('csv'),
  metric: listed.meta({ description: 'Names or globs; none means every metric' }),
});

/** Most buckets that one bulk request may ask for, over all its curves. */
const maxBuckets = 1_000_000;

/** Body of the bulk form of `series`: what a dashboard asks at once. */
const bulkBody = z.strictObject({
  runs: z.array(runId).min(1).max(200),
  metrics: z.array(metricName).min(1).max(50),
  from: z.number().optional(),
  to: z.number().optional(),
  points: z.int().min(1).max(10_000).default(1000),
  axis: z.enum(['step', 'wall', 'relative']).default('step'),
  scale: z.enum(['linear', 'log']).default('linear'),
}).refine(({ runs, metrics, points }) => runs.length * metrics.length * points <= maxBuckets, 'must ask for at most a million buckets in all: fewer runs, metrics or points');

/** Curves of many runs at once, and all points of one as a file. */
export const exportRoutes = (store: RunStore): Route[] => [
  {
    method: 'post', path: '/series', scope: 'read', summary: 'Curves of several metrics of several runs', body: bulkBody, answers: { 200: z.object({ series: z.array(seriesAnswer) }) },
    handle: async (request, response) => {
      const { runs, metrics, ...query } = parseWith(bulkBody, request.body, 'series');
      for (const run of runs) await checkRun(store, run, { follow: false }, grantOf(response));
      const series = await Promise.all(runs.flatMap((run) => metrics.map((metric) => store.series(run, { ...query, metric }))));
      send(response, { series: series.filter((each) => each !== undefined && each.count.length > 0) });
    },
  },
  {
    method: 'get', path: '/runs/:id/export', scope: 'read', summary: 'Every point of a run, as CSV or NDJSON', query: exportQuery, answers: { 200: 'text/csv' },
    handle: async (request, response) => {
      const { format, metric } = queryOf(exportQuery, request, 'export');
      const run = idOf(request);
      if ((await store.head(run)) === undefined) throw new NotFound(`there is no run '${run}'`);
      response.set({ 'content-type': format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson; charset=utf-8', 'content-disposition': `attachment; filename="${run}.${format}"` });
      if (format === 'csv') response.write('run,attempt,metric,step,wall,value\n');
      const wanted = globTest(metric);
      for await (const items of pages(store, run)) await write(response, items.flatMap((item) => [...lines(item, run, format, wanted)]).join(''));
      response.end();
    },
  },
];

async function* pages(store: RunStore, run: string): AsyncGenerator<readonly LogItem[]> {
  for (let after = 0; ;) {
    const items = await store.read(run, after, 20_000);
    if (items.length === 0) return;
    yield items;
    after = items.at(-1)!.lsn[1];
  }
}

const write = (response: Response, text: string): Promise<void> => new Promise((resolve) => {
  if (response.write(text) || response.destroyed) return resolve();
  response.once('drain', resolve).once('close', resolve);
});

function* lines(item: LogItem, run: string, format: 'csv' | 'ndjson', wanted: (metric: string) => boolean): Generator<string> {
  if (item.kind !== 'points') return;
  const { attempt, step, wall } = item;
  for (const { metric, values, at } of item.columns) {
    if (!wanted(metric)) continue;
    for (let i = 0; i < values.length; i += 1) {
      const row = at ? at[i] : i;
      yield format === 'csv'
        ? `${cell(run)},${attempt},${cell(metric)},${step[row]},${wall[row]},${values[i]}\n`
        : `${JSON.stringify({ run, attempt, metric, step: step[row], wall: wall[row], value: toJsonNumber(values[i]) })}\n`;
    }
  }
}

/** A text in CSV: quoted where it must be, and never a formula to a spreadsheet. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
