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
export function resample(from: Image, to: Image, { x: xs, y: ys }: Coordinates, { interpolation = 'bilinear', border = 'zero' }: Sampling): void {
  const { height, width, channels, values } = from;
  const place = border === 'edge' ? clamp : border === 'reflect' ? reflect : keep;
  const half = to.values instanceof Float32Array ? 0 : 0.5;
  for (let p = 0, o = 0; p < xs.length; p++, o += channels) {
    if (interpolation === 'nearest') {
      const x = place(Math.round(xs[p]), width);
      const y = place(Math.round(ys[p]), height);
      if (x < 0 || x >= width || y < 0 || y >= height) continue;
      for (let c = 0, i = (y * width + x) * channels; c < channels; c++) to.values[o + c] = values[i + c];
      continue;
    }
    const left = Math.floor(xs[p]);
    const top = Math.floor(ys[p]);
    const fx = xs[p] - left;
    const fy = ys[p] - top;
    const x0 = place(left, width);
    const x1 = place(left + 1, width);
    const y0 = place(top, height);
    const y1 = place(top + 1, height);
    const w00 = x0 >= 0 && x0 < width && y0 >= 0 && y0 < height ? (1 - fx) * (1 - fy) : 0;
    const w10 = x1 >= 0 && x1 < width && y0 >= 0 && y0 < height ? fx * (1 - fy) : 0;
    const w01 = x0 >= 0 && x0 < width && y1 >= 0 && y1 < height ? (1 - fx) * fy : 0;
    const w11 = x1 >= 0 && x1 < width && y1 >= 0 && y1 < height ? fx * fy : 0;
    const [i00, i10, i01, i11] = [(y0 * width + x0) * channels, (y0 * width + x1) * channels, (y1 * width + x0) * channels, (y1 * width + x1) * channels];
    for (let c = 0; c < channels; c++) {
      let sum = half;
      if (w00 > 0) sum += w00 * values[i00 + c];
      if (w10 > 0) sum += w10 * values[i10 + c];
      if (w01 > 0) sum += w01 * values[i01 + c];
      if (w11 > 0) sum += w11 * values[i11 + c];
      to.values[o + c] = sum;
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
