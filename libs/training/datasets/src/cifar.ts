/**
 * The binary version of CIFAR-10: records of one label byte and 3,072 bytes, the red, green and blue plane of a
 * 32x32 image, row-major. https://www.cs.toronto.edu/~kriz/cifar.html
 */
import { InputError } from '@gradstream/numerics';

const SIDE = 32;
const PLANE = SIDE * SIDE;
/** Bytes of a record: the label, then three planes. */
export const CIFAR_RECORD = 1 + 3 * PLANE;

/** Images [count, 32, 32, 3] and their labels. */
export interface CifarRecords {
  readonly images: Uint8Array;
  readonly labels: Int32Array;
}

/**
 * Reads any whole number of records; planes become channels.
 *
 * @param where begins the error: the file's path
 * @throws InputError when the length is no multiple of 3,073, or a label is outside the classes
 */
export function parseCifar(bytes: Uint8Array, where: string, classes = 10): CifarRecords {
  checkCifarLength(bytes.length, where);
  const count = bytes.length / CIFAR_RECORD;
  const images = new Uint8Array(count * 3 * PLANE);
  const labels = new Int32Array(count);
  for (let r = 0; r < count; r++) labels[r] = readCifarRecord(bytes, r * CIFAR_RECORD, images, r * 3 * PLANE, classes, `${where}: the label of record ${r}`);
  return { images, labels };
}

/** Refuses a file that is no whole number of records. */
export function checkCifarLength(length: number, where: string): void {
  if (length === 0 || length % CIFAR_RECORD !== 0) {
    throw new InputError(`${where}: ${length === 0 ? 'is empty' : 'truncated'}: a CIFAR file is a whole number of records of ${CIFAR_RECORD} bytes, received ${length}`);
  }
}

/** Reads the record at `start` into [32, 32, 3] at `o`; returns its label. */
export function readCifarRecord(bytes: Uint8Array, start: number, image: Uint8Array, o: number, classes: number, where: string): number {
  if (bytes[start] >= classes) throw new InputError(`${where} must be one of ${classes} classes (0 to ${classes - 1}), received ${bytes[start]}`);
  for (let p = start + 1, end = p + PLANE; p < end; p++) {
    image[o++] = bytes[p];
    image[o++] = bytes[p + PLANE];
    image[o++] = bytes[p + 2 * PLANE];
  }
  return bytes[start];
}
