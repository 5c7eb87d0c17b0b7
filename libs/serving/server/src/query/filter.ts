import { InputError, shown } from '@gradstream/numerics';
import type { MetricSummary } from '@gradstream/protocol';
import type { StoredRun } from '../backing/backing.ts';

/**
 * The filter language of run lists.
 *
 *   filter     = and { "or" and }
 *   and        = not { "and" not }
 *   not        = "not" not | "(" filter ")" | comparison
 *   comparison = field ( "=" | "!=" | "<" | "<=" | ">" | ">=" | "like" | "ilike" ) literal
 *              | field "in" "(" literal { "," literal } ")"
 *   field      = id | name | project | state | attempt | created | heartbeat
 *              | "tags." name | "spec." path | "metrics." name [ ".min" | ".max" | ".count" | ".nan" | ".step" ]
 *              | any other name: the metric of that name, else the place in the document
 *   literal    = number | text in '…' or "…" | bare word
 *
 * A name with other characters than letters, digits and `_ . / -` stands in "…" or `…`. `like` knows % and _. A field
 * that a run lacks makes every comparison false, and `!=` true. Nothing here is ever run as code, and no text becomes
 * a regular expression.
 */
export type Filter = (run: RunView) => boolean;

/** What a filter and a sort look at. */
export interface RunView {
  readonly run: StoredRun;
  readonly state: string;
  metric(name: string): MetricSummary | undefined;
}

type Value = string | number | undefined;
export type Field = (view: RunView) => Value;

interface Token {
  readonly kind: 'word' | 'text' | 'number' | 'operator' | 'end';
  readonly text: string;
  readonly at: number;
}

const attributes: Readonly<Record<string, Field>> = {
  id: ({ run }) => run.id,
  name: ({ run }) => run.name,
  project: ({ run }) => run.project,
  state: ({ state }) => state,
  attempt: ({ run }) => run.attempt,
  created: ({ run }) => run.created,
  heartbeat: ({ run }) => run.heartbeat,
};

const statistics = ['min', 'max', 'count', 'nan', 'step', 'last'] as const;

/** Longest filter that is read, in characters; deepest that is nested. */
const longest = 4000;
const deepest = 50;

/** @throws InputError with the place of what is wrong */
export function parseFilter(text: string): Filter {
  const parser = new Parser(text);
  const filter = parser.filter(0);
  parser.end();
  return filter;
}

/** A sort: a field, with `-` in front for falling. @throws InputError */
export function parseSort(text: string): (a: RunView, b: RunView) => number {
  const falling = text.startsWith('-');
  const parser = new Parser(falling ? text.slice(1) : text);
  const field = parser.field();
  parser.end();
  const found = new Map<RunView, Value>();
  const valueOf = (view: RunView): Value => {
    if (!found.has(view)) found.set(view, field(view));
    return found.get(view);
  };
  return (a, b) => {
    const [x, y] = [valueOf(a), valueOf(b)];
    if (x === y || (isMissing(x) && isMissing(y))) return 0;
    if (isMissing(x) || isMissing(y)) return isMissing(x) ? 1 : -1;
    return (x! < y! ? -1 : 1) * (falling ? -1 : 1);
  };
}

const isMissing = (value: Value): boolean => value === undefined || Number.isNaN(value);

/** The names in a filter or sort that may be metrics. */
export function metricsIn(text: string): string[] {
  return tokens(text.replace(/^-/, '')).filter(({ kind }) => kind === 'word' || kind === 'text').flatMap(({ text: word }) => {
    const name = word.replace(/^metrics\./, '');
    const suffix = statistics.find((each) => name.endsWith(`.${each}`));
    return suffix ? [name, name.slice(0, -suffix.length - 1)] : [name];
  });
}

