import { beta, fold, InputError, oneOf, permutation, positive, sizeOf, uniformAt, unitClosed, type Key, type OptionTable, type TargetValues } from '@gradstream/numerics';

/** Options of whatever mixes examples with each other. */
export interface MixOptions {
  /** λ ~ Beta(alpha, alpha): small values mix a little, 1 evenly. */
  readonly alpha?: number;
  /** One λ for the batch, or one for each example. Default `batch`. */
  readonly per?: 'batch' | 'example';
  /** Probability that a batch (or an example, with `per: 'example'`) is mixed at all. Default 1. */
  readonly probability?: number;
}

export const mixRules: OptionTable<MixOptions> = { alpha: positive, per: oneOf('batch', 'example'), probability: unitClosed };

/** With whom each example is mixed, and how much of itself it keeps. */
export interface MixDraw {
  /** Index of the other example in the batch. */
  readonly partner: Uint32Array;
  /** Share that an example keeps, in [0, 1]. */
  readonly lambda: Float64Array;
}

/** Partners from one permutation; a share of 1 where nothing is mixed. */
export function drawMix(key: Key, size: number, { alpha = 1, per = 'batch', probability = 1 }: MixOptions): MixDraw {
  const lambdaAt = (i: number): number => {
    const from = fold(fold(key, 'lambda'), i);
    return uniformAt(from, 0) < probability ? beta(from, alpha, alpha) : 1;
  };
  const shared = lambdaAt(0);
  return { partner: permutation(fold(key, 'partner'), size), lambda: Float64Array.from({ length: size }, (_, i) => (per === 'batch' ? shared : lambdaAt(i))) };
}

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

/** Blended labels belong to no pixel: there is nothing right to do with a mask. */
export const refuseMasks = (name: string) => (): never => {
  throw new InputError(`${name}: blends pictures, and no mask of classes fits a blend; leave it out where masks are trained on`);
};

function oneHot(classes: Int32Array, width: number): Float32Array {
  const rows = new Float32Array(classes.length * width);
  classes.forEach((c, n) => { rows[n * width + c] = 1; });
  return rows;
}
