import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { JournalFile, placeFrame, readJournalFile, type JournalEntry } from './journal-file.ts';

/** Length of the first file of a journal, and of the longest: each is four times as long as the one before. */
const firstSize = 2 ** 16;
const lastSize = 2 ** 23;

interface Held extends JournalEntry {
  readonly file: JournalFile;
}

/**
 * Where batches are kept until they are sealed: files beside the store's own that take one write and one wait for the
 * disk for each group. When a file is full, what of it is not sealed yet moves into the store, and the file goes.
 */
export class Journal {
  private readonly held = new Map<string, Held[]>();
  private file: JournalFile | undefined;
  private next: Promise<JournalFile> | undefined;
  private full: JournalFile | undefined;
  private moving: Promise<void> | undefined;
  private made = 0;

  /**
   * @param prefix of the files' names
   * @param move puts entries where they outlive the file; resolves when they are kept for good
   */
  constructor(private readonly prefix: string, private readonly move: (entries: readonly JournalEntry[]) => Promise<void>) {}

  /** What files of an earlier process hold. @returns the entries, and what removes the files */
  static async leftBehind(prefix: string): Promise<{ readonly entries: readonly JournalEntry[]; remove(): Promise<void> }> {
    const number = (name: string): number => Number(name.slice(basename(prefix).length));
    const names = (await readdir(dirname(prefix))).filter((name) => name.startsWith(basename(prefix)) && Number.isInteger(number(name)));
    const paths = names.sort((a, b) => number(a) - number(b)).map((name) => join(dirname(prefix), name));
    const entries = (await Promise.all(paths.map(readJournalFile))).flat();
    return { entries, remove: async () => void (await Promise.all(paths.map((path) => rm(path)))) };
  }

  /** Keeps entries for good. One call at a time. */
  async append(entries: readonly JournalEntry[]): Promise<void> {
    const parts = entries.flatMap((entry) => [placeFrame(entry), entry.frame]);
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    const file = await this.fileFor(length);
    await file.append(parts, length);
    for (const entry of entries) {
      const its = this.held.get(entry.run);
      const kept = { ...entry, file };
      if (its) its.push(kept);
      else this.held.set(entry.run, [kept]);
    }
    if (file.used > file.size / 2) this.next ??= this.prepare();
  }

  /** A run's entries in the files, by position. */
  of(run: string): readonly JournalEntry[] {
    return this.held.get(run) ?? [];
  }

  runs(): readonly string[] {
    return [...this.held.keys()];
  }

  /** Makes sure that nothing of a group that was refused can come back. To be done before its positions are given out again elsewhere. */
  async heal(): Promise<void> {
    await this.file?.heal();
  }

  /** Lets go of entries that stand in a segment now. */
  sealed(run: string, through: number): void {
    const left = this.held.get(run)?.filter(({ lsn }) => lsn > through) ?? [];
    if (left.length > 0) this.held.set(run, left);
    else this.held.delete(run);
  }

  /** Moves everything into the store. No file is left. */
  async drain(): Promise<void> {
    await this.settleFull();
    const prepared = this.next;
    this.next = undefined;
    await (await prepared?.catch(() => undefined))?.remove();
    this.full = this.file;
    this.file = undefined;
    await this.settleFull();
  }

  /** Closes the files as they are; the next start finds them. */
  async leave(): Promise<void> {
    await Promise.all([this.file, this.full, await this.next?.catch(() => undefined)].map((file) => file?.close()));
  }

  private async fileFor(length: number): Promise<JournalFile> {
    while (!this.file || this.file.used + length > this.file.size) await this.turnOver(length);
    return this.file;
  }

  /** Begins the next file. */
  private async turnOver(length: number): Promise<void> {
    await this.heal();
    await this.settleFull();
    const next = this.next ?? this.prepare(length);
    this.next = undefined;
    const file = await next;
    this.full = this.file;
    this.file = file;
    this.settleFull().catch(() => {});
  }

  private prepare(atLeast = 0): Promise<JournalFile> {
    const size = Math.max(atLeast, Math.min(lastSize, firstSize * 4 ** this.made));
    this.made += 1;
    const file = JournalFile.create(`${this.prefix}${this.made}`, size);
    file.catch(() => {});
    return file;
  }

  /** Moves what the full file still holds; where that fails it is tried again before the next file is begun. */
  private settleFull(): Promise<void> {
    this.moving ??= this.empty().finally(() => (this.moving = undefined));
    return this.moving;
  }

  private async empty(): Promise<void> {
    const file = this.full;
    if (!file) return;
    await this.move([...this.held.values()].flat().filter((entry) => entry.file === file));
    for (const [run, its] of this.held) {
      const left = its.filter((entry) => entry.file !== file);
      if (left.length > 0) this.held.set(run, left);
      else this.held.delete(run);
    }
    this.full = undefined;
    await file.remove();
  }
}
