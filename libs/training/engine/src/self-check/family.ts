import type { Workbench } from './workbench.ts';

/** Work to be timed: so many units (operations, bytes) each time it runs. */
export interface Work {
  readonly units: number;
  run(): void;
}

/** Kernels that belong together. */
export interface Family {
  readonly name: string;
  /** Compares them with the plain reference on shapes drawn from the bench; the largest error relative to the largest value. */
  error(bench: Workbench): number;
  /** How fast they are: in operations a nanosecond, or bytes a nanosecond. */
  readonly rate?: { readonly unit: 'GFLOP/s' | 'GB/s'; work(bench: Workbench): Work };
}

/** The largest difference, relative to the largest number expected (to a tenth at least: products of small draws may all be tiny). */
export function apart(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  let scale = 0.1;
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    scale = Math.max(scale, Math.abs(expected[i]));
    const error = Math.abs(found[i] - expected[i]);
    worst = Number.isNaN(error) ? Infinity : Math.max(worst, error);
  }
  return worst / scale;
}
