import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, readSync, readdirSync, truncateSync, unlinkSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isInputError } from '@gradstream/numerics';
import { decodeFrame, pointCount, unpackPoints } from '@gradstream/protocol';
import type { Journal } from './journal.ts';

/** Ending of journal files: `<run>.gsframes`. */
const ending = '.gsframes';

/** What a journal file holds. */
interface Recovered {
  readonly bytes: Uint8Array;
  readonly points: number;
}

/**
 * Reads the whole frames of a journal. A torn or damaged tail (the process died while it wrote) is left out.
 *
 * @returns the frames, and how many bytes they take
 */
function readFrames(file: string): { readonly frames: Recovered[]; readonly length: number } {
  const bytes = existsSync(file) ? new Uint8Array(readFileSync(file)) : new Uint8Array(0);
  const frames: Recovered[] = [];
  let at = 0;
  try {
    for (let frame = decodeFrame(bytes, at); frame && at < bytes.length; frame = decodeFrame(bytes, at)) {
      frames.push({ bytes: bytes.slice(at, at + frame.length), points: pointCount(unpackPoints(frame)) });
      at += frame.length;
    }
  } catch (error) {
    if (!isInputError(error)) throw error;
  }
  return { frames, length: at };
}

/**
 * A journal in a file: batches are appended as they are packed, off the training step's path, and the file goes when
 * all of them are with the server. What an earlier process left in it is sent again; the server stores it once.
 *
 * @throws Error where the file cannot be written: a journal that does not work says so at once
 */
export function fileJournal(file: string): Journal {
  mkdirSync(dirname(file), { recursive: true });
  const { frames, length } = readFrames(file);
  const handle = openSync(file, 'a+');
  truncateSync(file, length);
  let end = length;
  let waiting = frames.length;
  let problem: string | undefined;
  return {
    recovered: frames,
    append: (frame) => {
      waiting += 1;
      try {
        const at = end;
        const written = writeSync(handle, frame);
        end += written;
        if (written < frame.length) throw new Error(`only ${written} of ${frame.length} bytes could be written`);
        problem = undefined;
        return () => {
          const bytes = new Uint8Array(frame.length);
          readSync(handle, bytes, 0, bytes.length, at);
          return bytes;
        };
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        if (message !== problem) console.warn(`publish: the journal ${file} cannot be written (${message}); points are in memory alone`);
        problem = message;
        return undefined;
      }
    },
    acknowledge: () => {
      waiting -= 1;
      if (waiting > 0) return;
      truncateSync(file, 0);
      end = 0;
    },
    close: async (delivered) => {
      if (!delivered) fsyncSync(handle);
      closeSync(handle);
      if (delivered) unlinkSync(file);
    },
  };
}

/** Runs of which a folder holds points that no server has yet: `fileJournal(file)` sends them. */
export function pendingJournals(dir: string): { readonly run: string; readonly file: string; readonly points: number }[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir).filter((name) => name.endsWith(ending)).map((name) => {
    const file = join(dir, name);
    return { run: name.slice(0, -ending.length), file, points: readFrames(file).frames.reduce((n, { points }) => n + points, 0) };
  });
}

/** Where the journal of a run stands in a folder. */
export const journalFile = (dir: string, run: string): string => join(dir, `${run}${ending}`);
