/**
 * What happens to gradients on their way to an update. A transformation takes updates, params and state by param name and
 * gives updates and state; a whole optimizer is a chain of them that ends with the step to add to the params.
 */
import { InputError, describable, factory, specOf, toSpec, type Expr, type Factory, type Hyper, type OptionTable, type ParamInfo, type Rule, type Term } from '@gradstream/numerics';
import type { ArrayOps } from './arrays.ts';
import type { Named } from './bound.ts';
import { maskOf, type Mask } from './mask.ts';

export type Transformation = Elementwise | Tensorwise | Wrapper | Chain | Masked | Partition;

/** What a slot holds before the first update: a number everywhere, or the params as they are then. */
export type SlotStart = number | 'params';

/** The names an element-wise rule may use: updates so far, params, count of this update (1, 2, …), and its own. */
export type Scope<Names extends string = never> = Readonly<Record<'g' | 'p' | 't' | Names, Expr>>;

interface Link {
  readonly name: string;
  /** Hyper-parameters by name; read once per step. */
  readonly hyper: Readonly<Record<string, Hyper>>;
  /** What their values must be. */
  readonly rules: Readonly<Record<string, Rule>>;
}

/** A rule that treats every number alike, given by expressions (see numerics). Neighbours are fused into one loop. */
export interface Elementwise extends Link {
  readonly type: 'elementwise';
  readonly slots: Readonly<Record<string, SlotStart>>;
  /** One number per param, kept from update to update, with its first value. */
  readonly scalars: Readonly<Record<string, number>>;
  /** Numbers that differ between params and stay: a function of the param each. */
  readonly constants: Readonly<Record<string, (param: ParamInfo) => number>>;
  /** New updates `g`, and new values of slots and scalars (those not mentioned stay). */
  readonly update: (x: Scope<string>) => Readonly<Record<string, Term>>;
  /** The weights to evaluate, where they are not the trained ones: from params and slots after the update. */
  readonly evaluation?: (x: Scope<string>) => Term;
}

/** What a tensorwise rule sees of one param. */
export interface TensorView<A> {
  readonly ops: ArrayOps<A>;
  readonly param: ParamInfo;
  /** Updates so far, flat. */
  readonly g: A;
  /** The param's values, flat. */
  readonly p: A;
  /** Count of this update: 1, 2, … */
  readonly t: number;
  readonly hyper: Readonly<Record<string, number>>;
  readonly slots: Readonly<Record<string, A>>;
}

/** Number of elements and first value of each slot. */
export type SlotSizes = Readonly<Record<string, { readonly size: number; readonly start: number }>>;

/** A rule with reductions of its own (norms per axis, factored moments, matrix products); cuts the fused loop. */
export interface Tensorwise extends Link {
  readonly type: 'tensorwise';
  /** Slots of one param. */
  readonly slots: (param: ParamInfo) => SlotSizes;
  /** New updates `g` and slots of one param. */
  readonly update: <A>(x: TensorView<A>) => Readonly<Record<string, A>>;
}

/** What a wrapper sees of an update. */
export interface WrapperView<A> {
  readonly ops: ArrayOps<A>;
  readonly step: number;
  readonly params: Named<A>;
  readonly updates: Named<A>;
  readonly gradientsAt?: (params: Named<A>) => Named<A>;
  readonly size?: number;
  readonly hyper: Readonly<Record<string, number>>;
  /** Arrays kept from update to update, zero before the first. */
  readonly slots: { get(slot: string, param: string): A; set(slot: string, param: string, value: A): void };
  /** Numbers kept from update to update, zero before the first. */
  readonly counts: { get(name: string): number; set(name: string, value: number): void };
  /** Runs what is wrapped, with its own counts, at the given step. */
  inner(updates: Named<A>, step: number): Named<A>;
}

/** Decides whether, when and on which gradients another transformation runs. */
export interface Wrapper extends Link {
  readonly type: 'wrapper';
  readonly inner: Transformation;
  readonly slots: readonly string[];
  readonly counts: readonly string[];
  /** Counts to report beside the hyper-parameters. */
  readonly reports?: readonly string[];
  /** New updates; an empty map leaves all params as they are. */
  readonly update: <A>(x: WrapperView<A>) => Named<A>;
}

