import type { RunSpec } from '@gradstream/protocol';
import { numberIn, wordIn } from '../options.ts';
import { type Arm, type ArmName, armNames, armOf, arms, strengthAt } from './arms.ts';

export const dataNames = ['moons', 'circles', 'spirals', 'xor'] as const;
export const backendNames = ['wasm', 'webgl', 'cpu'] as const;

/** Bounds of the sliders, both included. */
export const bounds = { noise: [0, 0.6], points: [20, 300], epochs: [10, 400], width: [2, 64], seed: [0, 999] } as const;

export interface RegularizationSettings {
  readonly data: (typeof dataNames)[number];
  readonly noise: number;
  /** Training points; validation has 300 more. */
  readonly points: number;
  readonly epochs: number;
  /** Units of each of two hidden layers. */
  readonly width: number;
  readonly seed: number;
  readonly backend: (typeof backendNames)[number];
  /** Those that are trained, with the places of their sliders. */
  readonly chosen: readonly { readonly name: ArmName; readonly place: number }[];
}

export const validationPoints = 300;
export const batchSize = 20;

type Given = Readonly<Record<string, string>>;

/** Reads the lab from an address; what is not allowed stands at its default. */
export function parseRegularization(given: Given): RegularizationSettings {
  const number = (name: keyof typeof bounds, otherwise: number) => numberIn(given[name], bounds[name][0], bounds[name][1]) ?? otherwise;
  const data = wordIn(given.data, dataNames);
  const wanted = given.arms?.split(',');
  const names = wanted ? armNames.filter((name) => wanted.includes(name)) : armNames;
  return {
    data,
    noise: number('noise', { moons: 0.3, circles: 0.2, spirals: 0.06, xor: 0.3 }[data]),
    points: Math.round(number('points', 60)),
    epochs: Math.round(number('epochs', 200)),
    width: Math.round(number('width', 32)),
    seed: Math.round(number('seed', 0)),
    backend: wordIn(given.backend, backendNames),
    chosen: names.map((name) => {
      const { strength } = armOf(name);
      return { name, place: strength ? (numberIn(given[name], strength.least, strength.greatest) ?? strength.start) : 0 };
    }),
  };
}

/** The run document of one arm. All arms have the same data, seed and batches; first weights are drawn by name, so they are the same too. */
export function specOf({ data, noise, points, epochs, width, seed }: RegularizationSettings, arm: Arm, place: number): RunSpec {
  const n = points + validationPoints;
  return {
    version: 1,
    seed,
    data: { name: data, noise, n, validation: validationPoints, seed } as unknown as RunSpec['data'],
    batches: { size: Math.min(batchSize, points), epochs, lastBatch: 'drop' },
    metrics: [{ name: 'accuracy' }],
    ...arm.change({ model: { name: 'mlp', hidden: [width, width], activation: 'relu' } as RunSpec['model'], loss: { name: 'softmaxCrossEntropy' }, optimizer: { name: 'adam', learningRate: 0.01 } as RunSpec['optimizer'] }, strengthAt(arm, place)),
    ...(arm.stops ? { earlyStopping: { monitor: 'validation/loss', patience: Math.round(strengthAt(arm, place)) } as unknown as RunSpec['earlyStopping'] } : {}),
  };
}

export { arms };
