import { z } from 'zod';
import { controls } from './control.ts';
import { jsonNumber } from './json-number.ts';
import { runId } from './names.ts';

/** What a run may be in. `lost`: it says it is running, but nothing was heard from it for a minute. */
export const runState = z.enum(['running', 'paused', 'finished', 'failed', 'stopped', 'lost']);
export type RunState = z.output<typeof runState>;

const name = z.string().min(1, 'must be a text').max(250, 'must be at most 250 characters');
const tags = z.record(z.string().min(1).max(250), z.string().max(5000)).meta({ description: 'Texts by name' });
const spec = z.record(z.string(), z.unknown()).meta({ description: 'The run document, or whatever configuration there is' });
const declaredState = runState.exclude(['lost']);

/** Body of `PUT /api/v1/runs/{id}`: creates a run, or brings a known one up to date. All fields may be left out. */
export const runPut = z.strictObject({
  project: name.optional(),
  name: name.optional(),
  spec: spec.optional(),
  tags: tags.optional(),
  state: declaredState.optional(),
  controls: controls.optional(),
});
export type RunPut = z.output<typeof runPut>;

/** Body of `PATCH /api/v1/runs/{id}`. Tags are merged; the others replace what was there. */
export const runPatch = z.strictObject({ ...runPut.shape, reason: z.string().max(5000).optional().meta({ description: 'A sentence: why the state changed' }) });
export type RunPatch = z.output<typeof runPatch>;

/** What is known of a metric without reading its points. NaN is counted, and left out of `min` and `max`. */
export const metricSummary = z.object({
  count: z.number(),
  nan: z.number(),
  min: jsonNumber,
  max: jsonNumber,
  /** Value at the highest step, and that step. */
  last: jsonNumber,
  step: z.number(),
});
export type MetricSummary = z.output<typeof metricSummary>;

/** A run as `GET /api/v1/runs` lists it. Times are ms since 1970. */
export const runInfo = z.object({
  id: runId,
  project: z.string(),
  name: z.string(),
  state: runState,
  reason: z.string().optional(),
  /** Highest attempt that any point named; 0 until somebody resumes. */
  attempt: z.number(),
  created: z.number(),
  /** When anything was last heard of it. */
  heartbeat: z.number(),
  /** Position of the last entry in the run's log; 0 when there is none. */
  lsn: z.number(),
  /** Position up to which single points have expired; their curves stay. Absent while none have. */
  expired: z.number().optional(),
  tags: z.record(z.string(), z.string()),
  spec: spec.optional(),
  summary: z.record(z.string(), metricSummary),
});
export type RunInfo = z.output<typeof runInfo>;

/** A run as `GET /api/v1/runs/{id}` shows it: with what it can be told, and its counts. */
export const runDetail = runInfo.extend({
  /** What it can be told while it runs; nothing where it is absent. */
  controls: controls.optional(),
  /** Points sent twice with the same value (not stored again), and with another value (both kept; the later one is shown). */
  duplicates: z.number(),
  conflicts: z.number(),
});
export type RunDetail = z.output<typeof runDetail>;

/** Answer of `GET /api/v1/runs`. */
export const runList = z.object({ runs: z.array(runInfo), next: z.string().optional().meta({ description: 'Give it as `after` to read on' }) });
export type RunList = z.output<typeof runList>;

/** Query of `GET /api/v1/runs`. */
export const runsQuery = z.strictObject({
  project: name.optional(),
  state: runState.optional(),
  filter: z.string().max(4000).optional().meta({ description: 'Which runs', examples: ['state = finished and validation/accuracy > 0.96'] }),
  sort: z.string().max(300).default('-created').meta({ description: 'By what; - in front means falling', examples: ['-validation/accuracy'] }),
  after: runId.optional().meta({ description: '`next` of the page before' }),
  limit: z.coerce.number().int('must be a whole number from 1 to 1000').min(1, 'must be a whole number from 1 to 1000').max(1000, 'must be a whole number from 1 to 1000').default(100),
});
export type RunsQuery = z.output<typeof runsQuery>;
