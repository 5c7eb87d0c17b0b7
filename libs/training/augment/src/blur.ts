import { listOf, positive } from '@gradstream/numerics';
import { blurred, gaussianKernel } from './gaussian.ts';
import { toning, type ToneOptions } from './tone.ts';

export interface BlurOptions extends ToneOptions {
  /** Smallest and largest deviation of the Gaussian, in pixels. Default [0.1, 1.5]. */
  readonly deviation?: readonly number[];
}

/** Blurs images by a Gaussian; the border pixel goes on outside. */
export const randomBlur = toning<BlurOptions>('randomBlur', { deviation: listOf(positive, 2) }, ({ deviation: [low, high] = [0.1, 1.5] }) => [low, high], ({ height, width, channels, values }, to, deviation) => {
  const soft = blurred(values, height, width, channels, gaussianKernel(deviation));
  const half = to.values instanceof Float32Array ? 0 : 0.5;
  for (let i = 0; i < soft.length; i++) to.values[i] = soft[i] + half;
});
