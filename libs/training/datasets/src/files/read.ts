import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { InputError } from '@gradstream/numerics';

/** Uncompressed bytes beyond which a gzip file is refused. */
export const LARGEST = 2 ** 31;

/**
 * The bytes of a file, uncompressed when they are gzip (by their first two bytes, whatever the name).
 *
 * @throws InputError naming the path: missing, unreadable, broken gzip
 */
export async function readBytes(path: string): Promise<Uint8Array> {
  const stored = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new InputError(`${path}: ${error.code === 'ENOENT' ? 'does not exist' : error.code === 'EISDIR' ? 'is a folder' : `cannot be read (${error.code ?? error.message})`}`);
  });
  if (stored[0] !== 0x1f || stored[1] !== 0x8b) return plain(stored);
  return promisify(gunzip)(stored, { maxOutputLength: LARGEST }).then(plain, (error: NodeJS.ErrnoException) => {
    throw new InputError(`${path}: ${error.code === 'ERR_BUFFER_TOO_LARGE' ? `holds more than ${LARGEST} bytes` : `broken gzip (${error.message})`}`);
  });
}

/** Node's Buffer as what it stands on, so that nothing downstream meets Buffer's own `slice`. */
const plain = ({ buffer, byteOffset, length }: Buffer): Uint8Array => new Uint8Array(buffer, byteOffset, length);
