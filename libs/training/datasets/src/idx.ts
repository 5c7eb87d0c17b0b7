/**
 * The IDX format of the MNIST files: two zero bytes, a type, the number of dimensions, each dimension as a
 * big-endian uint32, then the values, big-endian, row-major. http://yann.lecun.com/exdb/mnist/
 */
import { InputError, sizeOf } from '@gradstream/numerics';

/** An array read from an IDX file; only the types that data sets use (unsigned bytes, int32, float32). */
export interface IdxArray {
  readonly shape: readonly number[];
  readonly values: Uint8Array | Int32Array | Float32Array;
}

const TYPES: Readonly<Record<number, 'bytes' | 'int32' | 'float32'>> = { 0x08: 'bytes', 0x0c: 'int32', 0x0d: 'float32' };

/** What the head of an IDX file says. */
export interface IdxHeader {
  readonly type: 'bytes' | 'int32' | 'float32';
  readonly shape: readonly number[];
  /** Where the values start, in bytes. */
  readonly start: number;
}

/**
 * Reads the head of an IDX file.
 *
 * @param bytes at least the first 36 bytes of the file, or all of it
 * @param length bytes of the whole file
 * @param where begins the error: the file's path
 * @throws InputError when this is no IDX file, or its length is not what its head says
 */
export function parseIdxHeader(bytes: Uint8Array, length: number, where: string): IdxHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const type = bytes.length >= 4 && view.getUint16(0) === 0 ? TYPES[bytes[2]] : undefined;
  const rank = bytes[3];
  if (!type || rank < 1 || rank > 8) {
    throw new InputError(`${where}: expected an IDX file (00 00, a type of 08, 0C or 0D, 1 to 8 dimensions), received ${length === 0 ? 'an empty file' : `bytes ${[...bytes.subarray(0, 4)].map((b) => b.toString(16).padStart(2, '0')).join(' ')}`}`);
  }
  const start = 4 + 4 * rank;
  if (bytes.length < start) throw new InputError(`${where}: truncated in the header: ${rank} dimensions need ${start} bytes, the file has ${length}`);
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  const expected = start + sizeOf(shape) * (type === 'bytes' ? 1 : 4);
  if (length !== expected) throw new InputError(`${where}: ${length < expected ? 'truncated' : 'too long'}: an array of shape [${shape}] makes ${expected} bytes, the file has ${length}`);
  return { type, shape, start };
}

/** Reads an IDX array; bytes are a view, not a copy. See `parseIdxHeader` for what it refuses. */
export function parseIdx(bytes: Uint8Array, where: string): IdxArray {
  const { type, shape, start } = parseIdxHeader(bytes, bytes.length, where);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (type === 'bytes') return { shape, values: bytes.subarray(start) };
  if (type === 'int32') return { shape, values: Int32Array.from({ length: sizeOf(shape) }, (_, i) => view.getInt32(start + 4 * i)) };
  return { shape, values: Float32Array.from({ length: sizeOf(shape) }, (_, i) => view.getFloat32(start + 4 * i)) };
}

/**
 * Labels of an IDX file as classes.
 *
 * @throws InputError unless it is one row of whole numbers in 0 … classes - 1, as many as `count`
 */
export function parseIdxLabels(bytes: Uint8Array, where: string, classes: number, count: number): Int32Array {
  const { shape, values } = parseIdx(bytes, where);
  if (shape.length !== 1 || values instanceof Float32Array) throw new InputError(`${where}: labels must be one row of whole numbers, received shape [${shape}]`);
  if (values.length !== count) throw new InputError(`${where}: ${count} images need ${count} labels, received ${values.length}`);
  return Int32Array.from(values, (label, i) => {
    if (!(label >= 0 && label < classes)) throw new InputError(`${where}: label ${i} must be one of ${classes} classes (0 to ${classes - 1}), received ${label}`);
    return label;
  });
}

/**
 * Images of an IDX file: [count, height, width] bytes.
 *
 * @throws InputError for any other shape or type
 */
export function parseIdxImages(bytes: Uint8Array, where: string): IdxImageHeader & { readonly values: Uint8Array } {
  const header = imageHeader(parseIdxHeader(bytes, bytes.length, where), where);
  return { ...header, values: bytes.subarray(header.start) };
}

/** Sides of the images of an IDX file. */
export interface IdxImageHeader {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  /** Where the first image starts, in bytes. */
  readonly start: number;
}

/** Refuses an IDX file that holds no images. */
export function imageHeader({ type, shape, start }: IdxHeader, where: string): IdxImageHeader {
  if (shape.length !== 3 || type !== 'bytes') throw new InputError(`${where}: images must be bytes of shape [count, height, width], received ${type === 'bytes' ? '' : `${type} of `}shape [${shape}]`);
  const [count, height, width] = shape;
  if (count < 1 || height < 1 || width < 1) throw new InputError(`${where}: holds no image, its shape is [${shape}]`);
  return { count, height, width, start };
}
