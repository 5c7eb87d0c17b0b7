/** Losses, forward and backward in one pass over the rows of the outputs [rows, width]. */
import { exp1, exp4, log64x2, sumLanes } from './simd';

/** What the targets are: one class index per row, or `width` floats per row. */
const CLASSES = 0;

// @ts-ignore: decorator
@inline
function target(kind: i32, targets: usize, row: i32, width: i32, k: i32): f32 {
  return kind == CLASSES ? <f32>i32(load<i32>(targets + (<usize>row << 2)) == k) : load<f32>(targets + (<usize>(row * width + k) << 2));
}

/** Index of the largest, the first of equals. */
function argMax(values: usize, width: i32): i32 {
  let best = 0;
  let top = load<f32>(values);
  for (let k = 1; k < width; k++) {
    const v = load<f32>(values + (<usize>k << 2));
    if (v > top) { top = v; best = k; }
  }
  return best;
}

/** 1 where the largest output stands at the target's class, per row. */
export function hits(kind: i32, outputs: usize, targets: usize, first: i32, end: i32, width: i32, out: usize): void {
  for (let row = first; row < end; row++) {
    const label = kind == CLASSES ? load<i32>(targets + (<usize>row << 2)) : argMax(targets + (<usize>(row * width) << 2), width);
    store<i32>(out + (<usize>row << 2), i32(argMax(outputs + (<usize>(row * width) << 2), width) == label));
  }
}

// @ts-ignore: decorator
@inline
function largest(values: usize, width: i32): f32 {
  let top = load<f32>(values);
  for (let k = 1; k < width; k++) top = max<f32>(top, load<f32>(values + (<usize>k << 2)));
  return top;
}

/** The sum of a row: what comes in fours in four lanes, then the rest. */
// @ts-ignore: decorator
@inline
function total(values: usize, width: i32): f32 {
  let lanes = f32x4.splat(0);
  let k = 0;
  for (; k + 4 <= width; k += 4) lanes = f32x4.add(lanes, v128.load(values + (<usize>k << 2)));
  let rest: f32 = 0;
  for (; k < width; k++) rest += load<f32>(values + (<usize>k << 2));
  return rest + sumLanes(lanes);
}

/**
 * Softmax cross-entropy of rows [first, end): losses[row] (float64, not divided) and dOut = d(Σ losses · scale)/d(logits).
 * Exponentials and logarithms go over all rows at once, so that narrow rows fill the lanes too.
 *
 * @param smoothing ε: t = (1 − ε)·target + ε/K
 * @param weights one per class, or 0
 * @param scale address of one float: 1 / rows, or 1 / the sum of the labels' weights
 */
export function softmaxCrossEntropy(kind: i32, logits: usize, targets: usize, first: i32, end: i32, width: i32, smoothing: f32, weights: usize, scale: usize, losses: usize, dOut: usize): void {
  const row4 = <usize>width << 2;
  for (let row = first; row < end; row++) {
    const z = logits + <usize>row * row4;
    const d = dOut + <usize>row * row4;
    const top = largest(z, width);
    for (let k: usize = 0; k < row4; k += 4) store<f32>(d + k, load<f32>(z + k) - top);
  }
  expInPlace(dOut + <usize>first * row4, dOut + <usize>end * row4);
  for (let row = first; row < end; row++) store<f64>(losses + (<usize>row << 3), total(dOut + <usize>row * row4, width));
  logInPlace(losses + (<usize>first << 3), losses + (<usize>end << 3));

  const factor = load<f32>(scale);
  const even: f32 = smoothing / <f32>width;
  for (let row = first; row < end; row++) {
    const z = logits + <usize>row * row4;
    const d = dOut + <usize>row * row4;
    const logSum = <f64>largest(z, width) + load<f64>(losses + (<usize>row << 3));
    const sum = total(d, width);
    let loss: f64 = 0;
    let mass: f32 = 0;
    for (let k = 0; k < width; k++) {
      let t = target(kind, targets, row, width, k) * (1 - smoothing) + even;
      if (weights) t *= load<f32>(weights + (<usize>k << 2));
      mass += t;
      if (t != 0) loss += <f64>t * (logSum - <f64>load<f32>(z + (<usize>k << 2)));
    }
    for (let k = 0; k < width; k++) {
      const at = d + (<usize>k << 2);
      let t = target(kind, targets, row, width, k) * (1 - smoothing) + even;
      if (weights) t *= load<f32>(weights + (<usize>k << 2));
      store<f32>(at, (load<f32>(at) / sum * mass - t) * factor);
    }
    store<f64>(losses + (<usize>row << 3), loss);
  }
}

// @ts-ignore: decorator
@inline
function expInPlace(at: usize, end: usize): void {
  for (; at + 16 <= end; at += 16) v128.store(at, exp4(v128.load(at)));
  for (; at < end; at += 4) store<f32>(at, exp1(load<f32>(at)));
}

/** Logarithms of sums of exponentials whose largest is 1. */
// @ts-ignore: decorator
@inline
function logInPlace(at: usize, end: usize): void {
  for (; at + 16 <= end; at += 16) v128.store(at, log64x2(v128.load(at)));
  if (at < end) store<f64>(at, f64x2.extract_lane(log64x2(f64x2.splat(load<f64>(at))), 0));
}

/** Squared error of rows [first, end): losses[row] = Σ (output − target)² / width, dOut its gradient times the float at `scale`. */
export function squaredError(kind: i32, outputs: usize, targets: usize, first: i32, end: i32, width: i32, scale: usize, losses: usize, dOut: usize): void {
  const factor: f32 = 2 * load<f32>(scale) / <f32>width;
  for (let row = first; row < end; row++) {
    let loss: f64 = 0;
    for (let k = 0; k < width; k++) {
      const at = <usize>(row * width + k) << 2;
      const error = load<f32>(outputs + at) - target(kind, targets, row, width, k);
      loss += <f64>error * error;
      store<f32>(dOut + at, error * factor);
    }
    store<f64>(losses + (<usize>row << 3), loss / <f64>width);
  }
}
