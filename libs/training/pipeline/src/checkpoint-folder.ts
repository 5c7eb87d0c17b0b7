import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { isInputError } from '@gradstream/numerics';
import { decodeCheckpoint, encodeCheckpoint } from './checkpoint-file.ts';
import type { Checkpoint, CheckpointSink } from './checkpoint.ts';

const pattern = /^step-(\d+)\.checkpoint$/;

/** Writes a file so that its name never stands for half of it: another name, fsync, rename, fsync of the folder. */
export function writeWhole(dir: string, name: string, bytes: Uint8Array | string): void {
  mkdirSync(dir, { recursive: true });
  const half = join(dir, `.${name}.half`);
  const file = openSync(half, 'w');
  try {
    const all = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes;
    for (let at = 0; at < all.length; ) at += writeSync(file, all, at);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(half, join(dir, name));
  const folder = openSync(dir, 'r');
  try {
    fsyncSync(folder);
  } catch {
    // Some systems have no fsync of folders; the rename itself is still whole.
  } finally {
    closeSync(folder);
  }
}

/** Checkpoints as files of a folder, `step-<next step>.checkpoint`; the last `keep` (default 3) stay. */
export function folderCheckpoints(dir: string, { keep = 3 }: { readonly keep?: number } = {}): CheckpointSink {
  return {
    write(checkpoint) {
      writeWhole(dir, `step-${String(checkpoint.step).padStart(9, '0')}.checkpoint`, encodeCheckpoint(checkpoint));
      for (const old of names(dir).slice(keep)) rmSync(join(dir, old), { force: true });
    },
  };
}

/**
 * The newest whole checkpoint of a folder, and which newer ones were passed over since they were damaged.
 *
 * @param wanted passes over whole ones too. Default takes any
 */
export function latestCheckpoint(dir: string, wanted: (checkpoint: Checkpoint) => boolean = () => true): { readonly checkpoint?: Checkpoint; readonly file?: string; readonly damaged: readonly string[] } {
  const damaged: string[] = [];
  for (const name of names(dir)) {
    const file = join(dir, name);
    try {
      const checkpoint = decodeCheckpoint(readFileSync(file), file);
      if (wanted(checkpoint)) return { checkpoint, file, damaged };
    } catch (error) {
      if (!isInputError(error)) throw error;
      damaged.push(error.message);
    }
  }
  return { damaged };
}

/** Newest first. */
const names = (dir: string): string[] => (existsSync(dir) ? readdirSync(dir).filter((name) => pattern.test(name)).sort().reverse() : []);
