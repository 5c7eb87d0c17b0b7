import { unitHalfOpen, uniformAt } from '@gradstream/numerics';
import { warping, type Matrix, type WarpOptions } from './warp.ts';

export interface PerspectiveOptions extends WarpOptions {
  /** How far a corner may move inwards, as a share of half a side. Default 0.3. */
  readonly distortion?: number;
}

type Point = readonly [number, number];

/** Looks at images at a slant: each corner of the result shows a place of its own near that corner. */
export const randomPerspective = warping<Omit<PerspectiveOptions, keyof WarpOptions>>('randomPerspective', { distortion: unitHalfOpen }, ({ distortion = 0.3 }) =>
  (key, { height, width }) => {
    const [right, bottom] = [width - 1, height - 1];
    const inwards = (i: number, side: number): number => (uniformAt(key, i) * distortion * side) / 2;
    const corners: readonly [Point, Point, Point, Point] = [
      [inwards(0, right), inwards(1, bottom)],
      [right - inwards(2, right), inwards(3, bottom)],
      [right - inwards(4, right), bottom - inwards(5, bottom)],
      [inwards(6, right), bottom - inwards(7, bottom)],
    ];
    return onto(corners, Math.max(1, right), Math.max(1, bottom));
  });

/**
 * The map that sends the corners of a width by height rectangle onto four points, clockwise from the upper left:
 * Heckbert 1989, "Fundamentals of Texture Mapping and Image Warping", section 2.2.3.
 */
export function onto([[x0, y0], [x1, y1], [x2, y2], [x3, y3]]: readonly [Point, Point, Point, Point], width: number, height: number): Matrix {
  const [dx1, dx2, sx] = [x1 - x2, x3 - x2, x0 - x1 + x2 - x3];
  const [dy1, dy2, sy] = [y1 - y2, y3 - y2, y0 - y1 + y2 - y3];
  const determinant = dx1 * dy2 - dx2 * dy1;
  const g = determinant === 0 ? 0 : (sx * dy2 - dx2 * sy) / determinant;
  const h = determinant === 0 ? 0 : (dx1 * sy - sx * dy1) / determinant;
  return [
    (x1 - x0 + g * x1) / width, (x3 - x0 + h * x3) / height, x0,
    (y1 - y0 + g * y1) / width, (y3 - y0 + h * y3) / height, y0,
    g / width, h / height, 1,
  ];
}
