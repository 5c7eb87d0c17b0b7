/** Something that can be drawn again. */
export interface Drawable {
  draw(): void;
  /** What is not on the screen stays dirty and costs nothing. */
  readonly visible: boolean;
  /** What it costs comes after its script, as layout does: nothing more is drawn in its frame. */
  readonly last?: boolean;
}

/**
 * Draws what is dirty and visible, once per animation frame and within a budget of script; what does not fit goes to
 * the next frame, in the order it was asked for, so that none starves.
 */
export class FrameLoop {
  readonly #dirty = new Set<Drawable>();
  readonly #budgetMs: number;
  readonly #nextFrame: (tick: () => void) => void;
  readonly #now: () => number;
  #scheduled = false;

  constructor(budgetMs = 8, nextFrame: (tick: () => void) => void = (tick) => void requestAnimationFrame(tick), now: () => number = () => performance.now()) {
    this.#budgetMs = budgetMs;
    this.#nextFrame = nextFrame;
    this.#now = now;
  }

  /** Asks for a drawing; many requests within a frame are one. */
  request(drawable: Drawable): void {
    this.#dirty.add(drawable);
    this.#schedule();
  }

  forget(drawable: Drawable): void {
    this.#dirty.delete(drawable);
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#nextFrame(() => this.#tick());
  }

  #tick(): void {
    this.#scheduled = false;
    const end = this.#now() + this.#budgetMs;
    let left = false;
    for (const drawable of [...this.#dirty]) {
      if (!drawable.visible) continue;
      if (left) break;
      this.#dirty.delete(drawable);
      drawable.draw();
      left = drawable.last === true || this.#now() >= end;
    }
    if (left && [...this.#dirty].some(({ visible }) => visible)) this.#schedule();
  }
}
