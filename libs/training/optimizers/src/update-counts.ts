/** How often each param was updated: one number as long as all were updated together, one for each from then on. */
export class UpdateCounts {
  private together = 0;
  private apart?: Map<string, number>;

  constructor(private readonly names: ReadonlySet<string>) {}

  /** The count of a param. */
  readonly of = (name: string): number => (this.apart ? this.apart.get(name)! : this.together);

  /** Counts an update of some of the params. */
  add(updated: ReadonlyMap<string, unknown>): void {
    if (!this.apart) {
      if (updated.size === this.names.size) {
        this.together++;
        return;
      }
      this.apart = new Map(this);
    }
    for (const name of updated.keys()) this.apart.set(name, this.apart.get(name)! + 1);
  }

  /** Takes up counts of an earlier run. */
  restore(countOf: (name: string) => number): void {
    this.apart = new Map([...this.names].map((name) => [name, countOf(name)]));
    const distinct = new Set(this.apart.values());
    if (distinct.size > 1) return;
    this.together = [...distinct][0] ?? 0;
    this.apart = undefined;
  }

  /** Counts by param. */
  *[Symbol.iterator](): Generator<[string, number]> {
    for (const name of this.names) yield [name, this.of(name)];
  }
}
