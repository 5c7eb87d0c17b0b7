import { z } from 'zod';

const encoder = new TextEncoder();
const control = /\p{Cc}/u;

/** Whether a text can name a metric: 1 to 250 UTF-8 bytes in Unicode normal form C, no control characters. */
export const isMetricName = (name: string): boolean =>
  name.length > 0 && name.length <= 250 && (/^[\x20-\x7e]*$/.test(name) || (!control.test(name) && name.normalize('NFC') === name && encoder.encode(name).length <= 250));

/** Whether a text can be a run's id: letters, digits, `.`, `_`, `-`; 1 to 128 of them, beginning with a letter or digit. */
export const isRunId = (id: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(id);

export const metricName = z.string().refine(isMetricName, 'must be 1 to 250 bytes of text without control characters').meta({ description: 'Metric name, `<split>/<metric>` or plain', examples: ['train/loss'] });
export const runId = z.string().refine(isRunId, "must be 1 to 128 letters, digits, '.', '_' or '-', beginning with a letter or digit").meta({ description: 'Run id, chosen by the publisher', examples: ['01K2F3'] });

/**
 * A test for metric names: `*` stands for any text without a slash, `**` for any text at all; a bare `*` matches everything.
 * Several globs match what any of them matches; none matches everything.
 */
export function globTest(globs: readonly string[]): (name: string) => boolean {
  if (globs.length === 0 || globs.includes('*') || globs.includes('**')) return () => true;
  const exact = new Set(globs.filter((glob) => !glob.includes('*')));
  const wild = globs.filter((glob) => glob.includes('*')).map(splitGlob);
  return (name) => exact.has(name) || wild.some((parts) => matches(parts, name));
}

/** Literal pieces and stars, in turn. */
const splitGlob = (glob: string): readonly string[] => glob.split(/(\*+)/).filter((part) => part !== '');

/** Linear in the product of the lengths: no expression that could backtrack without bound. */
function matches(parts: readonly string[], name: string): boolean {
  let ends = new Set([0]);
  for (const part of parts) {
    const next = new Set<number>();
    for (const at of ends) {
      if (!part.startsWith('*')) {
        if (name.startsWith(part, at)) next.add(at + part.length);
        continue;
      }
      const slash = part.length > 1 ? -1 : name.indexOf('/', at);
      for (let end = at; end <= (slash < 0 ? name.length : slash); end += 1) next.add(end);
    }
    ends = next;
  }
  return ends.has(name.length);
}

const ulidLetters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A new id: 10 letters of time (ms) and 16 of chance, so that ids sort by their time (ULID). */
export function newId(now: number = Date.now()): string {
  let time = '';
  for (let i = 0, rest = now; i < 10; i += 1, rest = Math.floor(rest / 32)) time = ulidLetters[rest % 32] + time;
  return time + Array.from(globalThis.crypto.getRandomValues(new Uint8Array(16)), (byte) => ulidLetters[byte % 32]).join('');
}
