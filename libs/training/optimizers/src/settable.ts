import type { ParamInfo } from '@gradstream/numerics';
import { linksOf, place } from './place.ts';
import { reportNames } from './report-names.ts';
import type { Transformation } from './transformation.ts';

/** Ends of what a hyper-parameter may be, both included. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/**
 * What may be set while a run goes on, by the name it is reported under: every hyper-parameter of an optimizer, within the bounds of its
 * rule, the learning rate first. Where the rule has no upper end, up to 1, or to ten times a plain number that is more than a tenth.
 *
 * @param params of the model; masks and groups decide by them which rules there are
 */
export function settable(optimizer: Transformation, params: readonly ParamInfo[]): Readonly<Record<string, Bounds>> {
  const links = linksOf(place(optimizer, params.filter(({ role }) => role !== 'buffer')));
  const names = reportNames(links);
  const bounds = links.flatMap(({ path, link }) => Object.entries(link.hyper).map(([name, value]): [string, Bounds] => {
    const { minimum = 0, maximum } = limitsOf(link.rules[name]?.schema);
    return [names.get(`${path}/${name}`)!, { min: minimum, max: maximum ?? Math.max(1, typeof value === 'number' ? 10 * value : 0) }];
  }));
  return Object.fromEntries(bounds.sort(([a], [b]) => Number(b === 'learningRate') - Number(a === 'learningRate')));
}

interface Limits {
  readonly minimum?: number;
  readonly maximum?: number;
}

/** The ends in a rule's schema; of those that are left out themselves, the nearest number inside. */
function limitsOf(schema: unknown): Limits {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, anyOf } = (schema ?? {}) as Limits & { readonly exclusiveMinimum?: number; readonly exclusiveMaximum?: number; readonly anyOf?: readonly unknown[] };
  if (anyOf) return limitsOf(anyOf[0]);
  return { minimum: minimum ?? (exclusiveMinimum === undefined ? undefined : exclusiveMinimum + INSIDE), maximum: maximum ?? (exclusiveMaximum === undefined ? undefined : exclusiveMaximum - INSIDE) };
}

const INSIDE = 1e-6;
