import type { Image } from './image.ts';

/** How values between pixels are found, and what lies outside of the image. */
export interface Sampling {
  /** Default `bilinear`; masks always take the nearest. */
  readonly interpolation?: 'bilinear' | 'nearest';
  /** Zeros, the border pixel, or the image mirrored at its border pixels. Default `zero`. */
  readonly border?: 'zero' | 'edge' | 'reflect';
}

/** Where each pixel of the result comes from, in pixels of the source; [height * width] each. */
export interface Coordinates {
  readonly x: Float32Array;
  readonly y: Float32Array;
}

/** Paints `to` with the values of `from` at the given places. Bytes are rounded to the nearest. */
export function resample(from: Image, to: Image, places: Coordinates, { interpolation = 'bilinear', border = 'zero' }: Sampling): void {
  const place = border === 'edge' ? clamp : border === 'reflect' ? reflect : keep;
  if (interpolation === 'nearest') takeNearest(from, to, places, place);
  else interpolate(from, to, places, place);
}

type Place = (i: number, n: number) => number;

function takeNearest({ height, width, channels, values }: Image, { values: out }: Image, { x: xs, y: ys }: Coordinates, place: Place): void {
  for (let p = 0, o = 0; p < xs.length; p++, o += channels) {
    const x = place(Math.round(xs[p]), width);
    const y = place(Math.round(ys[p]), height);
    if (x < 0 || x >= width || y < 0 || y >= height) continue;
    for (let c = 0, i = (y * width + x) * channels; c < channels; c++) out[o + c] = values[i + c];
  }
}

function interpolate({ height, width, channels, values }: Image, { values: out }: Image, { x: xs, y: ys }: Coordinates, place: Place): void {
  const half = out instanceof Float32Array ? 0 : 0.5;
  for (let p = 0, o = 0; p < xs.length; p++, o += channels) {
    const left = Math.floor(xs[p]);
    const top = Math.floor(ys[p]);
    const fx = xs[p] - left;
    const fy = ys[p] - top;
    const x0 = place(left, width);
    const x1 = place(left + 1, width);
    const y0 = place(top, height);
    const y1 = place(top + 1, height);
    // A pixel outside weighs nothing; its address is any one inside.
    const inX0 = x0 >= 0 && x0 < width;
    const inX1 = x1 >= 0 && x1 < width;
    const inY0 = y0 >= 0 && y0 < height;
    const inY1 = y1 >= 0 && y1 < height;
    if (!((inX0 || inX1) && (inY0 || inY1))) continue;
    const wx0 = inX0 ? 1 - fx : 0;
    const wx1 = inX1 ? fx : 0;
    const wy0 = inY0 ? 1 - fy : 0;
    const wy1 = inY1 ? fy : 0;
    const row0 = (inY0 ? y0 : y1) * width;
    const row1 = (inY1 ? y1 : y0) * width;
    const i00 = (row0 + (inX0 ? x0 : x1)) * channels;
    const i10 = (row0 + (inX1 ? x1 : x0)) * channels;
    const i01 = (row1 + (inX0 ? x0 : x1)) * channels;
    const i11 = (row1 + (inX1 ? x1 : x0)) * channels;
    for (let c = 0; c < channels; c++) {
      out[o + c] = wy0 * (wx0 * values[i00 + c] + wx1 * values[i10 + c]) + wy1 * (wx0 * values[i01 + c] + wx1 * values[i11 + c]) + half;
    }
  }
}

const keep = (i: number): number => i;
const clamp = (i: number, n: number): number => (i < 0 ? 0 : i >= n ? n - 1 : i);
/** … 2 1 | 0 1 2 | 1 0 …: the border pixel is not repeated. */
function reflect(i: number, n: number): number {
  if (n === 1) return 0;
  const period = 2 * (n - 1);
  const j = ((i % period) + period) % period;
  return j < n ? j : period - j;
}
