import { checkOptions, type JsonSchema, type OptionTable, type Rule } from './checks.ts';
import { InputError, isInputError, shown, unknownName } from './errors.ts';
import { isSubscribable } from './hyper.ts';

/** How a part is written in a document: its name and its options, all JSON. */
export interface Spec {
  readonly name: string;
  readonly [option: string]: unknown;
}

/** What stands in a document where code had something no document can hold (a stream, a lambda). */
export interface Opaque {
  readonly opaque: string;
}

const specs = new WeakMap<object, Spec>();

/** Remembers how `value` is written in a document, and returns it. */
export function describable<T extends object>(value: T, spec: Spec): T {
  specs.set(value, spec);
  return value;
}

/** How a part is written in a document; undefined for what no factory made. */
export const specOf = (value: object): Spec | undefined => specs.get(value);

/** The document form of any option value; what cannot be written becomes `{ opaque: … }`. */
export function toSpec(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toSpec);
  if (typeof value === 'function') return specOf(value) ?? { opaque: 'function' };
  if (typeof value !== 'object' || value === null) return value;
  const known = specOf(value);
  if (known) return known;
  if (isSubscribable(value)) return { opaque: 'observable' };
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return { opaque: (value as object).constructor.name };
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined).map(([k, v]) => [k, toSpec(v)]));
}

/** Whether a document form holds everything (no `opaque` anywhere in it). */
export function isComplete(spec: unknown): boolean {
  if (Array.isArray(spec)) return spec.every(isComplete);
  if (typeof spec !== 'object' || spec === null) return true;
  return !('opaque' in spec) && Object.values(spec).every(isComplete);
}

/** A function that makes a part from its options, and carries the rules of these options. */
export type Factory<O, T> = ((...options: object extends O ? [options?: O] : [options: O]) => T) & {
  readonly factoryName: string;
  readonly options: Readonly<Record<string, Rule>>;
  /** The options that must be given. */
  readonly required: readonly string[];
};

/**
 * A factory: options are checked when it is called, and what it makes can be written back (`specOf`).
 *
 * @param name as documents and error messages say it
 * @param options one rule for each option
 * @param build makes the part from checked options; defaults stand in its destructuring
 * @param required names of the options without a default
 */
export function factory<O extends object, T extends object>(name: string, options: OptionTable<O>, build: (options: O) => T, required: readonly (keyof O & string)[] = []): Factory<O, T> {
  const rules = options as Readonly<Record<string, Rule>>;
  const make = (given: O = {} as O): T => {
    if (typeof given !== 'object' || given === null || Array.isArray(given)) throw new InputError(`${name}: takes one object of options, received ${shown(given)}`);
    checkOptions(name, given, rules);
    for (const key of required) if (given[key] === undefined) throw new InputError(`${name}: ${key} is required: ${rules[key].says}`);
    return describable(build(given), { name, ...(toSpec(given) as object) });
  };
  return Object.assign(make, { factoryName: name, options: rules, required }) as unknown as Factory<O, T>;
}

/** The factories of one kind, by the name a document uses. */
export type Registry<T = object> = Readonly<Record<string, Factory<never, T> | Factory<object, T>>>;

/** The registries a document may name, by kind: `{ optimizer: {…}, schedule: {…} }`. */
export type Registries = Readonly<Record<string, Registry>>;

/** Collects factories under their own names. */
export const registry = <T extends object>(...factories: readonly { readonly factoryName: string }[]): Registry<T> =>
  Object.fromEntries(factories.map((make) => [make.factoryName, make])) as unknown as Registry<T>;

/**
 * Makes a part from its document form: a name, or `{ name, …options }`.
 *
 * @param path where the part stands, as the error says it: `optimizer.learningRate`
 * @throws InputError for an unknown name or option (with the nearest known one), a wrong type or a value out of range
 */
export function buildFrom<T = object>(registries: Registries, kind: string, document: unknown, path: string): T {
  const { name, ...given } = asSpec(document, kind, path);
  const found = registries[kind];
  if (!found || !Object.hasOwn(found, name)) throw new InputError(`${path}: ${unknownName(kind, name, Object.keys(found ?? {}))}`);
  const make = found[name] as unknown as Factory<object, T>;
  const options: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(given)) {
    const rule: Rule | undefined = Object.hasOwn(make.options, key) ? make.options[key] : undefined;
    options[key] = rule?.kinds ? buildOption(registries, rule, value, `${path}.${key}`) : value;
  }
  try {
    return make(options);
  } catch (error) {
    if (isInputError(error) && !error.message.startsWith(path)) throw new InputError(`${path}: ${error.message}`);
    throw error;
  }
}

function buildOption(registries: Registries, rule: Rule, value: unknown, path: string): unknown {
  if (rule.list && Array.isArray(value)) return value.map((item, i) => buildOption(registries, { ...rule, list: false }, item, `${path}[${i}]`));
  const named = (typeof value === 'string' && !rule.accepts(value)) || (typeof value === 'object' && value !== null && !Array.isArray(value));
  if (!named) return value;
  const name = typeof value === 'string' ? value : (value as { name?: unknown }).name;
  const kind = rule.kinds!.find((k) => typeof name === 'string' && Object.hasOwn(registries[k] ?? {}, name)) ?? rule.kinds![0];
  return buildFrom(registries, kind, value, path);
}

function asSpec(document: unknown, kind: string, path: string): Spec {
  if (typeof document === 'string') return { name: document };
  if (typeof document === 'object' && document !== null && !Array.isArray(document)) {
    if ('opaque' in document) throw new InputError(`${path}: a document cannot hold ${shown((document as Opaque).opaque)}; write this ${kind} in code`);
    if (typeof (document as { name?: unknown }).name === 'string') return document as Spec;
  }
  throw new InputError(`${path}: expected the name of a known ${kind}, or an object with a 'name', received ${shown(document)}`);
}

/** JSON Schema of all members of a registry, for `$defs`. */
export function registrySchema(members: Registry): JsonSchema {
  return {
    anyOf: Object.entries(members).flatMap(([name, make]): JsonSchema[] => {
      const { options, required } = make as Factory<object, object>;
      const full = {
        type: 'object',
        properties: { name: { const: name }, ...Object.fromEntries(Object.entries(options).map(([key, rule]) => [key, rule.schema])) },
        required: ['name', ...required],
        additionalProperties: false,
      };
      return required.length === 0 ? [{ const: name }, full] : [full];
    }),
  };
}
