import type { StoredSeries } from './backing.ts';

/** A series and the run that it is of. */
export interface SeriesOfRun {
  readonly run: string;
  readonly series: StoredSeries;
}

/** Metrics whose series stay in memory: what a page of runs was last filtered and sorted by. */
const mostMetrics = 8;

/** The series of some metrics over all runs, so that a list of thousands of runs reads none of them twice. */
export class MetricIndex {
  private readonly metrics = new Map<string, Map<string, SeriesOfRun>>();

  /** @param read gives all series of a metric that are kept */
  of(metric: string, read: () => readonly SeriesOfRun[]): readonly SeriesOfRun[] {
    const known = this.metrics.get(metric) ?? new Map(read().map((each) => [placeOf(each), each]));
    this.metrics.delete(metric);
    this.metrics.set(metric, known);
    if (this.metrics.size > mostMetrics) this.metrics.delete(this.metrics.keys().next().value!);
    return [...known.values()];
  }

  /** Takes over what was kept of some series of a run. */
  update(run: string, series: readonly StoredSeries[]): void {
    if (this.metrics.size === 0) return;
    for (const each of series) this.metrics.get(each.metric)?.set(placeOf({ run, series: each }), { run, series: each });
  }

  clear(): void {
    this.metrics.clear();
  }
}

const placeOf = ({ run, series }: SeriesOfRun): string => `${series.no} ${run}`;
