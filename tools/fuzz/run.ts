/** Reads broken files and says what went wrong beside the sentences that were expected. */
import { fold, isInputError, key } from '@gradstream/numerics';
import type { Format } from './formats.ts';

export interface FuzzResult {
  readonly format: string;
  readonly files: number;
  /** Refused with a sentence, and read all the same. */
  readonly refused: number;
  readonly read: number;
  /** What must not be: a crash, a sentence without its file, an impossible answer, a hang, or memory out of all proportion. */
  readonly faults: readonly { readonly file: number; readonly fault: string }[];
  /** The longest read, in processor time. */
  readonly longestMs: number;
}

/** Longest processor time for a file of a few kilobytes, and most memory. */
const LIMITS = { ms: 2_000, bytes: 2 ** 28 };

/** Ends a sentence about `the file`: no full stop, unless what came was cut off. Some begin with the part that found the fault. */
const SENTENCE = /^([\w ]+: )?the file\b.*(\.{3}|[^\s.])$/s;

export function fuzz({ name, whole, read, break: broken }: Format, files: number, seed = 1): FuzzResult {
  if (!read(whole)) throw new Error(`${name}: the whole file is not read right`);
  const faults: { file: number; fault: string }[] = [];
  let [refused, wasRead, longestMs] = [0, 0, 0];
  for (let file = 0; file < files; file++) {
    const bytes = broken(fold(fold(key(seed), name), file));
    const [start, memory] = [process.cpuUsage(), process.memoryUsage().arrayBuffers];
    try {
      if (read(bytes)) wasRead++;
      else faults.push({ file, fault: 'a wrong answer' });
    } catch (error) {
      if (!isInputError(error)) faults.push({ file, fault: `no sentence: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}` });
      else if (!SENTENCE.test(error.message)) faults.push({ file, fault: `not a sentence about the file: ${error.message}` });
      else refused++;
    }
    const used = process.cpuUsage(start);
    const ms = (used.user + used.system) / 1000;
    longestMs = Math.max(longestMs, ms);
    if (ms > LIMITS.ms) faults.push({ file, fault: `took ${ms.toFixed(0)} ms of processor time` });
    if (process.memoryUsage().arrayBuffers - memory > LIMITS.bytes) faults.push({ file, fault: `took ${process.memoryUsage().arrayBuffers - memory} bytes` });
  }
  return { format: name, files, refused, read: wasRead, faults, longestMs };
}
