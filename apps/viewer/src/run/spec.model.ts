/** A line of a document as it is shown: indented keys, a value or none. */
export interface SpecLine {
  readonly depth: number;
  readonly key: string;
  readonly value?: string;
  readonly kind: 'group' | 'text' | 'literal' | 'opaque';
}

const isGroup = (value: unknown): value is object => typeof value === 'object' && value !== null;
const opaqueOf = (value: unknown): string | undefined => (isGroup(value) && typeof (value as { opaque?: unknown }).opaque === 'string' ? (value as { opaque: string }).opaque : undefined);
const isShort = (value: unknown): value is readonly unknown[] => Array.isArray(value) && value.every((item) => !isGroup(item)) && JSON.stringify(value).length <= 40;

/** The lines of a document, depth first; short lists on one line. Nesting beyond 32 levels is not followed. */
export function specLines(spec: unknown, depth = 0): readonly SpecLine[] {
  if (!isGroup(spec) || depth > 32) return [];
  return Object.entries(spec).flatMap(([key, value]): readonly SpecLine[] => {
    const shown = Array.isArray(spec) ? '–' : key;
    const opaque = opaqueOf(value);
    if (opaque !== undefined) return [{ depth, key: shown, value: opaque, kind: 'opaque' }];
    if (isShort(value)) return [{ depth, key: shown, value: `[${value.map(literal).join(', ')}]`, kind: 'literal' }];
    if (isGroup(value)) {
      const { name, ...rest } = value as { name?: unknown };
      // A part shows its name beside its key: `optimizer: adamw`, its options beneath.
      if (!Array.isArray(value) && typeof name === 'string') return [{ depth, key: shown, value: name, kind: 'text' }, ...specLines(rest, depth + 1)];
      return [{ depth, key: shown, kind: 'group' }, ...specLines(value, depth + 1)];
    }
    return [{ depth, key: shown, value: literal(value), kind: typeof value === 'string' ? 'text' : 'literal' }];
  });
}

/** Numbers without the last digits of their binary form: 0.009, not 0.009000000000000001. */
const literal = (value: unknown): string => String(typeof value === 'number' ? Number(value.toPrecision(12)) : value);

/** Every value of a document by its path: `stages[2].model.hidden`. */
export function specPaths(spec: unknown, path = '', into = new Map<string, string>()): ReadonlyMap<string, string> {
  if (!isGroup(spec) || isShort(spec) || opaqueOf(spec) !== undefined) return into.set(path, isGroup(spec) ? JSON.stringify(spec) : literal(spec));
  for (const [key, value] of Object.entries(spec)) specPaths(value, Array.isArray(spec) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`, into);
  return into;
}

/** The paths at which some documents differ, with the value of each (undefined where a document has none). */
export function differences(specs: readonly unknown[]): readonly { readonly path: string; readonly values: readonly (string | undefined)[] }[] {
  const all = specs.map((spec) => (spec === undefined ? new Map<string, string>() : specPaths(spec)));
  const paths = new Set(all.flatMap((values) => [...values.keys()]));
  return [...paths]
    .map((path) => ({ path, values: all.map((values) => values.get(path)) }))
    .filter(({ values }) => new Set(values).size > 1);
}
