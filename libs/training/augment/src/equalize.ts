import type { Image } from './image.ts';
import { byteOf, mapTones, toning, type ToneOptions } from './tone.ts';

/**
 * Gives each channel a flat histogram of 256 levels, with PIL's integer arithmetic (`ImageOps.equalize`): a channel of one level stays as it is.
 */
export function equalize(from: Image, to: Image): void {
  mapTones(from, to, (channel) => {
    const counts = histogram(from, channel);
    const step = Math.floor((from.height * from.width - counts[counts.findLastIndex((n) => n > 0)]) / 255);
    if (step === 0) return (v) => v;
    const table = new Uint8ClampedArray(256);
    for (let level = 0, sum = Math.floor(step / 2); level < 256; sum += counts[level++]) table[level] = Math.floor(sum / step);
    return (v) => table[byteOf(v)] / 255;
  });
}

/** Stretches each channel so that its darkest value is black and its lightest white. */
export function stretchContrast(from: Image, to: Image): void {
  mapTones(from, to, (channel) => {
    const counts = histogram(from, channel);
    const [low, high] = [counts.findIndex((n) => n > 0) / 255, counts.findLastIndex((n) => n > 0) / 255];
    return high > low ? (v) => (v - low) / (high - low) : (v) => v;
  });
}

/** Equalizes the histogram of images, with probability 0.5 unless given. */
export const randomEqualize = toning<ToneOptions>('randomEqualize', {}, () => [0, 1], equalize, 0.5);

/** Stretches the contrast of images to the full range, with probability 0.5 unless given. */
export const randomAutoContrast = toning<ToneOptions>('randomAutoContrast', {}, () => [0, 1], stretchContrast, 0.5);

function histogram({ channels, values }: Image, channel: number): Uint32Array {
  const counts = new Uint32Array(256);
  const bytes = !(values instanceof Float32Array);
  for (let i = channel; i < values.length; i += channels) counts[bytes ? values[i] : byteOf(values[i])]++;
  return counts;
}
