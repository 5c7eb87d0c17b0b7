import { constants } from 'node:fs';
import { open, readFile, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isInputError } from '@gradstream/numerics';
import { decodeFrame, encodeFrame } from '@gradstream/protocol';

/** A batch in the journal, and its place in the log of its run. */
export interface JournalEntry {
  readonly run: string;
  readonly lsn: number;
  readonly frame: Uint8Array;
}

/** Writes return when they are on the disk; where the system has no such flag they are followed by a wait for it. */
const { O_RDWR, O_DSYNC } = constants as { readonly O_RDWR: number; readonly O_DSYNC?: number };

/**
 * Batches one after another, each a frame that says where it belongs, then the frame that came. The file has its length
 * from the beginning, as zeros: a write into it changes no metadata, which would cost a second wait for the disk.
 */
export class JournalFile {
  private end = 0;
  /** Up to where a write that failed may have left something. */
  private spoiled = 0;

  private constructor(readonly path: string, readonly size: number, private readonly handle: FileHandle) {}

  static async create(path: string, size: number): Promise<JournalFile> {
    const blank = await open(path, 'w');
    try {
      await blank.write(Buffer.alloc(size));
      await blank.sync();
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    } finally {
      await blank.close();
    }
    await syncFolder(dirname(path));
    return new JournalFile(path, size, await open(path, O_RDWR | (O_DSYNC ?? 0)));
  }

  get used(): number {
    return this.end;
  }

  /** Resolves when all of it is on the disk; rejects when none of it counts. */
  async append(parts: readonly Uint8Array[], length: number): Promise<void> {
    await this.heal();
    this.spoiled = this.end + length;
    await this.write(parts, length);
    this.spoiled = 0;
    this.end += length;
  }

  /** Blanks what a failed write may have left, before anything else may count. */
  async heal(): Promise<void> {
    if (this.spoiled === 0) return;
    await this.write([Buffer.alloc(this.spoiled - this.end)], this.spoiled - this.end);
    this.spoiled = 0;
  }

  async close(): Promise<void> {
    await this.handle.close();
  }

  async remove(): Promise<void> {
    await this.close();
    await rm(this.path, { force: true });
  }

  private async write(parts: readonly Uint8Array[], length: number): Promise<void> {
    const { bytesWritten } = await this.handle.writev(parts as Uint8Array[], this.end);
    if (bytesWritten !== length) throw new Error(`the disk took ${bytesWritten} of ${length} bytes`);
    if (O_DSYNC === undefined) await this.handle.datasync();
  }
}

/** Makes the names in a folder as lasting as the files. */
async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r').catch(() => undefined);
  await handle?.sync().catch(() => {}).finally(() => handle.close());
}

/** What stands before a batch in the file. */
export const placeFrame = ({ run, lsn }: JournalEntry): Uint8Array => encodeFrame({ run, lsn });

/** The batches of a file, up to its end or to what a crash tore. */
export async function readJournalFile(path: string): Promise<JournalEntry[]> {
  const bytes = await readFile(path);
  const entries: JournalEntry[] = [];
  try {
    for (let at = 0; ;) {
      const place = decodeFrame(bytes, at);
      const batch = place && decodeFrame(bytes, at + place.length);
      if (!place || !batch) return entries;
      const begin = at + place.length;
      at = begin + batch.length;
      entries.push({ ...(place.header as { run: string; lsn: number }), frame: bytes.subarray(begin, at) });
    }
  } catch (error) {
    if (isInputError(error)) return entries;
    throw error;
  }
}
