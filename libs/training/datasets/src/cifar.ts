/**
 * The binary version of CIFAR-10: records of one label byte and 3,072 bytes, the red, green and blue plane of a
 * 32x32 image, row-major. https://www.cs.toronto.edu/~kriz/cifar.html
 */
import { InputError } from '@gradstream/numerics';

const SIDE = 32;
const PLANE = SIDE * SIDE;
const RECORD = 1 + 3 * PLANE;

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
  if (bytes.length === 0 || bytes.length % RECORD !== 0) {
    throw new InputError(`${where}: ${bytes.length === 0 ? 'is empty' : 'truncated'}: a CIFAR file is a whole number of records of ${RECORD} bytes, received ${bytes.length}`);
  }
  const count = bytes.length / RECORD;
  const images = new Uint8Array(count * 3 * PLANE);
  const labels = new Int32Array(count);
  for (let r = 0, o = 0; r < count; r++) {
    const start = r * RECORD;
    if (bytes[start] >= classes) throw new InputError(`${where}: the label of record ${r} must be one of ${classes} classes (0 to ${classes - 1}), received ${bytes[start]}`);
    labels[r] = bytes[start];
    for (let p = start + 1, end = p + PLANE; p < end; p++) {
      images[o++] = bytes[p];
      images[o++] = bytes[p + PLANE];
      images[o++] = bytes[p + 2 * PLANE];
    }
  }
  return { images, labels };
}
