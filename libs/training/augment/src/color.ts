import { between, nonNegative } from '@gradstream/numerics';
import { whiteOf, type Image } from './image.ts';
import { around, LUMA, toning, type AmountOptions, type ToneOptions } from './tone.ts';

/** Maps the red, green and blue of each pixel, in [0, 1], in place. Images that have no three channels stay as they are. */
function mapColors(from: Image, { values: out }: Image, map: (rgb: Float64Array) => void): void {
  const { channels, values } = from;
  if (channels !== 3) return out.set(values);
  const white = whiteOf(values);
  const half = white === 255 ? 0.5 : 0;
  const rgb = new Float64Array(3);
  for (let i = 0; i < values.length; i += 3) {
    for (let c = 0; c < 3; c++) rgb[c] = values[i + c] / white;
    map(rgb);
    for (let c = 0; c < 3; c++) out[i + c] = Math.min(1, Math.max(0, rgb[c])) * white + half;
  }
}

/** The distance of each pixel from its own grey times a factor: 0 is grey, 1 leaves the image as it is. */
export const saturate = (from: Image, to: Image, factor: number): void =>
  mapColors(from, to, (rgb) => {
    const grey = LUMA[0] * rgb[0] + LUMA[1] * rgb[1] + LUMA[2] * rgb[2];
    for (let c = 0; c < 3; c++) rgb[c] = grey + factor * (rgb[c] - grey);
  });

/** Makes colours weaker or stronger. */
export const randomSaturation = toning<AmountOptions>('randomSaturation', { amount: nonNegative }, around, saturate);

/** Turns images grey, with probability 0.2 unless given. */
export const randomGrayscale = toning<ToneOptions>('randomGrayscale', {}, () => [0, 1], (from, to) => saturate(from, to, 0), 0.2);

export interface HueOptions extends ToneOptions {
  /** Furthest turn of the colour circle, either way, as a share of a full turn, at most 0.5. Default 0.1. */
  readonly turn?: number;
}

/** Turns the hue (of hue, saturation, value) by a share of the full circle; saturation and value stay. */
export const turnHue = (from: Image, to: Image, turn: number): void =>
  mapColors(from, to, (rgb) => {
    const [r, g, b] = rgb;
    const value = Math.max(r, g, b);
    const chroma = value - Math.min(r, g, b);
    if (chroma === 0) return;
    const sixth = value === r ? (g - b) / chroma : value === g ? 2 + (b - r) / chroma : 4 + (r - g) / chroma;
    const hue = (((sixth / 6 + turn) % 1) + 1) % 1;
    for (let c = 0; c < 3; c++) {
      const k = (5 - 2 * c + hue * 6) % 6;
      rgb[c] = value - chroma * Math.max(0, Math.min(k, 4 - k, 1));
    }
  });

/** Shifts all colours around the colour circle. */
export const randomHue = toning<HueOptions>('randomHue', { turn: between(0, 0.5) }, ({ turn = 0.1 }) => [-turn, turn], turnHue);
