import { factory, oneOf, unitClosed, type Key, type OptionTable } from '@gradstream/numerics';
import type { Augmentation } from './augmentation.ts';
import { perImage, type Image, type ImageDraws, type ImageShape } from './image.ts';
import { resample, type Coordinates, type Sampling } from './resample.ts';

/**
 * A projective map, row by row: (x, y) goes to ((m₀x + m₁y + m₂)/w, (m₃x + m₄y + m₅)/w) with w = m₆x + m₇y + m₈.
 * It leads from a pixel of the result to its place in the source.
 */
export type Matrix = readonly [number, number, number, number, number, number, number, number, number];

/** Options that every warp takes. */
export interface WarpOptions extends Sampling {
  /** Share of the images that are changed. Default 1. */
  readonly probability?: number;
}

export const warpRules: OptionTable<WarpOptions> = { interpolation: oneOf('bilinear', 'nearest'), border: oneOf('zero', 'edge', 'reflect'), probability: unitClosed };

/** A factory of an augmentation that moves pixels by a drawn projective map. */
export const warping = <O extends object>(name: string, rules: OptionTable<O>, draw: (options: O) => (key: Key, shape: ImageShape) => Matrix) =>
  factory<O & WarpOptions, Augmentation<ImageDraws<Matrix>, 'same'>>(name, { ...rules, ...warpRules } as OptionTable<O & WarpOptions>, ({ interpolation, border, probability = 1, ...options }) =>
    perImage<Matrix>(name, probability, {
      draw: draw(options as unknown as O),
      paint: (from, to, matrix) => warp(from, to, matrix, { interpolation, border }),
      masks: (from, to, matrix) => warp(from, to, matrix, { interpolation: 'nearest', border }),
    }));

/** Paints the image as a projective map sees it. */
export const warp = (from: Image, to: Image, matrix: Matrix, sampling: Sampling): void => resample(from, to, project(matrix, to), sampling);

/** Where each pixel of a picture of these sides comes from. */
function project([a, b, c, d, e, f, g, h, i]: Matrix, { height, width }: Pick<Image, 'height' | 'width'>): Coordinates {
  const xs = new Float32Array(height * width);
  const ys = new Float32Array(height * width);
  for (let y = 0, p = 0; y < height; y++) {
    for (let x = 0; x < width; x++, p++) {
      const w = g * x + h * y + i;
      xs[p] = (a * x + b * y + c) / w;
      ys[p] = (d * x + e * y + f) / w;
    }
  }
  return { x: xs, y: ys };
}

/** What is done to an image about its centre. */
export interface Affine {
  /** Anticlockwise, in degrees. */
  readonly rotate?: number;
  /** Pixels to the right and down, after the rest. */
  readonly translate?: readonly [number, number];
  /** Above 1 the picture grows. */
  readonly scale?: number;
  /** Pixels to the right for each pixel down, and down for each pixel to the right. */
  readonly shear?: readonly [number, number];
}

/** The map from result to source of: shear, then scale, then rotate about the centre, then translate. */
export function affine({ rotate = 0, translate = [0, 0], scale = 1, shear = [0, 0] }: Affine, { height, width }: Pick<Image, 'height' | 'width'>): Matrix {
  const angle = (rotate * Math.PI) / 180;
  const [cos, sin] = rotate % 360 === 0 ? [1, 0] : [Math.cos(angle), Math.sin(angle)];
  // forward: [cos sin; -sin cos] · scale · [1 sx; sy 1], rows down, so that a positive angle turns anticlockwise
  const [p, q, r, s] = [scale * (cos + sin * shear[1]), scale * (cos * shear[0] + sin), scale * (cos * shear[1] - sin), scale * (cos - sin * shear[0])];
  const determinant = p * s - q * r;
  const [a, b, d, e] = [s / determinant, -q / determinant, -r / determinant, p / determinant];
  const [cx, cy] = [(width - 1) / 2, (height - 1) / 2];
  const [tx, ty] = [cx + translate[0], cy + translate[1]];
  return [a, b, cx - a * tx - b * ty, d, e, cy - d * tx - e * ty, 0, 0, 1];
}
