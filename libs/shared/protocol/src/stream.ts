import { InputError, shown } from '@gradstream/numerics';
import { z } from 'zod';
import { fromJsonNumber, jsonNumber } from './json-number.ts';
import { commandName } from './control.ts';
import { metricName, runId } from './names.ts';
import { parseWith } from './parse.ts';
import type { MetricPoint } from './points.ts';
import { runPut, runState } from './run.ts';

/** Bins of a histogram, and letters of an image in base64, at most. */
const maxBins = 1024;
const maxImageLetters = 2 ** 18;

const span = z.tuple([z.number(), z.number()]).meta({ description: 'Positions in the log, first and last' });
const at = { run: runId, lsn: span, wall: z.number() };

/** Points of one attempt; columns as in the body that brought them. */
export const pointsEvent = z.object({
  type: z.literal('points'),
  run: runId,
  lsn: span,
  attempt: z.number(),
  t0: z.number(),
  step: z.array(z.number()),
  dt: z.array(z.number()),
  m: z.record(z.string(), z.array(z.union([jsonNumber, z.null()]))),
  /** Rows that these few stand for, where the subscription asked for `minmax` or `last`. */
  of: z.number().optional(),
});

/** The run changed its state. */
export const stateEvent = z.object({ type: z.literal('state'), ...at, state: runState, reason: z.string().optional() });

/** The run was created, or its name, project, tags or document changed. */
export const configEvent = z.object({ type: z.literal('config'), ...at, config: runPut.omit({ state: true }) });

/** What somebody ought to look at. */
export const alertEvent = z.object({ type: z.literal('alert'), ...at, level: z.enum(['info', 'warning', 'error']), title: z.string(), text: z.string().optional(), step: z.number().optional() });

/** Lines of text, as a log has them. */
export const textEvent = z.object({ type: z.literal('text'), ...at, name: z.string(), text: z.string(), step: z.number().optional() });

/** Name and step of what is drawn beside the curves. */
const drawn = { name: metricName, step: z.int('must be a whole number of at least 0').min(0, 'must be a whole number of at least 0') };

/** Edges of a histogram, one more than there are counts. */
const edges = z.array(z.number()).min(2).max(maxBins + 1).refine((given) => given.every((edge, i) => i === 0 || edge > given[i - 1]), 'must rise');

/** A distribution at one step: `counts[i]` values lie in [edges[i], edges[i + 1]), the last edge included; `nan` values are NaN. */
export const histogramEvent = z.object({
  type: z.literal('histogram'), ...at, ...drawn, edges,
  counts: z.array(z.number().min(0)).max(maxBins).meta({ description: 'One less than there are edges' }),
  nan: z.int().min(0).optional(),
});

/** A small image at one step: PNG, base64, up to 256 KiB of it. */
export const imageEvent = z.object({
  type: z.literal('image'), ...at, ...drawn,
  png: z.string().max(maxImageLetters, `must be at most ${maxImageLetters} letters of base64`).regex(/^iVBORw0KGgo[A-Za-z0-9+/]*={0,2}$/, 'must be a PNG in base64'),
  caption: z.string().max(250).optional(),
});

/** A command to the run was given, applied or refused. */
export const controlEvent = z.object({
  type: z.literal('control'),
  ...at,
  id: z.string(),
  status: z.enum(['asked', 'applied', 'refused', 'expired']),
  command: commandName,
  path: z.string().optional(),
  value: jsonNumber.optional(),
  old: jsonNumber.optional(),
  step: z.number().optional(),
  reason: z.string().optional(),
});

/** The run was deleted: nothing of it follows. */
export const deletedEvent = z.object({ type: z.literal('deleted'), run: runId, lsn: span });

/** Positions that are not there, and why: `raw expired`. */
export const gapEvent = z.object({ type: z.literal('gap'), run: runId, lsn: span, reason: z.string() });

/** Nothing happened, and the line is alive. `lsn` is where each run of the subscription stands. */
export const heartbeatEvent = z.object({ type: z.literal('hb'), now: z.number(), lsn: z.record(z.string(), z.number()) });

const several = z.preprocess((given) => (given === undefined || Array.isArray(given) ? given : [given]), z.array(z.string().min(1)).max(200).default([]));

/** Query of `GET /api/v1/stream`. */
export const streamQuery = z.strictObject({
  run: several.meta({ description: 'Ids of runs; none, or *, means every run' }),
  metric: several.meta({ description: 'Names or globs of metrics; none means every metric' }),
  event: several.meta({ description: 'Types of events, like points or control; none means every type' }),
  since: z.string().optional().meta({ description: 'A cursor: what follows it is sent. `now` leaves out what there is; without it, everything is sent' }),
  format: z.enum(['sse', 'ndjson']).default('sse'),
  /** `raw`: every point; `minmax`: of what came within `every` the least, the greatest and the last point of each metric; `last`: that one alone. */
  mode: z.enum(['raw', 'minmax', 'last']).default('raw'),
  follow: z.enum(['0', '1']).default('1').transform((flag) => flag === '1').meta({ description: '0 ends the stream when everything there is was sent' }),
  every: z.string().regex(/^\d{1,5}(ms)?$/, 'must be a time in ms, like 100ms').default('50ms').transform((text) => Number.parseInt(text, 10)),
});
export type StreamQuery = z.output<typeof streamQuery>;

