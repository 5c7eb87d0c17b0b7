/** Multiplies the updates by a number: layer-wise learning rates are groups with a factor each. */
import { finite, hyper, mul, type Hyper } from '@gradstream/numerics';
import { positional } from '../positional.ts';
import { elementwise, link } from '../transformation.ts';

export interface ScaleOptions {
  /** Any finite number. */
  readonly factor: Hyper;
}

export const scale = positional('factor', link<ScaleOptions>('scale', { factor: hyper(finite) }, ({ factor }) =>
  elementwise('scale', { hyper: { factor }, update: ({ g, factor }) => ({ g: mul(factor, g) }) }), ['factor']));
