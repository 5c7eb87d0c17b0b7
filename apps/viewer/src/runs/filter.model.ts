import type { RunInfo } from '@gradstream/protocol';
import { fieldOf } from './fields.model.ts';

/**
 * The language of the filter: words that must all occur in a run's name, id, project or tags, and conditions
 * `state=running`, `project=digits`, `tag.owner=me|you`, `step>1000`, `validation/accuracy>=0.97`,
 * `optimizer=adam`, `spec.optimizer.learningRate<0.01`. A leading `-` negates.
 */
export type Filter = (run: RunInfo) => boolean;

const condition = /^([^\s=<>!~]+)(=|!=|<=|>=|<|>|~)(.+)$/;

/** Reads a filter; what is no condition is a word. */
export function parseFilter(text: string): Filter {
  const tests = (text.match(/(?:[^\s"]|"[^"]*")+/g) ?? []).map((raw): Filter => {
    const negated = raw.length > 1 && raw.startsWith('-');
    const test = parseTerm((negated ? raw.slice(1) : raw).replaceAll('"', ''));
    return negated ? (run) => !test(run) : test;
  });
  return (run) => tests.every((test) => test(run));
}

function parseTerm(term: string): Filter {
  const found = condition.exec(term);
  if (!found) {
    const word = term.toLowerCase();
    return ({ name, id, project, tags }) => [name, id, project, ...Object.entries(tags).flat()].some((text) => text.toLowerCase().includes(word));
  }
  const [, key, operator, value] = found;
  return (run) => compare(fieldOf(run, key), operator, value);
}

function compare(field: string | number | undefined, operator: string, value: string): boolean {
  if (field === undefined) return operator === '!=';
  if (operator === '~') return String(field).toLowerCase().includes(value.toLowerCase());
  if (typeof field === 'string') return value.toLowerCase().split('|').includes(field.toLowerCase()) === (operator === '=');
  const number = Number(value);
  if (operator === '=') return Object.is(field, number) || field === number;
  if (operator === '!=') return field !== number;
  return operator === '<' ? field < number : operator === '<=' ? field <= number : operator === '>' ? field > number : field >= number;
}

/** Sorts by a field, `-` in front for descending; runs without the field come last, ties by creation, newest first. */
export function sortRuns(runs: readonly RunInfo[], sort: string): readonly RunInfo[] {
  const [key, sign] = sort.startsWith('-') ? [sort.slice(1), -1] : [sort, 1];
  const keyed = runs.map((run) => ({ run, field: fieldOf(run, key) }));
  const missing = (field: string | number | undefined) => field === undefined || Number.isNaN(field);
  keyed.sort((a, b) => {
    if (missing(a.field) || missing(b.field)) return Number(missing(a.field)) - Number(missing(b.field)) || b.run.created - a.run.created;
    const order = typeof a.field === 'number' ? a.field - (b.field as number) : a.field!.localeCompare(b.field as string);
    return order * sign || b.run.created - a.run.created || a.run.id.localeCompare(b.run.id);
  });
  return keyed.map(({ run }) => run);
}

const quoted = (text: string): string => (/\s/.test(text) ? `"${text}"` : text);

/** Four digits, rounded so that the value itself stays inside. */
function outward(value: number, round: (x: number) => number): number {
  if (value === 0) return 0;
  const unit = 10 ** (Math.floor(Math.log10(Math.abs(value))) - 3);
  return Number((round(Number((value / unit).toPrecision(12))) * unit).toPrecision(4));
}

/** The conditions that a brush along an axis means. */
export const conditionsOf = (key: string, brushed: { readonly from: number; readonly to: number } | { readonly words: readonly string[] }): readonly string[] =>
  'from' in brushed
    ? [quoted(`${key}>=${outward(brushed.from, Math.floor)}`), quoted(`${key}<=${outward(brushed.to, Math.ceil)}`)]
    : [quoted(`${key}=${brushed.words.join('|')}`)];

/** A filter with some conditions in place of earlier ones on the same fields. */
export function withCondition(filter: string, conditions: readonly string[]): string {
  const fieldAndOperator = (term: string) => {
    const [, key, operator] = condition.exec(term.replaceAll('"', '')) ?? [];
    return key && `${key} ${operator}`;
  };
  const replaced = new Set(conditions.map(fieldAndOperator));
  return [...(filter.match(/(?:[^\s"]|"[^"]*")+/g) ?? []).filter((term) => !replaced.has(fieldAndOperator(term))), ...conditions].join(' ');
}
