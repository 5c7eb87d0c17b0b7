import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { InputError, type Examples, type Split, type SplitRole } from '@gradstream/numerics';
import { checkCifarLength, CIFAR_RECORD, readCifarRecord } from '../cifar.ts';
import { imageHeader, parseIdxHeader } from '../idx.ts';
import { makeSplit } from '../split.ts';

/** What a split on disk is called. */
interface Identity {
  readonly dataset: string;
  readonly role: SplitRole;
  readonly names: readonly string[];
}

/** A file of records of one length. */
interface RecordFile {
  readonly path: string;
  /** Where the first record starts, in bytes. */
  readonly start: number;
  readonly count: number;
}

/** Images of an IDX file, read as they are asked for; its labels are held. */
export async function idxOnDisk({ path, labelsOf, ...identity }: Identity & { readonly path: string; readonly labelsOf: (count: number) => Promise<Int32Array> }): Promise<Split<'classes'>> {
  const { count, height, width, start } = imageHeader(parseIdxHeader(readAt(path, 0, 36), statSync(path).size, path), path);
  const labels = await labelsOf(count);
  return onDisk(identity, [height, width, 1], [{ path, start, count }], height * width, (record, inputs, o, index) => {
    inputs.set(record, o);
    return labels[index];
  });
}

/** Records of CIFAR files, read as they are asked for. */
export function cifarOnDisk({ paths, ...identity }: Identity & { readonly paths: readonly string[] }): Split<'classes'> {
  const files = paths.map((path) => {
    readAt(path, 0, 2);
    checkCifarLength(statSync(path).size, path);
    return { path, start: 0, count: statSync(path).size / CIFAR_RECORD };
  });
  return onDisk(identity, [32, 32, 3], files, CIFAR_RECORD, (record, inputs, o, _, where) =>
    readCifarRecord(record, 0, inputs, o, identity.names.length, `${where}: the label`));
}

/** A split whose every batch comes from the files; nothing is kept but the page cache of the system. */
function onDisk({ dataset, role, names }: Identity, inputShape: readonly [number, number, number], files: readonly RecordFile[], length: number, read: (record: Uint8Array, inputs: Uint8Array, o: number, index: number, where: string) => number): Split<'classes'> {
  const pixels = inputShape[0] * inputShape[1] * inputShape[2];
  const record = new Uint8Array(length);
  return makeSplit<'classes'>({
    dataset, role, inputShape,
    size: files.reduce((n, { count }) => n + count, 0),
    targets: { kind: 'classes', width: names.length, names },
    gather: (indices): Examples<'classes'> => {
      const size = indices.length;
      const inputs = new Uint8Array(size * pixels);
      const values = new Int32Array(size);
      const open = new Map<string, number>();
      try {
        for (let n = 0; n < size; n++) {
          let within = indices[n];
          const file = files.find(({ count }) => within < count || ((within -= count), false))!;
          if (!open.has(file.path)) open.set(file.path, openSync(file.path, 'r'));
          const got = readSync(open.get(file.path)!, record, 0, length, file.start + within * length);
          if (got < length) throw new InputError(`${file.path}: truncated while it was read: record ${within} has ${got} of ${length} bytes`);
          values[n] = read(record, inputs, n * pixels, indices[n], `${file.path}, record ${within}`);
        }
      } finally {
        for (const descriptor of open.values()) closeSync(descriptor);
      }
      return { size, inputShape: [size, ...inputShape], inputs, targets: { kind: 'classes', width: names.length, shape: [size], values } };
    },
  });
}

/** The bytes at a place of a plain file; a gzip file has no places. */
function readAt(path: string, start: number, length: number): Uint8Array {
  const descriptor = openSync(path, 'r');
  try {
    const bytes = new Uint8Array(length);
    const read = bytes.subarray(0, readSync(descriptor, bytes, 0, length, start));
    if (read[0] === 0x1f && read[1] === 0x8b) throw new InputError(`${path}: is gzip, which can only be read from its start; unpack it (gunzip) to read batches from disk`);
    return read;
  } finally {
    closeSync(descriptor);
  }
}
