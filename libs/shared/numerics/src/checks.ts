import { InputError, nearest, shown } from './errors.ts';

/** A piece of JSON Schema (2020-12). */
export type JsonSchema = { readonly [key: string]: unknown };

/** What an option may be. NaN fails every rule. */
export interface Rule {
  /** Ends the sentence "b1 must be …". */
  readonly says: string;
  /** Whether a value, as code gives it, is allowed. */
  accepts(value: unknown): boolean;
  /** The same for documents. */
  readonly schema: JsonSchema;
  /** The kinds of factory a document may name here (`schedule`, `transformation` …); see `buildFrom`. */
  readonly kinds?: readonly string[];
  /** A list of such values. */
  readonly list?: boolean;
}

/** The rules of a factory's options, one for each. */
export type OptionTable<O = Record<string, unknown>> = { readonly [K in keyof Required<O>]: Rule };

const number = (says: string, accepts: (x: number) => boolean, schema: JsonSchema): Rule => ({
  says,
  accepts: (x) => typeof x === 'number' && accepts(x),
  schema: { type: 'number', ...schema },
});

export const finite = number('a finite number', Number.isFinite, {});
export const positive = number('a number above 0', (x) => x > 0 && x < Infinity, { exclusiveMinimum: 0 });
export const nonNegative = number('a number of at least 0', (x) => x >= 0 && x < Infinity, { minimum: 0 });
export const unitHalfOpen = number('in [0, 1)', (x) => x >= 0 && x < 1, { minimum: 0, exclusiveMaximum: 1 });
export const unitClosed = number('in [0, 1]', (x) => x >= 0 && x <= 1, { minimum: 0, maximum: 1 });
export const unitOpen = number('in (0, 1)', (x) => x > 0 && x < 1, { exclusiveMinimum: 0, exclusiveMaximum: 1 });
export const positiveInteger: Rule = { ...number('a whole number of at least 1', (x) => Number.isSafeInteger(x) && x >= 1, { minimum: 1 }), schema: { type: 'integer', minimum: 1 } };
export const wholeNumber: Rule = { ...number('a whole number of at least 0', (x) => Number.isSafeInteger(x) && x >= 0, { minimum: 0 }), schema: { type: 'integer', minimum: 0 } };

/** A number in [low, high]. */
export const between = (low: number, high: number): Rule => number(`in [${low}, ${high}]`, (x) => x >= low && x <= high, { minimum: low, maximum: high });

export const boolean: Rule = { says: 'true or false', accepts: (x) => typeof x === 'boolean', schema: { type: 'boolean' } };
export const text: Rule = { says: 'a text', accepts: (x) => typeof x === 'string' && x.length > 0, schema: { type: 'string', minLength: 1 } };

/** One of the given words or values. */
export const oneOf = (...values: readonly (string | number | boolean)[]): Rule => ({
  says: `one of ${values.map((value) => shown(value)).join(', ')}`,
  accepts: (x) => values.includes(x as string),
  schema: { enum: values },
});

/** What either of two rules allows. */
export const either = (a: Rule, b: Rule): Rule => ({
  says: `${a.says} or ${b.says}`,
  accepts: (x) => a.accepts(x) || b.accepts(x),
  schema: { anyOf: [a.schema, b.schema] },
  ...(a.kinds || b.kinds ? { kinds: [...(a.kinds ?? []), ...(b.kinds ?? [])] } : {}),
});

/** A list in which each element passes the rule. */
export const listOf = (rule: Rule, atLeast = 0): Rule => ({
  says: `a list of ${atLeast > 0 ? `at least ${atLeast}, each ` : 'values, each '}${rule.says}`,
  accepts: (x) => Array.isArray(x) && x.length >= atLeast && x.every((item) => rule.accepts(item)),
  schema: { type: 'array', items: rule.schema, ...(atLeast > 0 ? { minItems: atLeast } : {}) },
  ...(rule.kinds ? { kinds: rule.kinds, list: true } : {}),
});

/**
 * Refuses options that break their rules, and options nobody knows, with one sentence:
 * `scaleByLion: b1 must be in [0, 1), received 1`. `undefined` stands for "not given" and passes.
 */
export function checkOptions(where: string, options: object, rules: Readonly<Record<string, Rule>>): void {
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(rules, name)) {
      const near = nearest(name, Object.keys(rules));
      throw new InputError(`${where}: '${name}' is not an option${near ? `; did you mean '${near}'?` : '.'} Known: ${Object.keys(rules).join(', ') || 'none'}`);
    }
    if (value !== undefined && !rules[name].accepts(value)) {
      throw new InputError(`${where}: ${name} must be ${rules[name].says}, received ${shown(value)}`);
    }
  }
}
