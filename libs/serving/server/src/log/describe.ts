import type { Note, RunDetail, RunPatch, RunState, RunsQuery } from '@gradstream/protocol';
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

const stateAt = ({ state, heartbeat }: StoredRun, now: number, lostAfterMs: number): RunState => (state === 'running' && now - heartbeat > lostAfterMs ? 'lost' : state);

/** A run as the routes show it. A metric's summary spans its attempts; `last` is the newest one's. */
export function describeRun(stored: StoredRun, lsn: number, series: readonly StoredSeries[], now: number, lostAfterMs: number): RunDetail {
  const { sealed: _, writers: __, segments: ___, ...shown } = stored;
  const summary = new Map<string, RunDetail['summary'][string]>();
  for (const { metric, count, nan, min, max, last, lastStep } of [...series].sort((a, b) => a.attempt - b.attempt)) {
    if (count === 0) continue;
    const earlier = summary.get(metric);
    summary.set(metric, { count: count + (earlier?.count ?? 0), nan: nan + (earlier?.nan ?? 0), min: least(min, earlier?.min), max: most(max, earlier?.max), last, step: lastStep });
  }
  return { ...shown, state: stateAt(stored, now, lostAfterMs), lsn, summary: Object.fromEntries(summary) };
}

const least = (a: number, b = NaN): number => (Number.isNaN(a) || b < a ? b : a);
const most = (a: number, b = NaN): number => (Number.isNaN(a) || b > a ? b : a);

/** One page of runs, newest first. */
export function listed(runs: readonly StoredRun[], { project, state, after, limit = 100 }: Partial<RunsQuery>, { now, lostAfterMs }: { now: () => number; lostAfterMs: number }): { readonly page: readonly StoredRun[]; readonly next?: string } {
  const all = runs
    .filter((run) => (project === undefined || run.project === project) && (state === undefined || stateAt(run, now(), lostAfterMs) === state))
    .sort((a, b) => b.created - a.created || (a.id < b.id ? 1 : -1));
  const begin = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1;
  const page = all.slice(begin, begin + limit);
  return { page, ...(begin + limit < all.length ? { next: page.at(-1)!.id } : {}) };
}