/** Everything that a subscription may bring. */
export const streamEvent = z.discriminatedUnion('type', [pointsEvent, stateEvent, configEvent, alertEvent, textEvent, histogramEvent, imageEvent, controlEvent, deletedEvent, gapEvent, heartbeatEvent]);
export type StreamEvent = z.output<typeof streamEvent>;
export type PointsEvent = z.output<typeof pointsEvent>;

/**
 * Reads an event as it came over a stream. The long columns of points are read by hand, the rest by the schema.
 *
 * @throws InputError for what is no event
 */
export function parseStreamEvent(text: string): StreamEvent {
  const event = JSON.parse(text) as StreamEvent;
  if (event?.type !== 'points') return parseWith(streamEvent, event, 'stream');
  for (const values of Object.values(event.m)) for (let i = 0; i < values.length; i += 1) if (typeof values[i] === 'string') values[i] = fromJsonNumber(values[i]) ?? null;
  return event;
}

/** What the log holds besides points: an event before it has a run and a position. */
export type Note = z.output<typeof note>;
const placed = { run: true, lsn: true } as const;
export const note = z.discriminatedUnion('type', [
  stateEvent.omit(placed), configEvent.omit(placed), alertEvent.omit(placed), textEvent.omit(placed), histogramEvent.omit(placed), imageEvent.omit(placed), controlEvent.omit(placed),
]);

/**
 * Reads an event as a publisher sends it.
 *
 * @throws InputError
 */
export function parseNote(body: unknown, where = 'event'): Note {
  const given = parseWith(note, body, where);
  if (given.type === 'histogram' && given.edges.length !== given.counts.length + 1) throw new InputError(`${where}: edges must be one more than the ${given.counts.length} counts, received ${given.edges.length}`);
  return given;
}

/** Types of events that a run keeps besides its points. */
export const noteType = z.enum(['state', 'config', 'alert', 'text', 'histogram', 'image', 'control']);

/** Query of `GET /api/v1/runs/{id}/events`: what a run keeps besides its points, in the order in which it came. */
export const eventsQuery = z.strictObject({
  type: several.meta({ description: 'Types, like histogram or image; none means every type', examples: [['histogram']] }),
  name: several.meta({ description: 'Names or globs of texts, histograms and images; none means every name' }),
  from: z.coerce.number().optional().meta({ description: 'First step; events without a step are left out then' }),
  to: z.coerce.number().optional().meta({ description: 'Last step' }),
  after: z.coerce.number().int().min(0).default(0).meta({ description: '`next` of the page before' }),
  limit: z.coerce.number().int().min(1, 'must be a whole number from 1 to 1000').max(1000, 'must be a whole number from 1 to 1000').default(200),
});
export type EventsQuery = z.output<typeof eventsQuery>;

/** Answer: events as a stream brings them, and where the next page begins. */
export const eventsAnswer = z.object({ events: z.array(streamEvent), next: z.number().optional() });
export type EventsAnswer = z.output<typeof eventsAnswer>;

/** Where a subscription stands: the last position seen of each run. */
export type Cursor = ReadonlyMap<string, number>;

/** A cursor as text: `<run>:<lsn>` for one run, base64url of a small map for several. */
export function formatCursor(cursor: Cursor): string {
  if (cursor.size === 1) for (const [run, lsn] of cursor) return `${run}:${lsn}`;
  return `~${toBase64Url(JSON.stringify([...cursor]))}`;
}

/** @throws InputError for what is no cursor */
export function parseCursor(text: string): Cursor {
  const single = /^([A-Za-z0-9][A-Za-z0-9._-]{0,127}):(\d{1,15})$/.exec(text);
  if (single) return new Map([[single[1], Number(single[2])]]);
  try {
    if (text.startsWith('~')) return new Map(z.array(z.tuple([runId, z.int().min(0)])).parse(JSON.parse(fromBase64Url(text.slice(1)))));
  } catch {
    // said below
  }
  throw new InputError(`since: expected a cursor as the stream gave it, like run:12, received ${shown(text)}`);
}

const toBase64Url = (text: string): string => btoa(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
const fromBase64Url = (text: string): string => atob(text.replaceAll('-', '+').replaceAll('_', '/'));

/** The single points of a points event, row by row. */
export function pointsOf({ run, attempt, t0, step, dt, m }: Pick<PointsEvent, 'run' | 'attempt' | 't0' | 'step' | 'dt' | 'm'>): MetricPoint[] {
  const points: MetricPoint[] = [];
  const columns = Object.entries(m);
  for (let i = 0; i < step.length; i += 1) {
    for (const [metric, values] of columns) {
      const value = values[i] === null ? undefined : fromJsonNumber(values[i]);
      if (value !== undefined) points.push({ run, attempt, metric, step: step[i], wall: t0 + (dt[i] ?? 0), value });
    }
  }
  return points;
}
