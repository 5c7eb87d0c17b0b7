import { numberIn, wordIn } from '../options.ts';
import { families, type FamilyName, type TruthName, truths } from './families.ts';
import { capacitiesFor, inputs, type Moved, type Population } from './population.model.ts';

export const truthNames = Object.keys(truths) as readonly TruthName[];
export const familyNames = Object.keys(families) as readonly FamilyName[];

/** Bounds of the sliders, both included. */
export const bounds = { points: [8, 30], noise: [0, 1], models: [2, 200], seed: [0, 999] } as const;
/** What is drawn of the plane: x, then y. */
export const frame = { x: [0, 1], y: [-2.2, 2.2] } as const;

export interface BiasVarianceSettings {
  readonly population: Population;
  /** One of `capacitiesFor(points)`. */
  readonly capacity: number;
  /** The two inputs of the target, as places in `inputs`. */
  readonly at: readonly [number, number];
  readonly scale: 'linear' | 'log';
}

type Given = Readonly<Record<string, string>>;

/** The capacity of a list that is nearest to a given one. */
export const nearestCapacity = (all: readonly number[], to: number): number => all.reduce((a, b) => (Math.abs(Math.log(b / to)) < Math.abs(Math.log(a / to)) ? b : a));

/** Reads the lab from an address; what is not allowed stands at its default. */
export function parseBiasVariance(given: Given): BiasVarianceSettings {
  const number = (name: keyof typeof bounds, otherwise: number) => numberIn(given[name], bounds[name][0], bounds[name][1]) ?? otherwise;
  const points = Math.round(number('points', 20));
  const place = (text: string | undefined, otherwise: number) => Math.round(((numberIn(text, inputs[0], inputs[96]) ?? otherwise) - inputs[0]) / (inputs[1] - inputs[0]));
  const [a, b] = (given.at ?? '').split(',');
  return {
    population: {
      truth: wordIn(given.truth, truthNames), family: wordIn(given.family, familyNames), points, noise: number('noise', 0.3),
      models: Math.round(number('models', 60)), seed: Math.round(number('seed', 0)), moved: parseMoved(given.moved ?? '', points),
    },
    capacity: nearestCapacity(capacitiesFor(points), numberIn(given.capacity, 1, 10 * points) ?? 6),
    at: [place(a, 0.25), place(b, 0.75)],
    scale: wordIn(given.scale, ['linear', 'log']),
  };
}

/** `3:0.42:1.2,7:0.9:0`: points that somebody moved, by number, place and offset. */
function parseMoved(text: string, points: number): readonly Moved[] {
  const moved = new Map<number, Moved>();
  for (const part of text.split(',')) {
    const [index, x, offset] = part.split(':');
    const [i, at, off] = [numberIn(index, 0, points - 1), numberIn(x, ...frame.x), numberIn(offset, -10, 10)];
    if (i !== undefined && Number.isInteger(i) && at !== undefined && off !== undefined) moved.set(i, { index: i, x: at, offset: off });
  }
  return [...moved.values()];
}

export const formatMoved = (moved: readonly Moved[]): string | undefined =>
  (moved.length === 0 ? undefined : moved.map(({ index, x, offset }) => [index, ...[x, offset].map((value) => Number(value.toFixed(3)))].join(':')).join(','));
