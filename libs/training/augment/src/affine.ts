import { between, nonNegative, listOf, positive, uniformAt, unitHalfOpen, type Key } from '@gradstream/numerics';
import { affine, warping, type WarpOptions } from './warp.ts';

const degrees = between(0, 180);

/** Number i of a key, evenly from [low, high). */
const evenly = (key: Key, i: number, low: number, high: number): number => low + uniformAt(key, i) * (high - low);

export interface RotationOptions extends WarpOptions {
  /** Largest angle, either way, in degrees, at most 180. Default 15. */
  readonly degrees?: number;
}

/** Turns images about their centre by an angle from [−degrees, degrees]. */
export const randomRotation = warping<Omit<RotationOptions, keyof WarpOptions>>('randomRotation', { degrees }, ({ degrees: most = 15 }) =>
  (key, shape) => affine({ rotate: evenly(key, 0, -most, most) }, shape));

export interface ShearOptions extends WarpOptions {
  /** Largest slant, either way: pixels of shift for each pixel of distance. Default 0.2. */
  readonly slant?: number;
}

/** Slants images, along the rows and along the columns by draws of their own. */
export const randomShear = warping<Omit<ShearOptions, keyof WarpOptions>>('randomShear', { slant: unitHalfOpen }, ({ slant = 0.2 }) =>
  (key, shape) => affine({ shear: [evenly(key, 0, -slant, slant), evenly(key, 1, -slant, slant)] }, shape));

export interface ScaleOptions extends WarpOptions {
  /** Smallest and largest factor. Default [0.8, 1.2], drawn evenly in its logarithm. */
  readonly range?: readonly number[];
}

/** Lets images grow or shrink about their centre. */
export const randomScale = warping<Omit<ScaleOptions, keyof WarpOptions>>('randomScale', { range: listOf(positive, 2) }, ({ range: [low, high] = [0.8, 1.2] }) =>
  (key, shape) => affine({ scale: Math.exp(evenly(key, 0, Math.log(low), Math.log(high))) }, shape));

export interface AffineOptions extends WarpOptions {
  /** Largest angle, either way, in degrees. Default 10. */
  readonly degrees?: number;
  /** Largest shift, as a share of width and of height. Default [0.1, 0.1]. */
  readonly translate?: readonly number[];
  /** Smallest and largest factor. Default [0.9, 1.1]. */
  readonly scale?: readonly number[];
  /** Largest slant, either way. Default 0.1. */
  readonly slant?: number;
}

/** Shear, scale, rotation and translation in one step, so that the image is sampled once. */
export const randomAffine = warping<Omit<AffineOptions, keyof WarpOptions>>('randomAffine', {
  degrees, translate: listOf(nonNegative, 2), scale: listOf(positive, 2), slant: unitHalfOpen,
}, ({ degrees: most = 10, translate: [right, down] = [0.1, 0.1], scale: [low, high] = [0.9, 1.1], slant = 0.1 }) =>
  (key, shape) => affine({
    rotate: evenly(key, 0, -most, most),
    shear: [evenly(key, 1, -slant, slant), evenly(key, 2, -slant, slant)],
    scale: Math.exp(evenly(key, 3, Math.log(low), Math.log(high))),
    translate: [evenly(key, 4, -right, right) * shape.width, evenly(key, 5, -down, down) * shape.height],
  }, shape));
