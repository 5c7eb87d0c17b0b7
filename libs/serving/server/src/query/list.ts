import type { RunsQuery } from '@gradstream/protocol';
import type { StoredRun } from '../backing/backing.ts';
import { metricsIn, parseFilter, parseSort, type RunView } from './filter.ts';

/** Metrics that a query may look at: names that are asked for, whether or not there are such metrics. */
export const metricsOf = ({ filter = '', sort = '' }: Partial<RunsQuery>): readonly string[] => [...new Set([...metricsIn(filter), ...metricsIn(sort)])];

/** One page of runs, and where the next one begins. */
export function page(views: readonly RunView[], { project, state, filter, sort = '-created', after, limit = 100 }: Partial<RunsQuery>): { readonly runs: readonly StoredRun[]; readonly next?: string } {
  const wanted = filter === undefined || filter === '' ? () => true : parseFilter(filter);
  const compare = parseSort(sort);
  const all = views
    .filter((view) => (project === undefined || view.run.project === project) && (state === undefined || view.state === state) && wanted(view))
    .sort((a, b) => compare(a, b) || (a.run.id < b.run.id ? 1 : -1));
  const begin = after === undefined ? 0 : all.findIndex(({ run }) => run.id === after) + 1;
  const runs = all.slice(begin, begin + limit).map(({ run }) => run);
  return { runs, ...(begin + limit < all.length ? { next: runs.at(-1)!.id } : {}) };
}
