import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import { InputError, unknownName } from '@gradstream/numerics';
import { extract } from 'tar-stream';
import { catalogue, type Download } from './catalogue.ts';
import { cacheFolder } from './place.ts';

/** How far a download is. */
export interface FetchProgress {
  readonly file: string;
  /** Bytes on disk, those of an earlier attempt included. */
  readonly received: number;
  /** Bytes in all, when the server says so. */
  readonly total?: number;
}

export interface FetchOptions {
  /** Digest of an archive that has none of its own, or in place of it. */
  readonly sha256?: string;
  /** Folder that gets a folder of the data set's name. Default the cache. */
  readonly dir?: string;
  readonly onProgress?: (progress: FetchProgress) => void;
  readonly signal?: AbortSignal;
  /** What can be downloaded. Default `catalogue`. */
  readonly from?: Readonly<Record<string, readonly Download[]>>;
  /** Attempts after a broken connection, each of which resumes. Default 3. */
  readonly retries?: number;
}

/**
 * Downloads a data set into the cache: each file under a `.part` name, resumed where an earlier attempt ended, checked by
 * its SHA-256, and only then renamed. Files that are there already are left alone.
 *
 * @returns the paths of its files
 * @throws InputError for an unknown name, an answer other than success, a wrong digest, or an archive without one
 */
export async function fetchDataset(name: string, { sha256, dir = cacheFolder(), onProgress, signal, from = catalogue, retries = 3 }: FetchOptions = {}): Promise<readonly string[]> {
  if (!Object.hasOwn(from, name)) throw new InputError(`data fetch: ${unknownName('data set to download', name, Object.keys(from))}`);
  if (sha256 && from[name].length > 1) throw new InputError(`data fetch: ${name} has ${from[name].length} files, each with a digest of its own; --sha256 is for a single archive`);
  const folder = join(dir, name);
  const paths: string[] = [];
  for (const download of from[name]) {
    const expected = { ...download, sha256: sha256 ?? download.sha256 };
    if (!expected.sha256) throw new InputError(`data fetch: no digest of ${download.file} is known; give the one you trust with --sha256`);
    const targets = (download.members ?? [download.file]).map((file) => join(folder, file));
    paths.push(...targets);
    if ((await Promise.all(targets.map(sizeOnDisk))).every((size) => size > 0)) continue;
    await mkdir(folder, { recursive: true });
    const part = join(folder, `${download.file}.part`);
    await receive(expected, part, { onProgress, signal, retries });
    await verify(expected, part);
    if (!download.members) await settle(part, targets[0]);
    else {
      await unpack(part, folder, download.members);
      await rm(part);
    }
  }
  return paths;
}

/** Fills the part file, going on where it ends; broken connections are tried again. */
async function receive({ file, url }: Download, part: string, { onProgress, signal, retries }: Pick<FetchOptions, 'onProgress' | 'signal'> & { readonly retries: number }): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await receiveOnce(file, url, part, onProgress, signal);
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof InputError) throw error;
      if (attempt >= retries) throw new InputError(`data fetch: ${url} broke off after ${await sizeOnDisk(part)} bytes (${reason(error)}); the same command goes on from there`);
      await wait(250 * 2 ** attempt, undefined, { signal });
    }
  }
}

async function receiveOnce(file: string, url: string, part: string, onProgress: FetchOptions['onProgress'], signal: AbortSignal | undefined): Promise<void> {
  const have = await sizeOnDisk(part);
  const response = await fetch(url, { headers: { 'accept-encoding': 'identity', ...(have > 0 ? { range: `bytes=${have}-` } : {}) }, signal });
  if (response.status === 416) {
    await response.body?.cancel();
    if (Number(response.headers.get('content-range')?.split('/')[1]) === have) return;
    await rm(part, { force: true });
    throw new Error('the part on disk is longer than the file');
  }
  if (!response.ok || !response.body) {
    await response.body?.cancel();
    throw response.status >= 500 || response.status === 429 ? new Error(`status ${response.status}`) : new InputError(`data fetch: ${url} answered ${response.status} ${response.statusText}`.trimEnd());
  }
  const resumed = response.status === 206 && response.headers.get('content-range')?.startsWith(`bytes ${have}-`) === true;
  let received = resumed ? have : 0;
  const length = Number(response.headers.get('content-length') ?? NaN);
  const total = Number.isFinite(length) ? received + length : undefined;
  const body = Readable.fromWeb(response.body as import('node:stream/web').ReadableStream<Uint8Array>);
  await pipeline(body, async function* (chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      received += chunk.length;
      onProgress?.({ file, received, ...(total === undefined ? {} : { total }) });
      yield chunk;
    }
  }, createWriteStream(part, { flags: resumed ? 'a' : 'w' }));
  if (total !== undefined && received < total) throw new Error(`${received} of ${total} bytes came`);
}

/** Compares digests; what does not match is removed, since resuming it could not help. */
async function verify({ file, url, sha256, uncompressed }: Download, part: string): Promise<void> {
  const hash = createHash('sha256');
  const digest = async (): Promise<string> => {
    await (uncompressed ? pipeline(createReadStream(part), createGunzip(), hash) : pipeline(createReadStream(part), hash));
    return hash.digest('hex');
  };
  const found = await digest().catch((error: unknown) => `none: ${reason(error)}`);
  if (found === sha256?.toLowerCase()) return;
  await rm(part, { force: true });
  throw new InputError(`data fetch: ${file} from ${url} has the wrong SHA-256${uncompressed ? ' (of its uncompressed bytes)' : ''}: expected ${sha256}, received ${found}; nothing was kept`);
}

/** Takes members out of a gzipped tar archive; each is renamed once it is whole. */
async function unpack(archive: string, folder: string, members: readonly string[]): Promise<void> {
  const wanted = new Set(members);
  const entries = extract();
  const reading = pipeline(createReadStream(archive), createGunzip(), entries);
  reading.catch(() => undefined);
  for await (const entry of entries) {
    const name = basename(entry.header.name);
    if (entry.header.type !== 'file' || !wanted.delete(name)) {
      entry.resume();
      continue;
    }
    const part = join(folder, `${name}.part`);
    await pipeline(entry, createWriteStream(part));
    await settle(part, join(folder, name));
  }
  await reading;
  if (wanted.size > 0) throw new InputError(`data fetch: ${basename(archive, '.part')} has no ${[...wanted].join(', ')}`);
}

/** Gives a whole file its final name, once it is on the disk. */
async function settle(part: string, path: string): Promise<void> {
  const handle = await open(part, 'r+');
  await handle.sync();
  await handle.close();
  await rename(part, path);
}

const sizeOnDisk = (path: string): Promise<number> => stat(path).then(({ size }) => size, () => 0);

function reason(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}
