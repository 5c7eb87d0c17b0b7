import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { key, uniforms } from '@gradstream/numerics';
import { pack } from 'tar-stream';
import type { Download } from './catalogue.ts';
import { fetchDataset, type FetchProgress } from './fetch.ts';

const content = Buffer.from(uniforms(key(1), 200_000).map((u) => u * 256));
const gz = gzipSync(content);
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Answers a request as a well-behaved server does, ranges included. */
function serve(bytes: Uint8Array, request: IncomingMessage, response: ServerResponse): void {
  const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
  if (from >= bytes.length && from > 0) return void response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
  const head = { 'content-length': bytes.length - from, ...(from > 0 ? { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` } : {}) };
  response.writeHead(from > 0 ? 206 : 200, head).end(bytes.subarray(from));
}

let server: Server;
let base: string;
let dir: string;
let ranges: (string | undefined)[];
let answer: (request: IncomingMessage, response: ServerResponse) => void;

beforeEach(async () => {
  ranges = [];
  dir = await mkdtemp(join(tmpdir(), 'fetch-'));
  server = createServer((request, response) => {
    ranges.push(request.headers.range);
    answer(request, response);
  });
  await new Promise<void>((ready) => { server.listen(0, '127.0.0.1', ready); });
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((closed) => { server.close(closed); });
  await rm(dir, { recursive: true });
});

const fetchSet = (download: Partial<Download>, options: { readonly sha256?: string; readonly onProgress?: (p: FetchProgress) => void; readonly retries?: number; readonly signal?: AbortSignal } = {}): Promise<readonly string[]> =>
  fetchDataset('set', { dir, retries: 0, ...options, from: { set: [{ file: 'data.gz', url: `${base}data.gz`, sha256: sha256(content), uncompressed: true, ...download }] } });

it('brings a good file, tells how far it is, and leaves nothing else', async () => {
  answer = (request, response) => serve(gz, request, response);
  const progress: FetchProgress[] = [];
  const [path] = await fetchSet({}, { onProgress: (p) => progress.push(p) });
  expect(await readFile(path)).toEqual(gz);
  expect(await readdir(join(dir, 'set'))).toEqual(['data.gz']);
  expect(progress.at(-1)).toEqual({ file: 'data.gz', received: gz.length, total: gz.length });
  expect(progress.map(({ received }) => received)).toEqual([...progress.map(({ received }) => received)].sort((a, b) => a - b));
});

it('asks for nothing that is there already', async () => {
  answer = (request, response) => serve(gz, request, response);
  await fetchSet({});
  await fetchSet({});
  expect(ranges).toHaveLength(1);
});

it('refuses a wrong digest and keeps nothing', async () => {
  answer = (request, response) => serve(gzipSync(content.subarray(1)), request, response);
  await expect(fetchSet({})).rejects.toThrow(/data\.gz from .* has the wrong SHA-256 \(of its uncompressed bytes\): expected [0-9a-f]{64}, received [0-9a-f]{64}; nothing was kept/);
  expect(await readdir(join(dir, 'set'))).toEqual([]);
});

it('refuses what is not even gzip', async () => {
  answer = (request, response) => serve(Buffer.from('<html>moved</html>'), request, response);
  await expect(fetchSet({})).rejects.toThrow('received none: incorrect header check; nothing was kept');
});

it('says what the server answered', async () => {
  answer = (_, response) => void response.writeHead(404).end('no such file');
  await expect(fetchSet({})).rejects.toThrow(`data fetch: ${base}data.gz answered 404 Not Found`);
  expect(existsSync(join(dir, 'set', 'data.gz'))).toBe(false);
});

it('keeps the part of a broken download under another name and goes on from there', async () => {
  answer = (_, response) => {
    response.writeHead(200, { 'content-length': gz.length });
    response.write(gz.subarray(0, 3_000));
    // Breaks off when what was sent is on disk.
    const stored = setInterval(() => {
      if (statSync(join(dir, 'set', 'data.gz.part'), { throwIfNoEntry: false })?.size !== 3_000) return;
      clearInterval(stored);
      response.destroy();
    }, 5);
  };
  await expect(fetchSet({})).rejects.toThrow(/broke off after 3000 bytes \(.*\); the same command goes on from there/);
  expect(await readdir(join(dir, 'set'))).toEqual(['data.gz.part']);
  answer = (request, response) => serve(gz, request, response);
  const progress: FetchProgress[] = [];
  const [path] = await fetchSet({}, { onProgress: (p) => progress.push(p) });
  expect(ranges).toEqual([undefined, 'bytes=3000-']);
  expect(progress[0].received).toBeGreaterThan(3_000);
  expect(progress.at(-1)).toEqual({ file: 'data.gz', received: gz.length, total: gz.length });
  expect(await readFile(path)).toEqual(gz);
});

it('goes on by itself when the connection breaks', async () => {
  answer = (request, response) => {
    if (ranges.length > 1) return serve(gz, request, response);
    response.writeHead(200, { 'content-length': gz.length });
    response.write(gz.subarray(0, 1_000), () => setTimeout(() => response.destroy(), 20));
  };
  const [path] = await fetchSet({}, { retries: 1 });
  expect(await readFile(path)).toEqual(gz);
  expect(ranges).toEqual([undefined, 'bytes=1000-']);
});

it('starts over where the server knows no ranges', async () => {
  await mkdir(join(dir, 'set'));
  await writeFile(join(dir, 'set', 'data.gz.part'), gz.subarray(0, 500));
  answer = (_, response) => void response.writeHead(200, { 'content-length': gz.length }).end(gz);
  expect(await readFile((await fetchSet({}))[0])).toEqual(gz);
});

it('takes a part that is whole for the file', async () => {
  await mkdir(join(dir, 'set'));
  await writeFile(join(dir, 'set', 'data.gz.part'), gz);
  answer = (request, response) => serve(gz, request, response);
  expect(await readFile((await fetchSet({}))[0])).toEqual(gz);
});

it('drops a part that is longer than the file', async () => {
  await mkdir(join(dir, 'set'));
  await writeFile(join(dir, 'set', 'data.gz.part'), Buffer.concat([gz, gz]));
  answer = (request, response) => serve(gz, request, response);
  expect(await readFile((await fetchSet({}, { retries: 1 }))[0])).toEqual(gz);
});

it('drops a part of another file by its digest', async () => {
  await mkdir(join(dir, 'set'));
  await writeFile(join(dir, 'set', 'data.gz.part'), Buffer.alloc(500, 7));
  answer = (request, response) => serve(gz, request, response);
  await expect(fetchSet({})).rejects.toThrow('wrong SHA-256');
  expect(await readFile((await fetchSet({}))[0])).toEqual(gz);
});

it('stops when it is told to, and keeps the part', async () => {
  const stop = new AbortController();
  answer = (_, response) => {
    response.writeHead(200, { 'content-length': gz.length });
    response.write(gz.subarray(0, 1_000));
  };
  await expect(fetchSet({}, { retries: 3, signal: stop.signal, onProgress: () => stop.abort(new Error('enough')) })).rejects.toThrow('enough');
  expect(existsSync(join(dir, 'set', 'data.gz'))).toBe(false);
});

describe('an archive', () => {
  const archive = async (names: readonly string[]): Promise<Buffer> => {
    const tar = pack();
    for (const name of names) tar.entry({ name: `folder/${name}` }, `content of ${name}`);
    tar.finalize();
    const chunks: Uint8Array[] = [];
    for await (const chunk of tar) chunks.push(chunk as Uint8Array);
    return gzipSync(Buffer.concat(chunks));
  };

  it('gives its members and goes away', async () => {
    const bytes = await archive(['a.bin', 'readme', 'b.bin']);
    answer = (request, response) => serve(bytes, request, response);
    const paths = await fetchSet({ uncompressed: false, sha256: sha256(bytes), members: ['a.bin', 'b.bin'] });
    expect(await Promise.all(paths.map((path) => readFile(path, 'utf8')))).toEqual(['content of a.bin', 'content of b.bin']);
    expect((await readdir(join(dir, 'set'))).sort()).toEqual(['a.bin', 'b.bin']);
  });

  it('wants a digest', async () => {
    const bytes = await archive(['a.bin']);
    answer = (request, response) => serve(bytes, request, response);
    const download = { uncompressed: false, sha256: undefined, members: ['a.bin'] };
    await expect(fetchSet(download)).rejects.toThrow('data fetch: no digest of data.gz is known; give the one you trust with --sha256');
    expect(ranges).toEqual([]);
    expect(await fetchSet(download, { sha256: sha256(bytes).toUpperCase() })).toEqual([join(dir, 'set', 'a.bin')]);
  });

  it('says which member it lacks', async () => {
    const bytes = await archive(['a.bin']);
    answer = (request, response) => serve(bytes, request, response);
    await expect(fetchSet({ uncompressed: false, sha256: sha256(bytes), members: ['a.bin', 'b.bin'] })).rejects.toThrow('data fetch: data.gz has no b.bin');
  });
});

it('takes a digest for a single file only', async () => {
  await expect(fetchDataset('mnist', { dir, sha256: 'ab' })).rejects.toThrow('data fetch: mnist has 4 files, each with a digest of its own; --sha256 is for a single archive');
});

it('knows the names that can be downloaded', async () => {
  await expect(fetchDataset('fashion-minst')).rejects.toThrow("data fetch: 'fashion-minst' is not a known data set to download; did you mean 'fashion-mnist'? Known: mnist, fashion-mnist, cifar-10, ");
});
