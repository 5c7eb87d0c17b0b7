import { readHidden, readNumber, startSettings, type TrainSettings } from '../../train/settings.model.ts';
import { planeKinds, type PlaneKind } from './plane.model.ts';

/** Data sets of the labs: those that a tab has at hand. */
export const labData = ['moons', 'circles', 'spirals', 'xor', 'blobs', 'digits'] as const;
export const labOptimizers = ['sgd', 'momentum', 'nesterov', 'adam', 'adamw'] as const;
export const labActivations = ['relu', 'tanh'] as const;
export const viewNames = ['1', '2', '3'] as const;
export const computeNames = ['float64', 'webgl'] as const;
export const splitNames = ['train', 'validation'] as const;
export const zooms = [0.5, 1, 2, 4] as const;
/** Parameters beyond which a lab would keep somebody waiting. */
const mostEpochs = 400;

export interface LandscapeSettings {
  readonly training: TrainSettings;
  readonly kind: PlaneKind;
  /** Seed of the second solution, for the plane between two. */
  readonly other: number;
  /** Seed of the random directions. */
  readonly directions: number;
  readonly zoom: (typeof zooms)[number];
  readonly view: (typeof viewNames)[number];
  readonly split: (typeof splitNames)[number];
  readonly log: boolean;
  readonly compute: (typeof computeNames)[number];
  /** Of the relief, degrees. */
  readonly turn: number;
  readonly tilt: number;
  /** The place that the cursor stands at: column and row of the finest grid. */
  readonly cell?: readonly [number, number];
}

type Given = Readonly<Record<string, string>>;

export const oneOf = <T extends string>(text: string | undefined, allowed: readonly T[], otherwise: T): T => allowed.find((name) => name === text) ?? otherwise;
export const wholeIn = (text: string | undefined, least: number, greatest: number, otherwise: number): number => {
  const value = Number(text);
  return text !== undefined && text.trim() !== '' && Number.isInteger(value) && value >= least && value <= greatest ? value : otherwise;
};

/** What a lab trains unless somebody chooses: small enough to be there while one waits. */
export const labStart = (data: (typeof labData)[number]): TrainSettings => ({ ...startSettings(data), hidden: data === 'digits' ? [32] : [16, 16], activation: 'tanh', epochs: data === 'digits' ? 20 : 60, batchSize: 32 });

/** Reads the training of a lab from an address; what is not allowed stands at its default, which depends on the data. */
export function parseTraining(given: Given, start = labStart(oneOf(given.data, labData, 'moons'))): TrainSettings {
  return {
    ...start,
    hidden: given.hidden === undefined ? start.hidden : (readHidden(given.hidden)?.map((units) => Math.min(units, 128)).slice(0, 3) ?? start.hidden),
    activation: oneOf(given.activation, labActivations, start.activation as (typeof labActivations)[number]),
    optimizer: oneOf(given.optimizer, labOptimizers, start.optimizer as (typeof labOptimizers)[number]),
    learningRate: readNumber('learningRate', given.rate) ?? start.learningRate,
    batchSize: wholeIn(given.batch, 1, 400, start.batchSize),
    epochs: wholeIn(given.epochs, 1, mostEpochs, start.epochs),
    seed: wholeIn(given.seed, 0, 2 ** 31, start.seed),
  };
}

/** Reads a landscape from an address. */
export function parseLandscape(given: Given): LandscapeSettings {
  const cell = (given.cell ?? '').split(',').map((text) => wholeIn(text, 0, finest - 1, -1));
  return {
    training: parseTraining(given),
    kind: oneOf(given.on, planeKinds, 'random'),
    other: wholeIn(given.other, 0, 2 ** 31, 1),
    directions: wholeIn(given.directions, 0, 2 ** 31, 0),
    zoom: zooms.find((zoom) => String(zoom) === given.zoom) ?? 1,
    view: oneOf(given.view, viewNames, '2'),
    split: oneOf(given.split, splitNames, 'train'),
    log: given.log !== '0',
    compute: oneOf(given.compute, computeNames, 'float64'),
    turn: wholeIn(given.turn, -180, 180, 30),
    tilt: wholeIn(given.tilt, 0, 90, 40),
    ...(cell.length === 2 && cell.every((at) => at >= 0) ? { cell: cell as unknown as readonly [number, number] } : {}),
  };
}

/** Cells on each side of the grids, coarse to fine; each has the places of the one before. */
export const sides = [17, 33, 65] as const;
export const finest = 65;
