import { InputError, isInputError, shown } from '@gradstream/numerics';
import { crc32c } from './crc32c.ts';

/**
 * The frame: one record of the wire, of the client's journal and of the server's.
 *
 *   offset 0   'gsframe' and one byte of version (1)
 *          8   u32 length of the header, u32 length of the body, both little-endian
 *         16   header: JSON in UTF-8, padded with spaces to a multiple of 8
 *          …   body: little-endian arrays, each padded with zeros to a multiple of 8
 *          …   u32 CRC-32C of everything before it, u32 zero
 *
 * Every length is a multiple of 8, so that a body's arrays are views into the frame, not copies.
 */
export interface Frame {
  readonly header: unknown;
  /** Bytes of the body; at a multiple of 8 within its buffer. */
  readonly body: Uint8Array;
  /** Bytes of the whole frame. */
  readonly length: number;
}

const magic = Uint8Array.from([...'gsframe'].map((letter) => letter.charCodeAt(0)).concat(1));
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/** Bytes before the header, and after the body. */
const before = 16;
const after = 8;

/** Longest frame that is read: 32 MiB. */
export const maxFrameBytes = 32 * 2 ** 20;

const padded = (length: number): number => (length + 7) & ~7;

/** A body array: anything with bytes. */
export type FramePart = Float64Array | Float32Array | Uint32Array | Uint8Array;

/** Writes a frame into bytes of its own. */
export function encodeFrame(header: unknown, parts: readonly FramePart[] = []): Uint8Array {
  const head = encoder.encode(JSON.stringify(header));
  const headLength = padded(head.length);
  const bodyLength = parts.reduce((sum, part) => sum + padded(part.byteLength), 0);
  const bytes = new Uint8Array(before + headLength + bodyLength + after);
  const view = new DataView(bytes.buffer);
  bytes.set(magic);
  view.setUint32(8, headLength, true);
  view.setUint32(12, bodyLength, true);
  bytes.fill(32, before, before + headLength);
  bytes.set(head, before);
  let at = before + headLength;
  for (const part of parts) {
    bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at);
    at += padded(part.byteLength);
  }
  view.setUint32(at, crc32c(bytes.subarray(0, at)), true);
  return bytes;
}

/**
 * Reads the frame that begins at `offset`.
 *
 * @returns undefined when the bytes end before the frame does (a torn tail)
 * @throws InputError for anything that is no whole, unharmed frame
 */
export function decodeFrame(bytes: Uint8Array, offset = 0): Frame | undefined {
  const left = bytes.length - offset;
  for (let i = 0; i < Math.min(8, left); i += 1) if (bytes[offset + i] !== magic[i]) throw new InputError(`frame: expected the mark of a frame at byte ${offset}, received other bytes`);
  if (left < before) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, left);
  const headLength = view.getUint32(8, true);
  const bodyLength = view.getUint32(12, true);
  const length = before + headLength + bodyLength + after;
  if (length > maxFrameBytes || headLength % 8 !== 0 || bodyLength % 8 !== 0) throw new InputError(`frame: lengths must be multiples of 8 and at most ${maxFrameBytes} together, received ${headLength} and ${bodyLength}`);
  if (left < length) return undefined;
  const own = aligned(bytes, offset, length);
  const crc = view.getUint32(length - after, true);
  if (crc32c(own.subarray(0, length - after)) !== crc || view.getUint32(length - 4, true) !== 0) throw new InputError(`frame: the checksum at byte ${offset} does not fit, the frame was damaged`);
  return { header: parseHeader(own.subarray(before, before + headLength)), body: own.subarray(before + headLength, length - after), length };
}

/** A view where arrays of 8-byte numbers can stand; a copy only where the frame lies askew in its buffer (`slice` of a Node Buffer would be a view, too). */
const aligned = (bytes: Uint8Array, offset: number, length: number): Uint8Array =>
  (bytes.byteOffset + offset) % 8 === 0 ? bytes.subarray(offset, offset + length) : new Uint8Array(bytes.subarray(offset, offset + length));

function parseHeader(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch (error) {
    if (isInputError(error)) throw error;
    throw new InputError(`frame: the header must be JSON, received ${shown(error instanceof Error ? error.message : error)}`);
  }
}

/** Hands out the arrays of a body, in the order in which they were given. */
export class BodyReader {
  private at = 0;

  constructor(private readonly body: Uint8Array) {}

  floats64 = (n: number): Float64Array => new Float64Array(this.body.buffer, this.take(n * 8), n);
  floats32 = (n: number): Float32Array => new Float32Array(this.body.buffer, this.take(n * 4), n);
  uints32 = (n: number): Uint32Array => new Uint32Array(this.body.buffer, this.take(n * 4), n);
  bytes = (n: number): Uint8Array => new Uint8Array(this.body.buffer, this.take(n), n);

  /** @throws InputError when bytes are left over */
  end(): void {
    if (this.at !== this.body.length) throw new InputError(`frame: the header describes ${this.at} bytes of body, received ${this.body.length}`);
  }

  private take(length: number): number {
    const start = this.body.byteOffset + this.at;
    this.at += padded(length);
    if (this.at > this.body.length) throw new InputError(`frame: the header describes more than the ${this.body.length} bytes of body`);
    return start;
  }
}
