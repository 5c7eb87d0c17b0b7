/** Things by the step they belong to, thinned when they take too much room: those that are left lie evenly over the steps, the first and the newest among them. */
export class Reel<T> {
  #frames: { readonly step: number; readonly frame: T }[] = [];
  /** Frames nearer than this to the one before are replaced by the next. */
  #apart = 0;
  readonly #mostBytes: number;
  readonly #bytesOf: (frame: T) => number;

  constructor(mostBytes: number, bytesOf: (frame: T) => number) {
    this.#mostBytes = mostBytes;
    this.#bytesOf = bytesOf;
  }

  get length(): number {
    return this.#frames.length;
  }

  /** Takes a frame; those of the same step and of later ones go: a run that began anew further back overwrites them. */
  add(step: number, frame: T): void {
    const kept = this.#frames.filter((each) => each.step < step);
    if (kept.length > 1 && kept[kept.length - 1].step - kept[kept.length - 2].step < this.#apart) kept.pop();
    this.#frames = [...kept, { step, frame }];
    if (this.#frames.reduce((n, each) => n + this.#bytesOf(each.frame), 0) <= this.#mostBytes) return;
    this.#frames = this.#frames.filter((_, i, { length }) => i % 2 === 0 || i === length - 1);
    this.#apart = (2 * (step - this.#frames[0].step)) / Math.max(2, kept.length);
  }

  /** The last frame at or before a step, the first one where there is none before; undefined for an empty reel. */
  at(step = Infinity): T | undefined {
    return (this.#frames.findLast((each) => each.step <= step) ?? this.#frames[0])?.frame;
  }

  clear(): void {
    this.#frames = [];
    this.#apart = 0;
  }
}
