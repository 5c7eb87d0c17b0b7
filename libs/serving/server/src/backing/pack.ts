import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { bucketsPerBlock } from '../log/seal.ts';
import { bucketWidth } from '../log/buckets.ts';

/**
 * Packed columns: numbers whose neighbours are alike, small and without loss.
 *
 *   u32 n, u8 form, u8 plain, 2 bytes zero, f64 start, then the bytes, byte 0 of every number first, then byte 1, …: the
 *   first `plain` of these planes as they are, the others as raw deflate. The low bytes of what was measured are noise.
 *
 * form 0: f64 as they are; 1: f32, where that holds every value; 2: whole numbers as differences of differences, zigzag
 * u32; 3: u32 as they are. Even steps and even clocks shrink to almost nothing in form 2.
 */
const forms = { f64: 0, f32: 1, rising: 2, u32: 3 } as const;

/** Packs measured values. */
export const packValues = (values: Float64Array): Uint8Array => (fits32(values) ? pack(forms.f32, new Float32Array(values)) : pack(forms.f64, values));

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
  const plain = view.getUint8(5);
  const rest = plain < size ? inflateRawSync(packed.subarray(16 + plain * n)) : undefined;
  const planes = Array.from({ length: size }, (_, plane) => (plane < plain ? packed.subarray(16 + plane * n, 16 + (plane + 1) * n) : rest!.subarray((plane - plain) * n, (plane - plain + 1) * n)));
  const words = unshuffle(planes, n);
  switch (form) {
    case forms.f64: return new Float64Array(words.buffer);
    case forms.f32: return widened(new Float32Array(words.buffer));
    case forms.u32: return widened(words);
    case forms.rising: return accumulate(words, start);
    default: throw new Error(`a packed column has the unknown form ${form}`);
  }
}

export const unpackRows = (packed: Uint8Array): Uint32Array => new Uint32Array(unpack(packed));

function accumulate(differences: Uint32Array, start: number): Float64Array {
  const values = new Float64Array(differences.length);
  let x = 0;
  let slope = 0;
  for (let i = 0; i < differences.length; i += 1) {
    const zigzag = differences[i];
    slope += zigzag & 1 ? -(zigzag >>> 1) - 1 : zigzag >>> 1;
    x += slope;
    values[i] = start + x;
  }
  return values;
}

/** Runs of equal bytes and Huffman codes: half the time of a search for repeats, and in shuffled measurements there are hardly any. */
const quick = { level: 1, strategy: constants.Z_RLE } as const;

function pack(form: number, values: Float64Array | Float32Array | Uint32Array, start = 0, deflates = true): Uint8Array {
  const { length: n, BYTES_PER_ELEMENT: size } = values;
  const planes = shuffle(values);
  let plain = 0;
  while (plain < size && (!deflates || isNoise(planes, plain * n, (plain + 1) * n))) plain += 1;
  const rest = plain === size ? undefined : deflateRawSync(planes.subarray(plain * n), quick);
  const packed = new Uint8Array(16 + plain * n + (rest?.length ?? 0));
  const view = new DataView(packed.buffer);
  view.setUint32(0, n, true);
  view.setUint8(4, form);
  view.setUint8(5, plain);
  view.setFloat64(8, start, true);
  packed.set(planes.subarray(0, plain * n), 16);
  if (rest) packed.set(rest, 16 + plain * n);
  return packed;
}

const seen = new Uint32Array(256);

/** Bytes that are looked at, of many: evenly spread over all of them. */
const mostSeen = 1024;

/** Whether bytes are so evenly spread (7.7 bits of collision entropy) that packing them is not worth the time. */
function isNoise(bytes: Uint8Array, begin: number, end: number): boolean {
  if (end - begin <= 256) return false;
  seen.fill(0);
  const stride = Math.ceil((end - begin) / mostSeen);
  for (let i = begin; i < end; i += stride) seen[bytes[i]] += 1;
  let collisions = 0;
  for (let i = 0; i < 256; i += 1) collisions += seen[i] * (seen[i] - 1);
  const n = Math.ceil((end - begin) / stride);
  return collisions * 256 < 1.23 * n * (n - 1);
}

/** Byte 0 of every number, then byte 1, …; numbers of 4 or 8 bytes, little-endian. */
function shuffle({ buffer, byteOffset, byteLength, length: n, BYTES_PER_ELEMENT: size }: Float64Array | Float32Array | Uint32Array): Uint8Array {
  const words = new Uint32Array(buffer, byteOffset, byteLength / 4);
  const planes = new Uint8Array(byteLength);
  const each = size / 4;
  for (let word = 0; word < each; word += 1) {
    for (let i = 0, from = word, at = word * 4 * n; i < n; i += 1, from += each, at += 1) {
      const bits = words[from];
      planes[at] = bits;
      planes[at + n] = bits >>> 8;
      planes[at + 2 * n] = bits >>> 16;
      planes[at + 3 * n] = bits >>> 24;
    }
  }
  return planes;
}

/** Numbers of 4 or 8 bytes, as words of 32 bits, from the planes of their bytes. */
function unshuffle(planes: readonly Uint8Array[], n: number): Uint32Array {
  const perNumber = planes.length / 4;
  const words = new Uint32Array(n * perNumber);
  for (let word = 0; word < perNumber; word += 1) {
    const [a, b, c, d] = planes.slice(4 * word);
    for (let i = 0, at = word; i < n; i += 1, at += perNumber) words[at] = a[i] | (b[i] << 8) | (c[i] << 16) | (d[i] << 24);
  }
  return words;
}

function widened(values: Float32Array | Uint32Array): Float64Array {
  const wide = new Float64Array(values.length);
  for (let i = 0; i < values.length; i += 1) wide[i] = values[i];
  return wide;
}

function fits32(values: Float64Array): boolean {
  for (let i = 0; i < values.length; i += 1) if (Math.fround(values[i]) !== values[i] && values[i] === values[i]) return false;
  return true;
}

/** Packs a block's buckets, field by field. A block that will be written again is not worth the work yet. */
export const packBuckets = (rows: Float64Array): Uint8Array =>
  pack(forms.f64, transposed(rows, rows.length / bucketWidth, bucketWidth), 0, rows.length === bucketsPerBlock * bucketWidth);
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
