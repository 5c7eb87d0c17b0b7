import type { Backing, Write } from '../backing/backing.ts';

/**
 * Commits what arrives while a commit is under way in one go, so that many writers share one wait for the disk.
 */
export class GroupCommit {
  private waiting: Write[] = [];
  private next = deferred();
  private current: Promise<void> = Promise.resolve();
  private running: Promise<void> | undefined;

  /** @param failed told when a commit could not be kept; what waited behind it is refused with it, for it was written on top */
  constructor(private readonly backing: Pick<Backing, 'commit'>, private readonly failed: (error: unknown) => void = () => {}) {}

  /** Resolves when the writes, and all before them, are kept for good. */
  commit(...writes: readonly Write[]): Promise<void> {
    this.waiting.push(...writes);
    const { promise } = this.next;
    this.running ??= this.run();
    return promise;
  }

  /** Resolves when everything given so far is kept for good. */
  flushed(): Promise<void> {
    return this.waiting.length > 0 ? this.next.promise : this.current;
  }

  /** Resolves when nothing waits any more, whether or not it could be kept. */
  async settled(): Promise<void> {
    while (this.running) await this.running;
  }

  private async run(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    while (this.waiting.length > 0) {
      const [writes, group] = this.take();
      this.current = group.promise;
      try {
        await this.backing.commit(writes);
        group.resolve();
      } catch (error) {
        const [, behind] = this.take();
        this.failed(error);
        group.reject(error);
        behind.reject(error);
      }
    }
    this.running = undefined;
  }

  private take(): [readonly Write[], Deferred] {
    const taken: [readonly Write[], Deferred] = [this.waiting, this.next];
    this.waiting = [];
    this.next = deferred();
    return taken;
  }
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
