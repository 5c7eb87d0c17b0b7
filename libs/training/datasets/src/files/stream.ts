import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { fold, InputError, integerAt, key, type Examples } from '@gradstream/numerics';
import { parse, type CsvError } from 'csv-parse';
import { CIFAR_RECORD, readCifarRecord } from '../cifar.ts';
import { encodedWidth, encodeInputs, encodeTargets, type TableEncoding } from '../encoding.ts';

/** How a stream of examples is shuffled and cut into batches. */
export interface StreamOptions {
  /** Examples in a batch. Default 128. */
  readonly size?: number;
  /** Examples held to draw from: the larger, the better shuffled; 1 keeps the order of the file. Default 4,096. */
  readonly buffer?: number;
  /** Default 0. */
  readonly seed?: number;
  /** Another pass has another order. Default 0. */
  readonly epoch?: number;
}

/**
 * The items of a stream in a random order, with no more than `buffer` of them held: each new item takes the place of one
 * drawn from the buffer. The same seed and epoch give the same order.
 */
export async function* shuffled<T>(source: AsyncIterable<T>, { buffer = 4_096, seed = 0, epoch = 0 }: Pick<StreamOptions, 'buffer' | 'seed' | 'epoch'> = {}): AsyncGenerator<T> {
  const from = fold(fold(key(seed), 'shuffled'), epoch);
  const held: T[] = [];
  let drawn = 0;
  for await (const item of source) {
    if (held.length < buffer) {
      held.push(item);
      continue;
    }
    const place = integerAt(from, drawn++, held.length);
    const out = held[place];
    held[place] = item;
    yield out;
  }
  while (held.length > 0) {
    const place = integerAt(from, drawn++, held.length);
    const out = held[place];
    held[place] = held[held.length - 1];
    held.pop();
    yield out;
  }
}

/** Lists of `size` items; the last one may be short. */
export async function* batched<T>(source: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let items: T[] = [];
  for await (const item of source) {
    items.push(item);
    if (items.length < size) continue;
    yield items;
    items = [];
  }
  if (items.length > 0) yield items;
}

/**
 * Batches of CIFAR files of any size, plain or gzip, read from start to end with flat memory.
 *
 * @throws InputError for a file that ends within a record, or a label outside the classes
 */
export async function* streamCifar(paths: readonly string[], { size = 128, classes = 10, ...order }: StreamOptions & { readonly classes?: number } = {}): AsyncGenerator<Examples<'classes'>> {
  for await (const records of batched(shuffled(recordsOf(paths), order), size)) {
    const inputs = new Uint8Array(records.length * 3_072);
    const values = Int32Array.from(records, ({ bytes, where }, n) => readCifarRecord(bytes, 0, inputs, n * 3_072, classes, where));
    yield { size: records.length, inputShape: [records.length, 32, 32, 3], inputs, targets: { kind: 'classes', width: classes, shape: [records.length], values } };
  }
}

async function* recordsOf(paths: readonly string[]): AsyncGenerator<{ readonly bytes: Uint8Array; readonly where: string }> {
  for (const path of paths) {
    let rest = new Uint8Array(0);
    let record = 0;
    for await (const chunk of bytesOf(path)) {
      const bytes = new Uint8Array(rest.length + chunk.length);
      bytes.set(rest);
      bytes.set(chunk, rest.length);
      let start = 0;
      for (; start + CIFAR_RECORD <= bytes.length; start += CIFAR_RECORD) yield { bytes: bytes.slice(start, start + CIFAR_RECORD), where: `${path}: the label of record ${record++}` };
      rest = bytes.slice(start);
    }
    if (rest.length > 0) throw new InputError(`${path}: truncated: record ${record} has ${rest.length} of ${CIFAR_RECORD} bytes`);
  }
}

/** One row of a table, and the line on which it ends. */
interface Row {
  readonly record: readonly string[];
  readonly line: number;
}

/**
 * Batches of a CSV or TSV file of any size, plain or gzip, encoded by a schema fitted before (on a part that fits into memory).
 *
 * @throws InputError with file and line
 */
export async function* streamCsv(path: string, encoding: TableEncoding, { size = 128, ...order }: StreamOptions = {}): AsyncGenerator<Examples<'classes' | 'values'>> {
  const { layout, layout: { skipLines = 0, header = true, delimiter = ',', columns } } = encoding;
  const parser = parse({ bom: true, info: true, from_line: skipLines + 1, delimiter, relax_column_count: true, skip_empty_lines: true, max_record_size: 1 << 20 });
  pipeline(bytesOf(path), parser, () => undefined);
  const rows = parser as AsyncIterable<{ record: string[]; info: { lines: number } }>;
  let names = columns;
  const read = async function* (): AsyncGenerator<Row> {
    let first = true;
    for await (const { record, info } of rows) {
      if (first) {
        names ??= header ? record.map((name) => name.trim()) : record.map((_, i) => `c${i}`);
        first = false;
        if (header) continue;
      }
      if (record.length !== names!.length) throw new InputError(`${path}, line ${info.lines}: expected ${names!.length} columns, received ${record.length}`);
      yield { record, line: info.lines };
    }
  };
  try {
    for await (const chunk of batched(shuffled(read(), order), size)) {
      const table = { where: path, columns: names!, rows: chunk.map(({ record }) => record), lines: chunk.map(({ line }) => line), layout };
      yield { size: chunk.length, inputShape: [chunk.length, encodedWidth(encoding)], inputs: encodeInputs(table, encoding), targets: encodeTargets(table, encoding) };
    }
  } catch (error) {
    const { code, lines } = error as CsvError & { readonly lines?: number };
    throw typeof code === 'string' && code.includes('QUOTE') ? new InputError(`${path}, line ${lines}: a quoted cell is not closed, or a quote stands in the middle of a cell`) : error;
  }
}

/** The bytes of a file from its start, unpacked when it is gzip. */
async function* bytesOf(path: string): AsyncGenerator<Uint8Array> {
  try {
    const file = await open(path);
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0).finally(() => file.close());
    if (buffer[0] !== 0x1f || buffer[1] !== 0x8b) yield* createReadStream(path) as AsyncIterable<Uint8Array>;
    else {
      const unpacked = createGunzip();
      pipeline(createReadStream(path), unpacked, () => undefined);
      yield* unpacked as AsyncIterable<Uint8Array>;
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new InputError(`${path}: ${code === 'ENOENT' ? 'does not exist' : code.startsWith('Z_') ? `broken gzip (${message})` : `cannot be read (${code})`}`);
  }
}
