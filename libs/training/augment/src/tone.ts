import { factory, uniformAt, unitClosed, type OptionTable } from '@gradstream/numerics';
import type { Augmentation } from './augmentation.ts';
import { perImage, whiteOf, type Image, type ImageDraws, type ImageShape } from './image.ts';

/** A map of brightness, 0 black and 1 white; what leaves [0, 1] is cut off. */
export type Curve = (value: number) => number;

/** Maps each value of an image by the curve of its channel. Bytes go through a table of 256, one for all channels that share a curve. */
export function mapTones(from: Image, { values: out }: Image, curveOf: (channel: number) => Curve): void {
  const { channels, values } = from;
  let [table, tableOf]: [Uint8ClampedArray?, Curve?] = [];
  for (let c = 0; c < channels; c++) {
    const curve = curveOf(c);
    if (values instanceof Float32Array) {
      for (let i = c; i < values.length; i += channels) out[i] = Math.min(1, Math.max(0, curve(values[i])));
      continue;
    }
    if (!table || tableOf !== curve) [table, tableOf] = [tableFor(curve), curve];
    for (let i = c; i < values.length; i += channels) out[i] = table[values[i]];
  }
}

/** Maps all values of an image by one curve. */
export const mapAllTones = (from: Image, to: Image, curve: Curve): void => mapTones(from, to, () => curve);

function tableFor(curve: Curve): Uint8ClampedArray {
  const table = new Uint8ClampedArray(256);
  for (let v = 0; v < 256; v++) table[v] = Math.floor(curve(v / 255) * 255 + 0.5);
  return table;
}

/** The byte of a value in [0, 1]. */
export const byteOf = (value: number): number => Math.round(Math.min(1, Math.max(0, value)) * 255);

/** Luma weights of ITU-R BT.601, as PIL and torchvision turn colour into grey. */
export const LUMA = [0.299, 0.587, 0.114] as const;

/** The mean grey of an image, in [0, 1]. */
export function meanGrey({ channels, values }: Image): number {
  const sums = new Float64Array(channels);
  for (let i = 0; i < values.length; i++) sums[i % channels] += values[i];
  const mean = (c: number): number => sums[c] / (values.length / channels) / whiteOf(values);
  return channels === 3 ? LUMA[0] * mean(0) + LUMA[1] * mean(1) + LUMA[2] * mean(2) : sums.reduce((sum, _, c) => sum + mean(c), 0) / channels;
}

export interface ToneOptions {
  /** Share of the images that are changed. Default 1. */
  readonly probability?: number;
}

/** A factory of an augmentation of brightness or colour: one number is drawn for each image, evenly from a range. */
export const toning = <O extends ToneOptions>(name: string, rules: OptionTable<Omit<O, 'probability'>>, range: (options: O) => readonly [number, number], paint: (from: Image, to: Image, drawn: number) => void, usually = 1) =>
  factory<O, Augmentation<ImageDraws<number>, 'same'>>(name, { ...rules, probability: unitClosed } as unknown as OptionTable<O>, (options) => {
    const [low, high] = range(options);
    return perImage<number>(name, options.probability ?? usually, { draw: (key, _: ImageShape) => low + uniformAt(key, 0) * (high - low), paint, masks: 'stays' });
  });

/** 1 ± amount, not below 0. */
export const around = ({ amount = 0.4 }: AmountOptions): readonly [number, number] => [Math.max(0, 1 - amount), 1 + amount];

export interface AmountOptions extends ToneOptions {
  /** Largest change of the factor, which is drawn from [1 − amount, 1 + amount]. Default 0.4. */
  readonly amount?: number;
}
