import { InputError } from '@gradstream/numerics';
import { crc32c } from '@gradstream/protocol';

/**
 * TensorBoard's event files. A record is
 *
 *   u64 length, u32 masked CRC-32C of these 8 bytes, payload, u32 masked CRC-32C of the payload      (little-endian)
 *
 * with mask(c) = ((c >> 15) | (c << 17)) + 0xa282ead8. The payload is the protobuf message Event: 1 wall_time double
 * (seconds), 2 step int64, 3 file_version string, 5 Summary { 1 Value { 1 tag, 2 simple_value float32, 8 tensor } }.
 * Scalars are float32 there: exports narrow.
 */
export interface ScalarEvent {
  /** ms since 1970. */
  readonly wall: number;
  readonly step: number;
  readonly tag: string;
  readonly value: number;
}

const mask = (crc: number): number => (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** First record of every file. */
export const fileVersion = (wall: number): Uint8Array => record(concat(wallTime(wall), text(3, 'brain.Event:2')));

/** A record of one scalar. */
export function encodeScalar({ wall, step, tag, value }: ScalarEvent): Uint8Array {
  const summaryValue = concat(text(1, tag), float32(2, value));
  return record(concat(wallTime(wall), Uint8Array.of(2 << 3), varint(step), bytes(5, bytes(1, summaryValue))));
}

function record(payload: Uint8Array): Uint8Array {
  const out = new Uint8Array(16 + payload.length);
  const view = new DataView(out.buffer);
  view.setBigUint64(0, BigInt(payload.length), true);
  view.setUint32(8, mask(crc32c(out.subarray(0, 8))), true);
  out.set(payload, 12);
  view.setUint32(12 + payload.length, mask(crc32c(payload)), true);
  return out;
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((n, { length }) => n + length, 0));
  parts.reduce((at, part) => (out.set(part, at), at + part.length), 0);
  return out;
}

function varint(value: number): Uint8Array {
  const out: number[] = [];
  let rest = BigInt(value);
  for (; rest > 127n; rest >>= 7n) out.push(Number(rest & 127n) | 128);
  return Uint8Array.from([...out, Number(rest)]);
}

const bytes = (field: number, content: Uint8Array): Uint8Array => concat(Uint8Array.of((field << 3) | 2), varint(content.length), content);
const text = (field: number, content: string): Uint8Array => bytes(field, encoder.encode(content));

function wallTime(ms: number): Uint8Array {
  const out = new Uint8Array(9);
  out[0] = (1 << 3) | 1;
  new DataView(out.buffer).setFloat64(1, ms / 1000, true);
  return out;
}

function float32(field: number, value: number): Uint8Array {
  const out = new Uint8Array(5);
  out[0] = (field << 3) | 5;
  new DataView(out.buffer).setFloat32(1, value, true);
  return out;
}

/**
 * Reads the scalars of an event file from a place on.
 *
 * @returns the scalars, and where the next record begins: a last record that is not whole yet is left for another time
 * @throws InputError for a record that was damaged
 */
export function decodeScalars(file: Uint8Array, from = 0): { readonly scalars: ScalarEvent[]; readonly end: number } {
  const scalars: ScalarEvent[] = [];
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  let at = from;
  while (at + 16 <= file.length) {
    if (view.getUint32(at + 8, true) !== mask(crc32c(file.subarray(at, at + 8)))) throw new InputError(`event file: the record at byte ${at} is damaged, or this is no event file`);
    const length = Number(view.getBigUint64(at, true));
    if (at + 16 + length > file.length) break;
    const payload = file.subarray(at + 12, at + 12 + length);
    if (view.getUint32(at + 12 + length, true) !== mask(crc32c(payload))) throw new InputError(`event file: the record at byte ${at} is damaged`);
    scalars.push(...readEvent(payload));
    at += 16 + length;
  }
  return { scalars, end: at };
}

/** A field of a protobuf message: its number, and its content by wire type. */
type Field = { readonly no: number; readonly number?: number; readonly content?: Uint8Array };

function* fields(message: Uint8Array): Generator<Field> {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  let at = 0;
  const readVarint = (): number => {
    let value = 0n;
    for (let shift = 0n; at < message.length && shift < 70n; shift += 7n) {
      const byte = message[at];
      at += 1;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return Number(BigInt.asIntN(64, value));
    }
    throw new InputError('event file: a message ends within a number');
  };
  const take = (length: number): number => {
    if (length < 0 || at + length > message.length) throw new InputError('event file: a message ends within a field');
    at += length;
    return at - length;
  };
  while (at < message.length) {
    const key = readVarint();
    const no = key >>> 3;
    switch (key & 7) {
      case 0: yield { no, number: readVarint() }; break;
      case 1: yield { no, number: view.getFloat64(take(8), true) }; break;
      case 2: {
        const length = readVarint();
        const start = take(length);
        yield { no, content: message.subarray(start, start + length) };
        break;
      }
      case 5: yield { no, number: view.getFloat32(take(4), true) }; break;
      default: throw new InputError(`event file: wire type ${key & 7} is not among those of protobuf`);
    }
  }
}

function readEvent(payload: Uint8Array): ScalarEvent[] {
  let [wall, step] = [0, 0];
  const values: { tag: string; value: number }[] = [];
  for (const { no, number, content } of fields(payload)) {
    if (no === 1) wall = Math.round((number ?? 0) * 1e6) / 1e3;
    else if (no === 2) step = number ?? 0;
    else if (no === 5 && content) for (const each of fields(content)) if (each.no === 1 && each.content) values.push(...readValue(each.content));
  }
  return values.map(({ tag, value }) => ({ wall, step, tag, value }));
}

function readValue(message: Uint8Array): { tag: string; value: number }[] {
  let tag = '';
  let value: number | undefined;
  for (const { no, number, content } of fields(message)) {
    if (no === 1 && content) tag = decoder.decode(content);
    else if (no === 2) value = number;
    else if (no === 8 && content) value = readTensor(content);
  }
  return value === undefined ? [] : [{ tag, value }];
}

/** The one number of a scalar tensor (1 dtype, 4 tensor_content, 5 float_val, 6 double_val); undefined for anything larger. */
function readTensor(message: Uint8Array): number | undefined {
  let dtype = 0;
  let content: Uint8Array | undefined;
  let value: number | undefined;
  for (const field of fields(message)) {
    if (field.no === 1) dtype = field.number ?? 0;
    else if (field.no === 4) content = field.content;
    else if ((field.no === 5 || field.no === 6) && field.number !== undefined) value = field.number;
    else if ((field.no === 5 || field.no === 6) && field.content?.length === (field.no === 5 ? 4 : 8)) value = scalarOf(field.content);
  }
  return value ?? (content && ((dtype === 1 && content.length === 4) || (dtype === 2 && content.length === 8)) ? scalarOf(content) : undefined);
}

const scalarOf = (content: Uint8Array): number => {
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  return content.length === 4 ? view.getFloat32(0, true) : view.getFloat64(0, true);
};
