import { z } from 'zod';

/**
 * Numbers in JSON: NaN and the infinities are values, written as the words `"NaN"`, `"Infinity"`, `"-Infinity"`.
 */
export type JsonNumber = number | 'NaN' | 'Infinity' | '-Infinity';

/** A number as JSON spells it. */
export const toJsonNumber = (x: number): JsonNumber => (Number.isFinite(x) ? x : (String(x) as JsonNumber));

/** A number that JSON spelled; undefined for what is no number. */
export function fromJsonNumber(x: unknown): number | undefined {
  if (typeof x === 'number') return x;
  if (x === 'NaN' || x === 'Infinity' || x === '-Infinity') return Number(x);
  return undefined;
}

/** Schema of {@link JsonNumber}; its output is a plain number. */
export const jsonNumber = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])]).transform(Number);

/**
 * `JSON.stringify` that spells non-finite numbers as words instead of `null`. Where the plain form holds no `null` there
 * was none to spell, and nothing had to be looked at one by one.
 */
export function stringify(value: unknown, space?: number): string {
  const plain = JSON.stringify(value, undefined, space);
  return plain?.includes('null') ? JSON.stringify(value, (_, x: unknown) => (typeof x === 'number' && !Number.isFinite(x) ? String(x) : x), space) : plain;
}
