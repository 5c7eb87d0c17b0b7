import { numberIn } from '../options.ts';
import { plane } from './plane.ts';
import { surfaceOf, type DescentSurface } from './surfaces.ts';

/** Who may race, with whether its rates are those of plain descent; the first ones race unless somebody chooses. */
export const racers = [
  { name: 'sgd', kind: 'plain', factor: 1 },
  { name: 'momentum', kind: 'plain', factor: 0.3 },
  { name: 'nesterov', kind: 'plain', factor: 0.3 },
  { name: 'rmsprop', kind: 'adaptive', factor: 0.5 },
  { name: 'adam', kind: 'adaptive', factor: 1 },
  { name: 'adagrad', kind: 'adaptive', factor: 8 },
  { name: 'nadam', kind: 'adaptive', factor: 1 },
  { name: 'lion', kind: 'adaptive', factor: 0.3 },
  { name: 'adadelta', kind: 'adaptive', factor: 20 },
  { name: 'adamw', kind: 'adaptive', factor: 1 },
  { name: 'amsgrad', kind: 'adaptive', factor: 1 },
  { name: 'adamax', kind: 'adaptive', factor: 2 },
  { name: 'adabelief', kind: 'adaptive', factor: 1 },
  { name: 'signum', kind: 'adaptive', factor: 0.1 },
] as const;
const atStart = ['sgd', 'momentum', 'rmsprop', 'adam'];

export interface RaceSettings {
  readonly surface: DescentSurface;
  readonly start: readonly [number, number];
  readonly steps: number;
  /** Those who race, with their learning rates, in the order of `racers`. */
  readonly racing: readonly { readonly name: string; readonly rate: number; readonly color: number }[];
  /** The step that is shown. */
  readonly at: number;
}

/** Where momentum is watched in the plane of learning rate and momentum. */
export const parsePlane = (given: Given): { readonly rate: number; readonly beta: number } => ({
  rate: numberIn(given.alpha, 1e-4, plane.mostRate) ?? 0.1,
  beta: numberIn(given.beta, 0, plane.mostMomentum) ?? 0.6,
});

type Given = Readonly<Record<string, string>>;

/** The learning rate a racer starts with on a surface. */
export const rateOn = ({ rates }: DescentSurface, { kind, factor }: (typeof racers)[number]): number => Number((rates[kind] * factor).toPrecision(2));

/** Reads a race from an address; what is not allowed stands at its default. */
export function parseRace(given: Given): RaceSettings {
  const surface = surfaceOf(given.on);
  const [x0, x1, y0, y1] = surface.bounds;
  const [x, y] = (given.from ?? '').split(',');
  const steps = Math.round(numberIn(given.steps, 10, 5_000) ?? 500);
  const names = given.who === undefined ? atStart : given.who.split(',');
  return {
    surface,
    start: [numberIn(x, x0, x1) ?? surface.start[0], numberIn(y, y0, y1) ?? surface.start[1]],
    steps,
    racing: racers.flatMap((racer, color) => (names.includes(racer.name) ? [{ name: racer.name, color, rate: numberIn(given[`rate-${racer.name}`], 1e-7, 100) ?? rateOn(surface, racer) }] : [])),
    at: Math.round(numberIn(given.at, 0, steps) ?? steps),
  };
}
