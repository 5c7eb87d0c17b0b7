import type { RunInfo } from '@gradstream/protocol';

/** Points that a page holds one by one, of all its runs together. */
export const pointsInFull = 500_000;

/** A run of no more points is always held in full: its buckets would take as much room. */
const alwaysInFull = 20_000;

export const pointsOfRun = ({ summary }: Pick<RunInfo, 'summary'>): number => Object.values(summary).reduce((sum, { count }) => sum + count, 0);

/** The runs whose points are too many to be held beside the others': the smaller ones are held first. */
export function largeRuns<R>(runs: readonly R[], pointsOf: (run: R) => number): readonly R[] {
  let held = 0;
  return [...runs].sort((a, b) => pointsOf(a) - pointsOf(b)).filter((run) => {
    const points = pointsOf(run);
    if (points > alwaysInFull && held + points > pointsInFull) return true;
    held += points;
    return false;
  });
}
