/** One place on the x axis that several charts show at once. */
export class Crosshair {
  #x: number | undefined;
  readonly #listeners = new Set<(x: number | undefined) => void>();

  get x(): number | undefined {
    return this.#x;
  }

  set(x: number | undefined): void {
    if (x === this.#x) return;
    this.#x = x;
    for (const listener of this.#listeners) listener(x);
  }

  /** Calls `listener` at each move until the returned function is called. */
  listen(listener: (x: number | undefined) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
