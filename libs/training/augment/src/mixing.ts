import { beta, fold, InputError, permutation, sizeOf, type Key, type TargetValues } from '@gradstream/numerics';

/** With whom each example is mixed, and how much of itself it keeps. */
export interface MixDraw {
  /** Index of the other example in the batch. */
  readonly partner: Uint32Array;
  /** Share that an example keeps, in [0, 1]. */
  readonly lambda: Float64Array;
}

/** Partners from one permutation, shares from Beta(alpha, alpha): one for the batch, or one for each example. */
export const drawMix = (key: Key, size: number, alpha: number, per: 'batch' | 'example'): MixDraw => {
  const from = fold(key, 'lambda');
  const shared = per === 'batch' ? beta(from, alpha, alpha) : 0;
  return { partner: permutation(fold(key, 'partner'), size), lambda: Float64Array.from({ length: size }, (_, i) => (per === 'batch' ? shared : beta(fold(from, i), alpha, alpha))) };
};

/** Targets as probabilities [size, width], each mixed with its partner's. */
export function mixTargets(name: string, targets: TargetValues, { partner, lambda }: MixDraw): TargetValues<'probabilities'> {
  const { kind, width, shape } = targets;
  if (kind === 'values' || shape.length > (kind === 'classes' ? 1 : 2)) throw new InputError(`${name}: mixes one class or one row of probabilities per example, received ${kind} of shape [${shape}]`);
  const size = shape[0];
  const rows = kind === 'probabilities' ? targets.values as Float32Array : oneHot(targets.values as Int32Array, width);
  const values = new Float32Array(sizeOf([size, width]));
  for (let n = 0, o = 0; n < size; n++) {
    for (let c = 0; c < width; c++, o++) values[o] = lambda[n] * rows[o] + (1 - lambda[n]) * rows[partner[n] * width + c];
  }
  return { kind: 'probabilities', width, shape: [size, width], values };
}

function oneHot(classes: Int32Array, width: number): Float32Array {
  const rows = new Float32Array(classes.length * width);
  classes.forEach((c, n) => { rows[n * width + c] = 1; });
  return rows;
}
