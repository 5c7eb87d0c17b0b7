/** The changes that RandAugment, TrivialAugment and AugMix choose from, each by a magnitude in its own unit. */
import { brighten } from './brightness.ts';
import { saturate } from './color.ts';
import { changeContrast } from './contrast.ts';
import { equalize, stretchContrast } from './equalize.ts';
import { zerosLike, type Image } from './image.ts';
import { posterize } from './posterize.ts';
import type { Sampling } from './resample.ts';
import { sharpen } from './sharpen.ts';
import { solarize } from './solarize.ts';
import { affine, warp, type Affine } from './warp.ts';

/** A change of one image. */
export interface Operation {
  paint(from: Image, to: Image, magnitude: number): void;
  /** Whether pixels move, and masks with them. */
  readonly moves: boolean;
  /** What its magnitude is. */
  readonly unit: string;
}

const NEAREST: Sampling = { interpolation: 'nearest' };

/** Moves pixels: nearest neighbour, as the papers' code does. */
const moving = (unit: string, move: (magnitude: number) => Affine): Operation =>
  ({ unit, moves: true, paint: (from, to, magnitude) => warp(from, to, affine(move(magnitude), from), NEAREST) });
const toning = (unit: string, paint: Operation['paint']): Operation => ({ unit, moves: false, paint });

export const operations = {
  identity: toning('none', (from, to) => to.values.set(from.values)),
  autoContrast: toning('none', stretchContrast),
  equalize: toning('none', equalize),
  brightness: toning('change of the factor', (from, to, m) => brighten(from, to, 1 + m)),
  contrast: toning('change of the factor', (from, to, m) => changeContrast(from, to, 1 + m)),
  color: toning('change of the factor', (from, to, m) => saturate(from, to, 1 + m)),
  sharpness: toning('change of the factor', (from, to, m) => sharpen(from, to, 1 + m)),
  posterize: toning('bits kept', (from, to, m) => posterize(from, to, Math.round(m))),
  solarize: toning('threshold', solarize),
  rotate: moving('degrees', (m) => ({ rotate: m })),
  shearX: moving('pixels for each pixel', (m) => ({ shear: [m, 0] })),
  shearY: moving('pixels for each pixel', (m) => ({ shear: [0, m] })),
  translateX: moving('pixels', (m) => ({ translate: [Math.round(m), 0] })),
  translateY: moving('pixels', (m) => ({ translate: [0, Math.round(m)] })),
} as const satisfies Readonly<Record<string, Operation>>;

export type OperationName = keyof typeof operations;

/** A change that was chosen. */
export interface Chosen {
  readonly operation: OperationName;
  readonly magnitude: number;
}

/** Carries out changes one after the other; `masks` leaves out those that move nothing. */
export function carryOut(chosen: readonly Chosen[], from: Image, to: Image, masks = false): void {
  let current = from;
  const steps: readonly Chosen[] = masks ? chosen.filter(({ operation }) => operations[operation].moves) : chosen;
  steps.forEach(({ operation, magnitude }, i) => {
    const next = i === steps.length - 1 ? to : { ...to, values: zerosLike(to.values) };
    operations[operation].paint(current, next, magnitude);
    current = next;
  });
  if (steps.length === 0) to.values.set(from.values);
}
