import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { bucketsPerBlock } from '../log/seal.ts';
import { bucketWidth } from '../log/buckets.ts';

/**
 * Packed columns: numbers whose neighbours are alike, small and without loss.
 *
 *   u32 n, u8 form, 3 bytes zero, then raw deflate of the bytes, byte 0 of every number first, then byte 1, …
 *
 * form 0: f64 as they are; 1: f32, where that holds every value; 2: whole numbers as differences of differences, zigzag
 * u32; 3: u32 as they are. Even steps and even clocks shrink to almost nothing in form 2.
 */
const forms = { f64: 0, f32: 1, rising: 2, u32: 3 } as const;

/** Packs measured values. */
export const packValues = (values: Float64Array): Uint8Array => (fits32(values) ? pack(forms.f32, Float32Array.from(values)) : pack(forms.f64, values));

/** Packs steps or clocks. */
export function packAxis(values: Float64Array): Uint8Array {
  const differences = new Uint32Array(values.length);
  let before = 0;
  let slope = 0;
  const start = values[0] ?? 0;
  for (let i = 0; i < values.length; i += 1) {
    const x = values[i] - start;
    const change = x - before - slope;
    if (!Number.isSafeInteger(values[i]) || Math.abs(change) > 0x3fffffff) return pack(forms.f64, values);
    differences[i] = change < 0 ? -2 * change - 1 : 2 * change;
    slope = x - before;
    before = x;
  }
  return pack(forms.rising, differences, start);
}

export const packRows = (rows: Uint32Array): Uint8Array => pack(forms.u32, rows);

/** Unpacks what any of the above packed. */
export function unpack(packed: Uint8Array): Float64Array {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const n = view.getUint32(0, true);
  const form = view.getUint8(4);
  const start = view.getFloat64(8, true);
  const size = form === forms.f64 ? 8 : 4;
  const bytes = unshuffle(inflateRawSync(packed.subarray(16)), n, size);
  switch (form) {
    case forms.f64: return new Float64Array(bytes.buffer, 0, n);
    case forms.f32: return Float64Array.from(new Float32Array(bytes.buffer, 0, n));
    case forms.u32: return Float64Array.from(new Uint32Array(bytes.buffer, 0, n));
    case forms.rising: return accumulate(new Uint32Array(bytes.buffer, 0, n), start);
    default: throw new Error(`a packed column has the unknown form ${form}`);
  }
}

export const unpackRows = (packed: Uint8Array): Uint32Array => Uint32Array.from(unpack(packed));

function accumulate(differences: Uint32Array, start: number): Float64Array {
  const values = new Float64Array(differences.length);
  let x = 0;
  let slope = 0;
  for (let i = 0; i < differences.length; i += 1) {
    const zigzag = differences[i];
    slope += zigzag % 2 === 1 ? -(zigzag + 1) / 2 : zigzag / 2;
    x += slope;
    values[i] = start + x;
  }
  return values;
}

/** Runs of equal bytes and Huffman codes: half the time of a search for repeats, and in shuffled measurements there are hardly any. */
const quick = { level: 1, strategy: constants.Z_RLE } as const;
/** Bytes as they are. */
const stored = { level: 0 } as const;

function pack(form: number, values: Float64Array | Float32Array | Uint32Array, start = 0, how: typeof quick | typeof stored = quick): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const body = deflateRawSync(shuffle(bytes, values.length, values.BYTES_PER_ELEMENT), how);
  const packed = new Uint8Array(16 + body.length);
  const view = new DataView(packed.buffer);
  view.setUint32(0, values.length, true);
  view.setUint8(4, form);
  view.setFloat64(8, start, true);
  packed.set(body, 16);
  return packed;
}

function shuffle(bytes: Uint8Array, n: number, size: number): Uint8Array {
  const shuffled = new Uint8Array(bytes.length);
  for (let i = 0, at = 0; i < n; i += 1) for (let place = i, plane = 0; plane < size; plane += 1, place += n) shuffled[place] = bytes[at++];
  return shuffled;
}

function unshuffle(shuffled: Uint8Array, n: number, size: number): Uint8Array {
  const bytes = new Uint8Array(n * size);
  for (let i = 0, at = 0; i < n; i += 1) for (let place = i, plane = 0; plane < size; plane += 1, place += n) bytes[at++] = shuffled[place];
  return bytes;
}

function fits32(values: Float64Array): boolean {
  for (let i = 0; i < values.length; i += 1) if (Math.fround(values[i]) !== values[i] && values[i] === values[i]) return false;
  return true;
}

/** Packs a block's buckets, field by field. A block that will be written again is not worth the work yet. */
export const packBuckets = (rows: Float64Array): Uint8Array =>
  pack(forms.f64, transposed(rows, rows.length / bucketWidth, bucketWidth), 0, rows.length < bucketsPerBlock * bucketWidth ? stored : quick);
export const unpackBuckets = (packed: Uint8Array): Float64Array => {
  const columns = unpack(packed);
  return transposed(columns, bucketWidth, columns.length / bucketWidth);
};

/** [height, width] becomes [width, height]. */
function transposed(values: Float64Array, height: number, width: number): Float64Array {
  const turned = new Float64Array(values.length);
  for (let y = 0; y < height; y += 1) for (let x = 0; x < width; x += 1) turned[x * height + y] = values[y * width + x];
  return turned;
}
