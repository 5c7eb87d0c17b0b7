import { factory, InputError, text, unknownName, type Factory, type OptionTable, type Rule } from '@gradstream/numerics';
import type { Layer, LayerDefinition } from './layer.ts';

type OptionalKeys<O> = { [K in keyof O]-?: object extends Pick<O, K> ? K : never }[keyof O];

/** What every layer may be told beside its own options. */
export interface Named {
  /** Name of the layer and path of its params. Default: by position (`dense1`). */
  readonly as?: string;
}

type Defaults<O> = Required<Pick<O, OptionalKeys<O>>>;

/** A kind of layer, with the value of each option that may be left out (or how it follows from the others). */
export type LayerKind<O extends object> = LayerDefinition<Required<O>> & { readonly defaults: Defaults<O> | ((given: Partial<O>) => Defaults<O>) };

const definitions = new Map<string, LayerDefinition>();

/**
 * Makes a kind of layer known to `build` and `apply`, and returns the function that users call.
 * Each module that defines a layer calls it once.
 */
export function defineLayer<O extends object>(definition: LayerKind<O>): Factory<O & Named, Layer> {
  const { kind, options, defaults } = definition;
  if (definitions.has(kind)) throw new Error(`defineLayer: '${kind}' is defined already`);
  definitions.set(kind, definition as unknown as LayerDefinition);

  const defaultsOf = typeof defaults === 'function' ? defaults : () => defaults;
  const optional = defaultsOf({});
  const required = Object.keys(options).filter((name) => !Object.hasOwn(optional, name));
  const rules = { ...options, as: layerName } as unknown as OptionTable<O & Named>;
  return factory<O & Named, Layer>(kind, rules, ({ as, ...given }) => {
    const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    return Object.freeze({ kind, ...(as === undefined ? {} : { name: as }), ...defaultsOf(set as Partial<O>), ...set });
  }, required as (keyof O & string)[]);
}

/** The meaning of a layer. */
export function definitionOf({ kind }: Layer): LayerDefinition {
  const found = definitions.get(kind);
  if (!found) throw new InputError(unknownName('layer', String(kind), definitions.keys()));
  return found;
}

const isLayer = (x: unknown): x is Layer => typeof x === 'object' && x !== null && definitions.has((x as Layer).kind);

/** Option rule: a layer. */
export const layer: Rule = { says: 'a layer (dense, conv2d, …)', accepts: isLayer, schema: { $ref: '#/$defs/layer' }, kinds: ['layer'] };

const layerName: Rule = {
  ...text,
  says: 'a name without a slash',
  accepts: (x) => text.accepts(x) && !(x as string).includes('/'),
};
