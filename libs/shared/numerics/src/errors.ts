import { distance } from 'fastest-levenshtein';

/**
 * What somebody gave was wrong: one sentence that names the place, what was expected and what came.
 * The command line prints the sentence alone and exits with code 2; anything else is a fault of ours.
 */
export class InputError extends Error {
  override readonly name = 'InputError';
}

/** Whether an error is somebody's input at fault (by name, so that a second copy of this lib still counts). */
export const isInputError = (error: unknown): error is InputError => error instanceof Error && error.name === 'InputError';

/** The known name closest to `name`, or undefined when none is near (more than half of its letters differ). */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.ceil(name.length / 2)) + 1;
  for (const candidate of known) {
    const d = distance(name.toLowerCase(), candidate.toLowerCase());
    if (d < bestDistance) [best, bestDistance] = [candidate, d];
  }
  return best;
}

/** `'x' is not a known optimizer; did you mean 'y'? Known: …` */
export function unknownName(what: string, name: string, known: Iterable<string>): string {
  const names = [...known];
  const near = nearest(name, names);
  return `'${legible(name)}' is not a known ${what}; ${near === undefined ? 'known' : `did you mean '${legible(near)}'? Known`}: ${names.map((each) => (/^\S(.*\S)?$/su.test(each) ? legible(each) : `'${legible(each)}'`)).join(', ')}`;
}

/** A text as a sentence shows it: at most 60 characters, on one line, control characters as `\u0000`. */
function legible(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return line.length > 60 ? `${line.slice(0, 57)}...` : line;
}

/** A value as a sentence shows it: short, one line, strings quoted. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return `'${legible(value)}'`;
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (typeof value === 'function') return 'a function';
  if (value === undefined) return 'nothing';
  if (typeof value === 'object' && value !== null && 'subscribe' in value) return 'an observable';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
