import { InputError, shown } from '@gradstream/numerics';
import { z } from 'zod';
import { fromJsonNumber, toJsonNumber, type JsonNumber } from './json-number.ts';
import { isMetricName } from './names.ts';
import { parseWith } from './parse.ts';

/** One value of one metric. */
export interface MetricPoint {
  readonly run: string;
  readonly attempt: number;
  readonly metric: string;
  readonly step: number;
  /** Wall clock, ms since 1970. */
  readonly wall: number;
  readonly value: number;
}

/** The values of one metric in a batch: one for each row, or only for the rows that `at` names (ascending). */
export interface Column {
  readonly metric: string;
  readonly values: Float64Array;
  readonly at?: Uint32Array;
}

/** Points that arrive together. Row i stands at `step[i]` and at the wall time `t0 + dt[i]` (ms). */
export interface PointsBatch {
  /** Who writes: one id for each publishing process. */
  readonly writer: string;
  /** Number of this batch among the writer's for this run, from 1 on: a batch sent again is stored once. */
  readonly seq: number;
  /** 0, and one more each time the run is resumed. */
  readonly attempt: number;
  readonly t0: number;
  readonly step: Float64Array;
  readonly dt: Float64Array;
  readonly columns: readonly Column[];
}

/** Values in a batch. */
export const pointCount = (batch: Pick<PointsBatch, 'columns'>): number => batch.columns.reduce((n, { values }) => n + values.length, 0);

const whole = z.int('must be a whole number of at least 0').min(0, 'must be a whole number of at least 0');
const values = z.array(z.union([z.number(), z.null(), z.enum(['NaN', 'Infinity', '-Infinity'])]));
const stepRange = z.strictObject({ from: whole, by: z.int().min(1, 'must be a whole number of at least 1'), n: z.int().min(1).max(1e6) });

/** The columnar JSON form. `null` means: no value of this metric at this step. */
export const pointsBody = z.strictObject({
  writer: z.string().min(1).max(64),
  seq: z.int('must be a whole number of at least 1').min(1, 'must be a whole number of at least 1'),
  attempt: whole.default(0),
  t0: z.number().meta({ description: 'Wall clock of `dt` 0, ms since 1970' }),
  step: z.union([z.array(whole), stepRange]).meta({ description: 'Step of each row, in any order' }),
  dt: z.array(z.number()).optional().meta({ description: 'ms after t0 of each row; all 0 when left out' }),
  m: z.record(z.string(), values).meta({ description: 'Values by metric name' }),
});
export type PointsBody = z.input<typeof pointsBody>;

/** Answer to a batch of points. */
export const pointsAnswer = z.object({
  /** Position of the batch in the run's log. */
  lsn: z.number(),
  accepted: z.number(),
  duplicate: z.number(),
  conflict: z.number(),
  rejected: z.array(z.object({ metric: z.string(), reason: z.string() })),
  /** Points that are kept for good, and that the store will see to when it is back: they stand in none of the other counts. */
  queued: z.number().optional(),
});
export type PointsAnswer = z.output<typeof pointsAnswer>;

/** The long arrays are read by hand: a schema library spends more time on them than the whole rest of the request. */
const envelope = z.strictObject({
  ...pointsBody.shape,
  step: z.unknown(),
  dt: z.unknown().optional(),
  m: z.custom<Record<string, unknown>>((m) => typeof m === 'object' && m !== null && !Array.isArray(m), 'must hold lists of values by metric name'),
});

/**
 * Reads the JSON form of a batch.
 *
 * @throws InputError naming the field, what was expected and what came
 */
export function parsePoints(body: unknown, where = 'points'): PointsBatch {
  const { writer, seq, attempt, t0, m, ...rows } = parseWith(envelope, body, where);
  const step = parseSteps(rows.step, where);
  const n = step.length;
  const dt = rows.dt === undefined ? new Float64Array(n) : numbers(rows.dt, `${where}: dt`, n, Number.isFinite, 'a number of ms');
  const columns = Object.entries(m).map(([metric, column]) => parseColumn(metric, column, n, where));
  return { writer, seq, attempt, t0, step, dt, columns };
}

function parseSteps(given: unknown, where: string): Float64Array {
  if (Array.isArray(given)) return numbers(given, `${where}: step`, given.length, (x) => Number.isSafeInteger(x) && x >= 0, 'a whole number of at least 0');
  const { from, by, n } = parseWith(stepRange, given, `${where}: step`);
  return Float64Array.from({ length: n }, (_, i) => from + i * by);
}

function numbers(given: unknown, place: string, n: number, accepts: (x: number) => boolean, says: string): Float64Array {
  if (!Array.isArray(given) || given.length !== n) throw new InputError(`${place} must be a list of ${n} numbers, received ${Array.isArray(given) ? `${given.length} of them` : shown(given)}`);
  const out = new Float64Array(n);
  for (let i = 0; i < n; i += 1) {
    const x: unknown = given[i];
    if (typeof x !== 'number' || !accepts(x)) throw new InputError(`${place}[${i}] must be ${says}, received ${shown(x)}`);
    out[i] = x;
  }
  return out;
}

function parseColumn(metric: string, given: unknown, n: number, where: string): Column {
  if (!isMetricName(metric)) throw new InputError(`${where}: m has a name that must be 1 to 250 bytes of text without control characters, received ${shown(metric)}`);
  if (!Array.isArray(given) || given.length !== n) throw new InputError(`${where}: m['${metric}'] must be a list of ${n} values, received ${Array.isArray(given) ? `${given.length} of them` : shown(given)}`);
  const out = new Float64Array(n);
  let present: number[] | undefined;
  let k = 0;
  for (let i = 0; i < n; i += 1) {
    const x: unknown = given[i];
    if (x === null) {
      present ??= Array.from({ length: i }, (_, j) => j);
      continue;
    }
    const value = fromJsonNumber(x);
    if (value === undefined) throw new InputError(`${where}: m['${metric}'][${i}] must be a number, null, 'NaN', 'Infinity' or '-Infinity', received ${shown(x)}`);
    out[k] = value;
    k += 1;
    present?.push(i);
  }
  return present ? { metric, values: out.slice(0, k), at: Uint32Array.from(present) } : { metric, values: out };
}

/** Values of a column for every row, as JSON spells them; null where there is none. */
export function columnJson({ values: given, at }: Column, rows: number): (JsonNumber | null)[] {
  if (!at) return Array.from(given, toJsonNumber);
  const out = new Array<JsonNumber | null>(rows).fill(null);
  at.forEach((row, i) => {
    out[row] = toJsonNumber(given[i]);
  });
  return out;
}

/** The JSON form of a batch. */
export function formatPoints({ writer, seq, attempt, t0, step, dt, columns }: PointsBatch): PointsBody {
  return { writer, seq, attempt, t0, step: [...step], dt: [...dt], m: Object.fromEntries(columns.map((column) => [column.metric, columnJson(column, step.length)])) };
}
