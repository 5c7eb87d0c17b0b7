import type { Image } from './image.ts';

/** A rectangle of pixels: rows top … bottom − 1, columns left … right − 1. */
export interface Box {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

/** The box of these sides about a centre, cut off at the border of the image. Halves are rounded down, as CutMix's authors do. */
export const boxAround = (y: number, x: number, sideY: number, sideX: number, { height, width }: Pick<Image, 'height' | 'width'>): Box => {
  const [halfY, halfX] = [Math.floor(sideY / 2), Math.floor(sideX / 2)];
  return { top: Math.max(0, y - halfY), left: Math.max(0, x - halfX), bottom: Math.min(height, y + halfY), right: Math.min(width, x + halfX) };
};

/** Copies the pixels of a box from one image into another of the same shape. */
export function copyBox(from: Image, to: Image, { top, left, bottom, right }: Box): void {
  const { width, channels } = from;
  for (let y = top; y < bottom; y++) to.values.set(from.values.subarray((y * width + left) * channels, (y * width + right) * channels), (y * width + left) * channels);
}

/** Fills the pixels of a box. */
export function fillBox({ width, channels, values }: Image, { top, left, bottom, right }: Box, value: number): void {
  for (let y = top; y < bottom; y++) values.fill(value, (y * width + left) * channels, (y * width + right) * channels);
}
