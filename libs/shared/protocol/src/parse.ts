import { InputError, shown } from '@gradstream/numerics';
import { z } from 'zod';

/**
 * Checks what came over a wire against a schema.
 *
 * @param where begins the sentence: `PUT /api/v1/runs/r1`
 * @throws InputError for the first thing wrong: `points: attempt must be a whole number of at least 0, received -1`
 */
export function parseWith<S extends z.ZodType>(schema: S, value: unknown, where: string): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = issue.path.map(String).join('.');
  const received = issue.path.reduce<unknown>((at, key) => (typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined), value);
  if (issue.code === 'unrecognized_keys') throw new InputError(`${where}: ${path ? `${path}.` : ''}${issue.keys[0]} is not a known field`);
  throw new InputError(`${where}: ${path || 'the body'} ${sentence(issue)}, received ${shown(received)}`);
}

const sentence = (issue: z.core.$ZodIssue): string =>
  issue.message.startsWith('must ') ? issue.message : `is wrong (${issue.message.replace(/, received .*$/, '')})`;
