import { open, type FileHandle } from 'node:fs/promises';
import { InputError, isInputError } from '@gradstream/numerics';
import { decodeFrame, encodeFrame } from '@gradstream/protocol';
import type { StoredRun, Write } from './backing.ts';
import { MemoryBacking } from './memory-backing.ts';
import { noteRecord, parseNote } from './records.ts';

/** What the header of a frame in the file says; a batch's own frame is the body of a `points` line. */
type Line =
  | { readonly type: 'run'; readonly run: StoredRun }
  | { readonly type: 'delete'; readonly run: string }
  | { readonly type: 'points'; readonly run: string; readonly lsn: number; readonly bytes: number }
  | { readonly type: 'note'; readonly run: string; readonly lsn: number; readonly note: string }
  | { readonly type: 'setting'; readonly name: string; readonly value?: string };

/**
 * Keeps runs in one plain file of frames, without any native library. Everything is in memory too, and read back at
 * the start; segments and pyramids are built again from the points. A torn tail (the process died while it wrote) is
 * cut off.
 */
export class FileBacking extends MemoryBacking {
  readonly expires = false;
  private end = 0;

  private constructor(file: string, private readonly handle: FileHandle) {
    super(`a plain file at ${file}, with all of it in memory`);
  }

  /** @throws InputError for a file that is something else, or damaged before its end */
  static async open(file: string): Promise<FileBacking> {
    const handle = await open(file, 'a+').then((created) => created.close()).then(() => open(file, 'r+'));
    const backing = new FileBacking(file, handle);
    try {
      await backing.load(file);
      return backing;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  override async commit(writes: readonly Write[]): Promise<void> {
    const bytes = Buffer.concat(writes.flatMap(toFrame));
    try {
      await this.handle.write(bytes, 0, bytes.length, this.end);
      await this.handle.datasync();
    } catch (error) {
      await this.handle.truncate(this.end).catch(() => {});
      throw error;
    }
    this.end += bytes.length;
    await super.commit(writes);
  }

  override async close(): Promise<void> {
    await this.handle.close();
  }

  private async load(file: string): Promise<void> {
    const bytes = await this.handle.readFile();
    for (;;) {
      const frame = this.end < bytes.length ? frameAt(bytes, this.end, file) : undefined;
      if (!frame) break;
      this.apply(toWrite(frame.header as Line, frame.body));
      this.end += frame.length;
    }
    await this.handle.truncate(this.end);
  }
}

function frameAt(bytes: Uint8Array, at: number, file: string) {
  try {
    return decodeFrame(bytes, at);
  } catch (error) {
    const more = Buffer.from(bytes.buffer, bytes.byteOffset + at + 1, bytes.length - at - 1).includes('gsframe\x01');
    if (isInputError(error) && (at === 0 || more)) throw new InputError(`store: ${file} is ${at === 0 ? 'no store of runs' : `damaged at byte ${at}`} (${error.message})`);
    return undefined;
  }
}

/** Segments are left out: they hold what the points hold. */
function toFrame(write: Write): Uint8Array[] {
  switch (write.type) {
    case 'run': return [line(write)];
    case 'delete': return [line(write)];
    case 'points': return [line({ type: 'points', run: write.run, lsn: write.lsn, bytes: write.frame.length }, write.frame)];
    case 'note': return [line({ ...write, note: noteRecord(write.note) })];
    case 'setting': return [line(write)];
    case 'seal': case 'expire': return [];
  }
}

const line = (header: Line, body?: Uint8Array): Uint8Array => encodeFrame(header, body ? [body] : []);

function toWrite(header: Line, body: Uint8Array): Write {
  switch (header.type) {
    case 'run': return { type: 'run', run: { ...header.run, sealed: 0, segments: 0 } };
    case 'delete': case 'setting': return header;
    case 'points': return { type: 'points', run: header.run, lsn: header.lsn, frame: body.subarray(0, header.bytes) };
    case 'note': return { ...header, note: parseNote(header.note) };
  }
}