export interface Chain {
  readonly type: 'chain';
  readonly links: readonly Transformation[];
}

/** A transformation of some params only; the others' updates pass through it untouched. */
export interface Masked {
  readonly type: 'masked';
  readonly inner: Transformation;
  readonly mask: Mask;
}

/** A transformation for each group of params. */
export interface Partition {
  readonly type: 'partition';
  readonly groups: Readonly<Record<string, Transformation>>;
  readonly by: (param: ParamInfo) => string;
}

/** Options of `elementwise`. */
export interface Rules<H extends string, S extends string, C extends string, K extends string> {
  readonly hyper?: Readonly<Record<H, Hyper>>;
  readonly rules?: Readonly<Record<string, Rule>>;
  readonly slots?: Readonly<Record<S, SlotStart>>;
  readonly scalars?: Readonly<Record<C, number>>;
  readonly constants?: Readonly<Record<K, (param: ParamInfo) => number>>;
  readonly update: (x: Scope<H | S | C | K>) => Readonly<{ g: Term } & Partial<Record<S | C, Term>>>;
  readonly evaluation?: (x: Scope<H | S | C | K>) => Term;
}

/** An element-wise rule. */
export function elementwise<H extends string = never, S extends string = never, C extends string = never, K extends string = never>(name: string, rules: Rules<H, S, C, K>): Elementwise {
  return { type: 'elementwise', name, rules: {}, hyper: {}, slots: {}, scalars: {}, constants: {}, ...rules } as Elementwise;
}

/** A rule with reductions of its own. */
export const tensorwise = (name: string, rules: Omit<Tensorwise, 'type' | 'name' | 'rules'>): Tensorwise => ({ type: 'tensorwise', name, rules: {}, ...rules });

/** A rule around another transformation. */
export const wrapper = (name: string, rules: Omit<Wrapper, 'type' | 'name' | 'rules'>): Wrapper => ({ type: 'wrapper', name, rules: {}, ...rules });

/** A factory of links: as `factory`, and its option rules are also those of the values of schedules and streams. */
export const link = <O extends object, T extends Link = Elementwise>(name: string, options: OptionTable<O>, build: (options: O) => T, required: readonly (keyof O & string)[] = []): Factory<O, T> =>
  factory(name, options, (given) => ({ ...build(given), rules: options as Readonly<Record<string, Rule>> }), required);

export const isTransformation = (value: unknown): value is Transformation =>
  typeof value === 'object' && value !== null && ['elementwise', 'tensorwise', 'wrapper', 'chain', 'masked', 'partition'].includes((value as { type?: string }).type ?? '');

/** Option rule: another transformation. */
export const aTransformation: Rule = { says: 'a transformation', accepts: isTransformation, schema: { $ref: '#/$defs/transformation' }, kinds: ['transformation'] };

/**
 * One transformation after the other: each gets the updates the one before made.
 *
 * @example chain(clipByGlobalNorm(1), adamw({ learningRate: 1e-3 }))
 */
export function chain(...links: readonly Transformation[]): Chain {
  links.forEach((each, i) => {
    if (!isTransformation(each)) throw new InputError(`chain: argument ${i + 1} must be a transformation; did you forget to call it?`);
  });
  return describable({ type: 'chain', links }, { name: 'chain', links: links.map(toSpec) });
}

/** The transformation for some params only; for the others nothing happens (their updates pass through). */
export function masked(inner: Transformation, mask: Mask): Masked {
  maskOf(mask);
  return describable({ type: 'masked', inner, mask }, { name: 'masked', inner: specOf(inner) ?? toSpec(inner), mask: toSpec(mask) });
}

/**
 * A transformation for each group of params.
 *
 * @param by names the group of a param
 * @example partition({ decay: adamw({ learningRate }), rest: adam({ learningRate }) }, ({ role }) => (role === 'kernel' ? 'decay' : 'rest'))
 */
export const partition = (groups: Readonly<Record<string, Transformation>>, by: (param: ParamInfo) => string): Partition =>
  describable({ type: 'partition', groups, by }, { name: 'partition', groups: toSpec(groups), by: { opaque: 'function' } });
