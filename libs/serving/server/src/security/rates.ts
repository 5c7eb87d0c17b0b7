import type { Grant, Limits } from './tokens.ts';

/** What a token may do each second where it was given no limits of its own. */
export const defaultLimits: Required<Limits> = { requestsPerSecond: 10_000, bytesPerSecond: 128 * 2 ** 20, pointsPerSecond: 20e6 };

/** How much may come at once, in seconds' worth. */
const burstSeconds = 2;

/** What a request takes. */
export interface Spending {
  readonly requests?: number;
  readonly bytes?: number;
  readonly points?: number;
}

/**
 * A bucket that fills at a rate. Whoever takes more than is in it goes into debt, and waits until that is paid: one large
 * body is let through, the next one is not.
 */
class Bucket {
  private readonly most: number;
  private level: number;

  constructor(private readonly perSecond: number, private at: number) {
    this.level = this.most = Math.max(1, perSecond * burstSeconds);
  }

  /** @returns ms until there is at least one in it; 0 where there is */
  wait(now: number): number {
    this.level = Math.min(this.most, this.level + (Math.max(0, now - this.at) / 1000) * this.perSecond);
    this.at = now;
    return this.level >= 1 ? 0 : Math.ceil(((1 - this.level) / this.perSecond) * 1000);
  }

  take(n: number): void {
    this.level -= n;
  }
}

type Buckets = { readonly [K in keyof Required<Spending>]: Bucket };

/** Keeps each token within its rates. */
export class Rates {
  private readonly buckets = new Map<string, Buckets>();

  /** @returns ms after which the token may come again; 0 where it is let through */
  spend({ token, limits }: Grant, spending: Spending, now: number = Date.now()): number {
    if (token === undefined) return 0;
    const mine = this.buckets.get(token) ?? newBuckets({ ...defaultLimits, ...limits }, now);
    this.buckets.set(token, mine);
    const kinds = (['requests', 'bytes', 'points'] as const).filter((kind) => spending[kind]);
    const wait = Math.max(0, ...kinds.map((kind) => mine[kind].wait(now)));
    if (wait === 0) for (const kind of kinds) mine[kind].take(spending[kind]!);
    return wait;
  }
}

const newBuckets = ({ requestsPerSecond, bytesPerSecond, pointsPerSecond }: Required<Limits>, now: number): Buckets => ({
  requests: new Bucket(requestsPerSecond, now), bytes: new Bucket(bytesPerSecond, now), points: new Bucket(pointsPerSecond, now),
});