function tokens(text: string): Token[] {
  if (text.length > longest) throw new InputError(`filter: must be at most ${longest} characters, received ${text.length}`);
  const found: Token[] = [];
  const pattern = /\s*(?:(?<text>'(?:[^'])*')|(?<operator><=|>=|!=|==|=|<|>|\(|\)|,)|(?<word>(?:[\p{L}_][\p{L}\p{N}_/.-]*|"[^"]*"|`[^`]*`)(?:"[^"]*"|`[^`]*`)?[\p{L}\p{N}_/.-]*)|(?<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?))/uy;
  let at = 0;
  while (text.slice(at).trim() !== '') {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (!match) throw new InputError(`filter: cannot be read from ${shown(text.slice(at).trim())} on`);
    const [[kind, word]] = Object.entries(match.groups!).filter(([, value]) => value !== undefined) as [[Token['kind'], string]];
    found.push({ kind: /^["`'].*["`']$/.test(word) && !word.includes('.') ? 'text' : kind, text: unquoted(word), at });
    at = pattern.lastIndex;
  }
  return [...found, { kind: 'end', text: 'the end', at: text.length }];
}

const unquoted = (word: string): string => (word.startsWith("'") ? word.slice(1, -1) : word.replace(/["`]/g, ''));

class Parser {
  private readonly tokens: readonly Token[];
  private at = 0;

  constructor(text: string) {
    this.tokens = tokens(text);
  }

  filter(depth: number): Filter {
    if (depth > deepest) throw new InputError(`filter: must be nested at most ${deepest} deep`);
    const any = [this.and(depth)];
    while (this.word('or')) any.push(this.and(depth));
    return any.length === 1 ? any[0] : (view) => any.some((part) => part(view));
  }

  end(): void {
    if (this.peek().kind !== 'end') this.fail('and, or, or the end');
  }

  field(): Field {
    const token = this.next();
    if (token.kind !== 'word' && token.kind !== 'text') this.fail('a field', token);
    const name = token.text;
    if (Object.hasOwn(attributes, name)) return attributes[name];
    const [, group, rest] = /^(tags|metrics|spec|attributes)\.(.+)$/s.exec(name) ?? [];
    switch (group) {
      case 'attributes': return Object.hasOwn(attributes, rest) ? attributes[rest] : this.fail(`one of ${Object.keys(attributes).join(', ')}`, token);
      case 'tags': return ({ run }) => (Object.hasOwn(run.tags, rest) ? run.tags[rest] : undefined);
      case 'metrics': return metricField(rest);
      case 'spec': return ({ run }) => inDocument(run.spec, rest);
    }
    const metric = metricField(name);
    return (view) => metric(view) ?? inDocument(view.run.spec, name);
  }

  private and(depth: number): Filter {
    const all = [this.not(depth)];
    while (this.word('and')) all.push(this.not(depth));
    return all.length === 1 ? all[0] : (view) => all.every((part) => part(view));
  }

  private not(depth: number): Filter {
    if (depth > deepest) throw new InputError(`filter: must be nested at most ${deepest} deep`);
    if (this.word('not')) {
      const part = this.not(depth + 1);
      return (view) => !part(view);
    }
    if (!this.operator('(')) return this.comparison();
    const inner = this.filter(depth + 1);
    if (!this.operator(')')) this.fail("')'");
    return inner;
  }

  private comparison(): Filter {
    const field = this.field();
    const token = this.next();
    const operator = token.text.toLowerCase();
    if (operator === 'in') {
      if (!this.operator('(')) this.fail("'('");
      const list = [this.literal()];
      while (this.operator(',')) list.push(this.literal());
      if (!this.operator(')')) this.fail("')'");
      return (view) => list.some((value) => equal(field(view), value));
    }
    const compare = Object.hasOwn(operators, operator) ? operators[operator] : this.fail(`one of ${Object.keys(operators).join(' ')} in`, token);
    const value = this.literal();
    return (view) => compare(field(view), value);
  }

  private literal(): string {
    const token = this.next();
    return token.kind === 'number' || token.kind === 'text' || token.kind === 'word' ? token.text : this.fail('a number or a text', token);
  }

  private peek = (): Token => this.tokens[this.at];

  private next(): Token {
    const token = this.peek();
    this.at = Math.min(this.at + 1, this.tokens.length - 1);
    return token;
  }

  private word(word: string): boolean {
    const found = this.peek().kind === 'word' && this.peek().text.toLowerCase() === word;
    if (found) this.at += 1;
    return found;
  }

  private operator(text: string): boolean {
    const found = this.peek().kind === 'operator' && this.peek().text === text;
    if (found) this.at += 1;
    return found;
  }

  private fail(expected: string, token: Token = this.peek()): never {
    throw new InputError(`filter: expected ${expected} at character ${token.at + 1}, received ${token.kind === 'end' ? token.text : shown(token.text)}`);
  }
}

function metricField(name: string): Field {
  const statistic = statistics.find((each) => name.endsWith(`.${each}`));
  const base = statistic && name.slice(0, -statistic.length - 1);
  return ({ metric }) => metric(name)?.last ?? (base && statistic ? metric(base)?.[statistic] : undefined);
}

/** The value at a path of names with dots between them. */
function inDocument(document: unknown, path: string): Value {
  let at = document;
  for (const name of path.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Record<string, unknown>)[name];
  }
  return typeof at === 'string' || typeof at === 'number' ? at : typeof at === 'boolean' ? String(at) : undefined;
}

const equal = (value: Value, literal: string): boolean => value !== undefined && (typeof value === 'number' ? value === Number(literal) || (Number.isNaN(value) && literal === 'NaN') : value === literal);

const ordered = (test: (order: number) => boolean) => (value: Value, literal: string): boolean => {
  if (value === undefined) return false;
  if (typeof value === 'string') return test(value < literal ? -1 : value > literal ? 1 : 0);
  const difference = value - Number(literal);
  return !Number.isNaN(difference) && test(difference);
};

const operators: Readonly<Record<string, (value: Value, literal: string) => boolean>> = {
  '=': equal,
  '==': equal,
  '!=': (value, literal) => !equal(value, literal),
  '<': ordered((order) => order < 0),
  '<=': ordered((order) => order <= 0),
  '>': ordered((order) => order > 0),
  '>=': ordered((order) => order >= 0),
  like: (value, literal) => value !== undefined && like(String(value), literal),
  ilike: (value, literal) => value !== undefined && like(String(value).toLowerCase(), literal.toLowerCase()),
};

/** SQL's LIKE: % is any text, _ any character. Time grows with the product of the lengths, and no further. */
function like(text: string, pattern: string): boolean {
  let ends = new Set([0]);
  for (const letter of pattern) {
    const next = new Set<number>();
    if (letter === '%') for (let end = Math.min(...ends); end <= text.length; end += 1) next.add(end);
    else for (const at of ends) if (at < text.length && (letter === '_' || text[at] === letter)) next.add(at + 1);
    if (next.size === 0) return false;
    ends = next;
  }
  return ends.has(text.length);
}
