import { z } from 'zod';
import type { RunInfo } from '@gradstream/protocol';
import type { Health, RunStore } from '../run-store.ts';
import { TooMany } from './errors.ts';
import { grantOf, queryOf, type Route } from './route.ts';

/** OpenMetrics 1.0: what Prometheus scrapes. A scrape sees the last value of each metric, and no more. */
export const openMetricsType = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

/** Series in one answer, at most. */
const maxSeries = 10_000;

const query = z.strictObject({
  run: z.preprocess((given) => (given === undefined || Array.isArray(given) ? given : [given]), z.array(z.string()).max(1000).optional()),
  project: z.string().optional(),
});

export const openMetricsRoutes = (store: RunStore): Route[] => [
  {
    method: 'get', path: '/openmetrics', scope: 'read', summary: 'The last value of every metric, for Prometheus', query, answers: { 200: openMetricsType },
    handle: async (request, response) => {
      const { run, project } = queryOf(query, request, 'openmetrics');
      const { runs } = await store.runs({ limit: 1000, project: grantOf(response).project ?? project });
      const wanted = run === undefined ? runs : runs.filter(({ id }) => run.includes(id));
      const series = wanted.reduce((n, { summary }) => n + Object.keys(summary).length, 0);
      if (series > maxSeries) throw new TooMany(`openmetrics: ${series} series are more than ${maxSeries}; name runs or a project`);
      response.set('content-type', openMetricsType).send(format(wanted));
    },
  },
];

const label = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
const number = (x: number): string => (Number.isNaN(x) ? 'NaN' : x === Infinity ? '+Inf' : x === -Infinity ? '-Inf' : String(x));

/** Metric names keep their slashes, as labels; the families are two. */
export function format(runs: readonly RunInfo[]): string {
  const rows = runs.flatMap(({ id, project, summary }) => Object.entries(summary).map(([metric, { last, step }]) => ({ labels: `{run=${label(id)},project=${label(project)},metric=${label(metric)}}`, last, step })));
  return [
    '# HELP gradstream_metric Last value of a metric of a run.', '# TYPE gradstream_metric gauge',
    ...rows.map(({ labels, last }) => `gradstream_metric${labels} ${number(last)}`),
    '# HELP gradstream_step Step of the last value.', '# TYPE gradstream_step gauge',
    ...rows.map(({ labels, step }) => `gradstream_step${labels} ${number(step)}`),
    '# EOF', '',
  ].join('\n');
}

/** Counts of the server itself, for `GET /metrics`. */
export class ServerMetrics {
  private readonly counters = { requests: 0, errors: 0 };

  /** Takes note of an answer. */
  count(status: number): void {
    this.counters.requests += 1;
    if (status >= 500) this.counters.errors += 1;
  }

  /** @param gauges what the store has to say, by name */
  format(gauges: Health['gauges'] = []): string {
    const { rss, heapUsed } = process.memoryUsage();
    const family = (name: string, type: 'counter' | 'gauge', help: string, value: number, prefix = 'gradstream_server_'): string[] => [
      `# HELP ${prefix}${name} ${help}`, `# TYPE ${prefix}${name} ${type}`, `${prefix}${name}${type === 'counter' ? '_total' : ''} ${value}`,
    ];
    return [
      ...family('requests', 'counter', 'Requests that were answered.', this.counters.requests),
      ...family('errors', 'counter', 'Answers that were a fault of the server.', this.counters.errors),
      ...family('resident_memory_bytes', 'gauge', 'Memory of the process.', rss),
      ...family('heap_bytes', 'gauge', 'Of it, what JavaScript objects take.', heapUsed),
      ...family('uptime_seconds', 'gauge', 'Seconds since the process began.', process.uptime()),
      ...gauges.flatMap(({ name, help, value }) => family(name, 'gauge', help, value, 'gradstream_')),
      '# EOF', '',
    ].join('\n');
  }
}
