import { InputError } from '@gradstream/numerics';
import { z } from 'zod';
import { BodyReader, decodeFrame, encodeFrame, type Frame, type FramePart } from './frame.ts';
import { isMetricName } from './names.ts';
import { parseWith } from './parse.ts';
import type { Column, PointsBatch } from './points.ts';

/** Media type of a batch of points as a frame. */
export const pointsMediaType = 'application/vnd.gradstream.points';

/** Values of one column, at most. */
const mostValues = 4_000_000;

/** Name, type of the values, and where not every row has one: how many have. */
type Described = readonly [metric: string, dtype: 'f64' | 'f32', values?: number];

/** Looked at by hand: a schema library spends more time on a list of columns than the checksum of the whole frame takes. */
const isDescribed = (given: unknown): given is Described =>
  Array.isArray(given) && (given.length === 2 || (given.length === 3 && Number.isInteger(given[2]) && given[2] >= 0 && given[2] <= mostValues)) && typeof given[0] === 'string' && (given[1] === 'f64' || given[1] === 'f32');

/** Header of a frame of points. Arrays stand in the body in this order: step, dt, then for each column `at` and values. */
const pointsHeader = z.object({
  kind: z.literal('points', "must be 'points'"),
  writer: z.string().min(1).max(64),
  seq: z.int().min(1),
  attempt: z.int().min(0),
  t0: z.number(),
  /** Rows. */
  n: z.int().min(0).max(mostValues),
  /** Steps that rise evenly are written as their rule; else f64 in the body. */
  step: z.union([z.literal('f64'), z.tuple([z.int().min(0), z.int().min(1)])]),
  dt: z.enum(['f64', 'f32', '0']),
  columns: z.custom<readonly Described[]>((given) => Array.isArray(given) && given.every(isDescribed), "must be a list of [name, 'f64' or 'f32'] or [name, type, how many values]"),
});

/** Whether every value survives as a 32-bit float. */
function fits32(values: Float64Array): boolean {
  for (let i = 0; i < values.length; i += 1) {
    const x = values[i];
    if (Math.fround(x) !== x && x === x) return false;
  }
  return true;
}

/** Packs a batch; values keep all their bits, and take 4 bytes where these are enough. */
export function encodePoints({ writer, seq, attempt, t0, step, dt, columns }: PointsBatch): Uint8Array {
  const parts: FramePart[] = [];
  const pack = (values: Float64Array): 'f32' | 'f64' => {
    const small = fits32(values);
    parts.push(small ? new Float32Array(values) : values);
    return small ? 'f32' : 'f64';
  };
  const rule = evenly(step);
  if (!rule) parts.push(step);
  const dtType = dt.every((ms) => ms === 0) ? '0' : pack(dt);
  const described = columns.map(({ metric, values, at }) => {
    if (at) parts.push(at);
    const dtype = pack(values);
    return at ? [metric, dtype, at.length] : [metric, dtype];
  });
  return encodeFrame({ kind: 'points', writer, seq, attempt, t0, n: step.length, step: rule ?? 'f64', dt: dtType, columns: described }, parts);
}

function evenly(step: Float64Array): [from: number, by: number] | undefined {
  if (step.length === 0) return undefined;
  const by = step.length > 1 ? step[1] - step[0] : 1;
  if (by < 1) return undefined;
  for (let i = 1; i < step.length; i += 1) if (step[i] - step[i - 1] !== by) return undefined;
  return [step[0], by];
}

/**
 * Unpacks a frame of points. Columns of 64-bit values are views into the frame.
 *
 * @throws InputError for a header that does not fit, a body of another length, or a step or row that cannot be
 */
export function unpackPoints({ header, body }: Pick<Frame, 'header' | 'body'>): PointsBatch {
  const { writer, seq, attempt, t0, n, ...is } = parseWith(pointsHeader, header, 'frame');
  const read = new BodyReader(body);
  const wide = new WideFloats(body, (is.dt === 'f32' ? n : 0) + is.columns.reduce((sum, [, dtype, k = n]) => sum + (dtype === 'f32' ? k : 0), 0));
  const values = (dtype: 'f64' | 'f32', length: number): Float64Array => (dtype === 'f64' ? read.floats64(length) : wide.from(read.floats32(length)));
  const step = is.step === 'f64' ? read.floats64(n) : progression(is.step[0], is.step[1], n);
  if (!all(step, (x) => Number.isSafeInteger(x) && x >= 0)) throw new InputError('frame: every step must be a whole number of at least 0');
  const dt = is.dt === '0' ? new Float64Array(n) : values(is.dt, n);
  if (!all(dt, Number.isFinite)) throw new InputError('frame: every dt must be a number of ms');
  const columns = is.columns.map(([metric, dtype, k]): Column => {
    if (!isMetricName(metric)) throw new InputError('frame: a metric name must be 1 to 250 bytes of text without control characters');
    if (k === undefined) return { metric, values: values(dtype, n) };
    const at = read.uints32(k);
    if (!at.every((row, i) => row < n && (i === 0 || row > at[i - 1]))) throw new InputError(`frame: the rows of '${metric}' must rise and stay below ${n}`);
    return { metric, at, values: values(dtype, k) };
  });
  read.end();
  return { writer, seq, attempt, t0, step, dt, columns };
}

/** `every`, in a fifth of its time. */
function all(numbers: Float64Array, accepts: (x: number) => boolean): boolean {
  for (let i = 0; i < numbers.length; i += 1) if (!accepts(numbers[i])) return false;
  return true;
}

/** Room for all the 32-bit values of a frame as 64-bit ones: one piece of memory, not one for each column. */
class WideFloats {
  private readonly room: Float64Array;
  private at = 0;

  constructor(body: Uint8Array, length: number) {
    if (length * 4 > body.length) throw new InputError(`frame: the header describes more than the ${body.length} bytes of body`);
    this.room = new Float64Array(length);
  }

  from(narrow: Float32Array): Float64Array {
    const mine = this.room.subarray(this.at, (this.at += narrow.length));
    mine.set(narrow);
    return mine;
  }
}

function progression(from: number, by: number, n: number): Float64Array {
  const step = new Float64Array(n);
  for (let i = 0; i < n; i += 1) step[i] = from + i * by;
  return step;
}

/** Rows in one body, at most: a few bytes can describe very many. */
const maxRows = 1_000_000;

/**
 * Unpacks frames of points that stand back to back, as a body holds them, each with the bytes it came in.
 *
 * @throws InputError where anything but whole frames of points is there
 */
export function decodeAllPoints(bytes: Uint8Array): { readonly batch: PointsBatch; readonly bytes: Uint8Array }[] {
  const found: { batch: PointsBatch; bytes: Uint8Array }[] = [];
  let rows = 0;
  for (let at = 0; at < bytes.length || at === 0;) {
    const frame = decodeFrame(bytes, at);
    if (!frame) throw new InputError(`frame: expected whole frames, received ${bytes.length} bytes that end within the one at ${at}`);
    const batch = unpackPoints(frame);
    rows += batch.step.length;
    if (rows > maxRows) throw new InputError(`frame: the frames of one body may hold ${maxRows} rows, received more`);
    found.push({ batch, bytes: bytes.subarray(at, at + frame.length) });
    at += frame.length;
  }
  return found;
}

/** Unpacks exactly one frame of points. */
export function decodePoints(bytes: Uint8Array): PointsBatch {
  const [{ batch }, ...more] = decodeAllPoints(bytes);
  if (more.length > 0) throw new InputError(`frame: expected one frame, received ${more.length + 1}`);
  return batch;
}
