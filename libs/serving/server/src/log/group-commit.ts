import type { Backing, Write } from '../backing/backing.ts';

/**
 * Commits what arrives while a commit is under way in one go, so that many writers share one wait for the disk. Points go
 * with points: a backing may keep them elsewhere than the rest, and a group is kept as a whole or not at all.
 *
 * Where the backing can, points and seals do not wait for each other; all else keeps its order with both.
 */
export class GroupCommit {
  private readonly waiting: Group[] = [];
  private current: Group | undefined;
  private last: Promise<void> = Promise.resolve();
  private running: Promise<void> | undefined;
  /** Seals under way beside the groups, and why one of them failed. */
  private aside: Promise<void> = Promise.resolve();
  private refusal: { readonly error: unknown } | undefined;

  /** @param failed told when a commit could not be kept; what waited behind it is refused with it, for it was written on top */
  constructor(private readonly backing: Pick<Backing, 'commit' | 'sealAside'>, private readonly failed: (error: unknown) => void = () => {}) {}

  /** Resolves when the writes, and all before them, are kept for good. */
  commit(...writes: readonly Write[]): Promise<void> {
    const [first] = writes;
    if (writes.length === 1 && first.type === 'seal' && this.backing.sealAside && this.onlyPoints()) return this.seal(this.backing.sealAside(first));
    const points = writes.every(({ type }) => type === 'points');
    let group = this.waiting.at(-1);
    if (group?.points !== points) {
      group = { points, writes: [], ...deferred() };
      this.waiting.push(group);
    }
    group.writes.push(...writes);
    this.running ??= this.run();
    return group.promise;
  }

  /** Resolves when everything given so far is kept for good. */
  flushed(): Promise<void> {
    return this.waiting.at(-1)?.promise ?? this.last;
  }

  /** Resolves when nothing waits any more, whether or not it could be kept. */
  async settled(): Promise<void> {
    await this.aside;
    while (this.running) await this.running;
  }

  private onlyPoints(): boolean {
    return (this.current?.points ?? true) && this.waiting.every(({ points }) => points);
  }

  private seal(kept: Promise<void>): Promise<void> {
    const settled = kept.catch((error: unknown) => {
      this.refusal ??= { error };
      this.running ??= this.run();
    });
    this.aside = Promise.all([this.aside, settled]).then(() => {});
    return kept;
  }

  private async run(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    while (this.waiting.length > 0 || this.refusal) {
      if (this.waiting[0]?.points === false) await this.aside;
      if (this.refusal) this.refuse(this.refusal.error);
      else await this.keep(this.waiting.shift()!);
    }
    this.running = undefined;
  }

  private async keep(group: Group): Promise<void> {
    this.current = group;
    this.last = group.promise;
    try {
      await this.backing.commit(group.writes);
      group.resolve();
    } catch (error) {
      this.refuse(error, group);
    }
    this.current = undefined;
  }

  /** Nothing that waits can be kept any more. */
  private refuse(error: unknown, ...groups: readonly Group[]): void {
    this.refusal = undefined;
    const behind = this.waiting.splice(0);
    this.failed(error);
    for (const group of [...groups, ...behind]) group.reject(error);
  }
}

/** What is committed together. */
interface Group extends Deferred {
  readonly points: boolean;
  readonly writes: Write[];
}

interface Deferred {
  readonly promise: Promise<void>;
  resolve(): void;
  reject(error: unknown): void;
}

function deferred(): Deferred {
  let resolve!: () => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<void>((done, fail) => {
    resolve = done;
    reject = fail;
  });
  promise.catch(() => {});
  return { promise, resolve, reject };
}
