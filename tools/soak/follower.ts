import { of, type Subscription } from 'rxjs';
import { points, subscribe, type CursorEvent } from '@gradstream/client';

/** Follows a run at one server, over as many connections as it takes, and checks what comes: each position in turn, each point once. */
export class Follower {
  /** How often each point came, by `metric step`. */
  readonly seen = new Map<string, number>();
  readonly faults: string[] = [];
  /** Last position that came. */
  at = 0;
  private readonly subscription: Subscription;

  constructor(url: string, readonly run: string) {
    this.subscription = subscribe(url, { run, everyMs: 10, silenceMs: 20_000 }).subscribe({
      next: (event) => this.take(event),
      error: (error: unknown) => this.faults.push(`the follower of ${run} at ${url} was refused: ${String(error)}`),
    });
  }

  end(): void {
    this.subscription.unsubscribe();
  }

  get repeated(): number {
    return [...this.seen.values()].filter((n) => n > 1).length;
  }

  private take(event: CursorEvent): void {
    const [first, last] = event.lsn;
    if (first !== this.at + 1) this.faults.push(`run ${this.run}: after position ${this.at} came ${first}`);
    this.at = last;
    of(event).pipe(points()).subscribe(({ metric, step }) => this.seen.set(`${metric} ${step}`, (this.seen.get(`${metric} ${step}`) ?? 0) + 1));
  }
}
