import type { RunInfo } from '@gradstream/protocol';
import { specPaths } from '../run/spec.model.ts';

/** What a field is read from. */
export type FieldSource = Pick<RunInfo, 'id' | 'name' | 'project' | 'state' | 'created' | 'tags' | 'summary' | 'spec'>;

/** The documents' values by path; a document is walked once for as long as the page holds it. */
const walked = new WeakMap<object, ReadonlyMap<string, string>>();
function pathsOf(spec: object): ReadonlyMap<string, string> {
  let paths = walked.get(spec);
  if (!paths) walked.set(spec, (paths = specPaths(spec)));
  return paths;
}

/** A text that reads as a number is one. */
const asValue = (text: string): string | number => (text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text);

/**
 * A field by the name that filters, columns and groups use: `name`, `step`, `tag.owner`, `spec.optimizer.learningRate`, or a
 * metric's last value; undefined where a run has none. A name that is no metric is looked for in the document.
 */
export function fieldOf(run: FieldSource, key: string): string | number | undefined {
  if (key === 'name' || key === 'id' || key === 'project' || key === 'state' || key === 'created') return run[key];
  if (key === 'step') return stepOf(run);
  if (key.startsWith('tag.')) return (Object.hasOwn(run.tags, key.slice(4)) && run.tags[key.slice(4)]) || undefined;
  if (Object.hasOwn(run.summary, key)) return Number(run.summary[key].last);
  const paths = run.spec && pathsOf(run.spec);
  const path = key.startsWith('spec.') ? key.slice(5) : key;
  // A part that is an object goes by its name.
  const text = paths?.get(path) ?? paths?.get(`${path}.name`);
  return text === undefined ? undefined : asValue(text);
}

/** The highest step any metric has reached; undefined before the first point. */
export function stepOf({ summary }: Pick<RunInfo, 'summary'>): number | undefined {
  const steps = Object.values(summary).map(({ step }) => step);
  return steps.length > 0 ? Math.max(...steps) : undefined;
}

/** The last part of a field's name, as a column is headed: `learningRate` of `spec.optimizer.learningRate`, `optimizer` of its name. */
export const labelOf = (key: string): string => (key.startsWith('spec.') ? key.slice(5).replace(/\.name$/, '').replace(/^.*\.(?=[^.])/, '') : key.startsWith('tag.') ? key.slice(4) : key);

/** More distinct values than this are no groups. */
const mostGroups = 100;

/** Fields by what they are for. */
export interface Fields {
  /** Hyper-parameters that differ between the runs, and tags: what runs can be grouped by. */
  readonly groups: readonly string[];
  /** The same without a bound on how many values there are. */
  readonly hypers: readonly string[];
  readonly metrics: readonly string[];
}

/** The fields of some runs, those first by which the runs differ most; names of documents and seeds say little and come last. */
export function fieldsOf(runs: readonly FieldSource[]): Fields {
  const hypers = new Map<string, { count: number; readonly values: Map<string, number> }>();
  const metrics = new Map<string, number>();
  const see = (key: string, value: string) => {
    let known = hypers.get(key);
    if (!known) hypers.set(key, (known = { count: 0, values: new Map() }));
    known.count++;
    if (known.values.size <= mostGroups || known.values.has(value)) known.values.set(value, (known.values.get(value) ?? 0) + 1);
  };
  for (const { tags, spec, summary } of runs) {
    if (spec) for (const [path, value] of pathsOf(spec)) see(`spec.${path}`, value);
    for (const tag of Object.keys(tags)) if (tag !== noteTag && tags[tag] !== '') see(`tag.${tag}`, tags[tag]);
    for (const metric of Object.keys(summary)) metrics.set(metric, (metrics.get(metric) ?? 0) + 1);
  }
  const differing = [...hypers].filter(([, { count, values }]) => values.size > 1 || count < runs.length);
  const late = (key: string) => Number(/^spec\.(name|version|seed)$/.test(key));
  // Runs that lack a field agree in that.
  const commonest = ({ count, values }: { readonly count: number; readonly values: ReadonlyMap<string, number> }) => Math.max(runs.length - count, ...values.values());
  differing.sort(([a, x], [b, y]) => late(a) - late(b) || commonest(x) - commonest(y) || a.localeCompare(b, 'en'));
  return {
    groups: differing.filter(([, { values }]) => values.size <= mostGroups).map(([key]) => key),
    hypers: differing.map(([key]) => key),
    metrics: [...metrics].sort(([a, x], [b, y]) => y - x || a.localeCompare(b, 'en')).map(([metric]) => metric),
  };
}

/** The tag that holds what somebody noted of a run. */
export const noteTag = 'note';
