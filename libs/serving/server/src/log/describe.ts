import type { MetricSummary, Note, RunDetail, RunPatch, RunState } from '@gradstream/protocol';
import type { StoredRun, StoredSeries } from '../backing/backing.ts';

/** A run that nobody has said anything of yet. */
export const newRun = (id: string, now: number): StoredRun => ({
  id, project: 'default', name: id, state: 'running', created: now, heartbeat: now, tags: {}, attempt: 0, duplicates: 0, conflicts: 0, sealed: 0, segments: 0, writers: {},
});

/** Puts a body's fields into a run. @returns the notes that say what changed: both for a new run, none where nothing did */
export function changesOf(stored: StoredRun, { reason, state, ...config }: RunPatch, now: number, created: boolean): Note[] {
  const notes: Note[] = [];
  const changed = { ...config, ...(config.tags ? { tags: { ...stored.tags, ...config.tags } } : {}) };
  if (created || Object.entries(changed).some(([key, value]) => JSON.stringify(value) !== JSON.stringify(stored[key as keyof StoredRun]))) notes.push({ type: 'config', wall: now, config });
  if (created || (state && (state !== stored.state || reason !== stored.reason))) notes.push({ type: 'state', wall: now, state: state ?? stored.state, ...(reason ? { reason } : {}) });
  Object.assign(stored, changed, state ? { state, reason } : {}, { heartbeat: now });
  return notes;
}

/** The state a run is seen in: one that says it runs, or is paused, and was not heard of for long is lost. */
export const stateAt = ({ state, heartbeat }: Pick<StoredRun, 'state' | 'heartbeat'>, now: number, lostAfterMs: number): RunState => ((state === 'running' || state === 'paused') && now - heartbeat > lostAfterMs ? 'lost' : state);

/** A run as the routes show it. */
export function describeRun(stored: StoredRun, lsn: number, summary: Summary, now: number, lostAfterMs: number): RunDetail {
  const { sealed: _, writers: __, segments: ___, ...shown } = stored;
  return { ...shown, state: stateAt(stored, now, lostAfterMs), lsn, summary };
}

/** The metrics of a run, by name. What was made once is not changed: while nothing is written, a run keeps the same one. */
export type Summary = RunDetail['summary'];

/** The summaries of a run's metrics over all its attempts. */
export function summariesOf(series: Iterable<StoredSeries>): Summary {
  const byMetric = new Map<string, StoredSeries[]>();
  for (const each of series) {
    const attempts = byMetric.get(each.metric);
    if (attempts) attempts.push(each);
    else byMetric.set(each.metric, [each]);
  }
  return Object.fromEntries([...byMetric].flatMap(([metric, attempts]) => {
    const summed = summaryOf(attempts);
    return summed ? [[metric, summed] as const] : [];
  }));
}

/** A metric's summary over its attempts; `last` and `step` are the newest one's. Undefined where nobody wrote any point. */
export function summaryOf(attempts: readonly StoredSeries[]): MetricSummary | undefined {
  let summed: MetricSummary | undefined;
  for (const { count, nan, min, max, last, lastStep } of [...attempts].sort((a, b) => a.attempt - b.attempt)) {
    if (count > 0) summed = { count: count + (summed?.count ?? 0), nan: nan + (summed?.nan ?? 0), min: least(min, summed?.min), max: most(max, summed?.max), last, step: lastStep };
  }
  return summed;
}

const least = (a: number, b = NaN): number => (Number.isNaN(a) || b < a ? b : a);
const most = (a: number, b = NaN): number => (Number.isNaN(a) || b > a ? b : a);
