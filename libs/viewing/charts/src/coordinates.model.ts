/** One axis of parallel coordinates, and what each run has on it. */
export interface Coordinate {
  readonly key: string;
  readonly label: string;
  readonly values: readonly (string | number | undefined)[];
}

/** An axis as it is drawn: 0 is its foot, 1 its head. */
export interface CoordinateScale {
  readonly kind: 'linear' | 'log' | 'words';
  /** Place of a value in [0, 1]; undefined for what is not on the axis. */
  place(value: string | number | undefined): number | undefined;
  readonly ticks: readonly { readonly at: number; readonly value: string | number }[];
  /** The values between two places: bounds for numbers, a list for words. */
  between(a: number, b: number): { readonly from: number; readonly to: number } | { readonly words: readonly string[] };
}

/** Factor between the ends beyond which positive numbers get a logarithmic axis. */
const logFrom = 10;

/** Numbers on a line, by factors where they span many; anything else as words in order. A constant stands in the middle. */
export function scaleOf({ values }: Pick<Coordinate, 'values'>): CoordinateScale {
  const given = values.filter((value): value is string | number => value !== undefined);
  const finite = given.filter((value): value is number => typeof value === 'number' && Number.isFinite(value));
  if (finite.length > 0 && given.every((value) => typeof value === 'number')) {
    const [min, max] = [finite.reduce((a, b) => Math.min(a, b)), finite.reduce((a, b) => Math.max(a, b))];
    const log = min > 0 && max / min >= logFrom;
    const [f, g] = log ? [Math.log10, (x: number) => 10 ** x] : [(x: number) => x, (x: number) => x];
    const [low, high] = [f(min), f(max)];
    const valueAt = (at: number) => (high > low ? g(low + at * (high - low)) : min);
    return {
      kind: log ? 'log' : 'linear',
      place: (value) => (typeof value !== 'number' || !Number.isFinite(value) ? undefined : high > low ? (f(value) - low) / (high - low) : 0.5),
      ticks: high > low ? [0, 0.25, 0.5, 0.75, 1].map((at) => ({ at, value: valueAt(at) })) : [{ at: 0.5, value: min }],
      between: (a, b) => ({ from: valueAt(Math.min(a, b)), to: valueAt(Math.max(a, b)) }),
    };
  }
  const words = [...new Set(given.map(String))].sort((a, b) => a.localeCompare(b, 'en'));
  const places = new Map(words.map((word, i) => [word, words.length > 1 ? i / (words.length - 1) : 0.5]));
  return {
    kind: 'words',
    place: (value) => (value === undefined ? undefined : places.get(String(value))),
    ticks: words.map((word) => ({ at: places.get(word)!, value: word })),
    between: (a, b) => ({ words: words.filter((word) => places.get(word)! >= Math.min(a, b) && places.get(word)! <= Math.max(a, b)) }),
  };
}
