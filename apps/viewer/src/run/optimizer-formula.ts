import { type Formula, formulasOf, fromSpec, chain } from '@gradstream/optimizers';

/**
 * What the optimizer of a run's document computes, from its own expressions.
 *
 * @throws InputError where the document names no optimizer that is known here
 */
export function formulasIn(optimizer: unknown): readonly Formula[] {
  const named = withoutStreams(optimizer);
  return formulasOf(Array.isArray(named) ? chain(...named.map((link) => fromSpec(link))) : fromSpec(named));
}

/** A stream or a function of the step stands in a document as `{ opaque }`; in a formula it is a name as any number is. */
function withoutStreams(document: unknown): unknown {
  if (Array.isArray(document)) return document.map(withoutStreams);
  if (typeof document !== 'object' || document === null) return document;
  if ('opaque' in document && (document.opaque === 'observable' || document.opaque === 'function')) return 0.5;
  return Object.fromEntries(Object.entries(document).map(([key, value]) => [key, withoutStreams(value)]));
}
