/** Softmax over rows of attention scores: Vaswani et al. 2017, section 3.2.1. */
import { exp4, sumLanes } from './simd';

/** Columns that row r of a [positions, positions] table may see. */
// @ts-ignore: decorator
@inline
function seen(row: i32, width: i32, causal: bool): i32 {
  return causal ? row % width + 1 : width;
}

/** out = softmax(scale · x) of rows [first, end) with `width` columns; with `causal` row r sees columns 0 … r % width, the rest are 0. */
export function attentionWeights(x: usize, first: i32, end: i32, width: i32, scale: f32, causal: bool, out: usize): void {
  const factor = f32x4.splat(scale);
  for (let r = first; r < end; r++) {
    const row = <usize>(r * width) << 2;
    const n = seen(r, width, causal);
    let largest: f32 = -f32.MAX_VALUE;
    for (let c = 0; c < n; c++) {
      const v = load<f32>(x + row + (<usize>c << 2));
      // NaN stays: it is larger than nothing.
      if (!(v <= largest)) largest = v;
    }
    const top = f32x4.splat(largest);
    let sums = f32x4.splat(0);
    let c = 0;
    for (; c + 4 <= n; c += 4) {
      const at = row + (<usize>c << 2);
      const e = exp4(f32x4.mul(f32x4.sub(v128.load(x + at), top), factor));
      sums = f32x4.add(sums, e);
      v128.store(out + at, e);
    }
    let sum = sumLanes(sums);
    for (; c < n; c++) {
      const at = row + (<usize>c << 2);
      const e = f32x4.extract_lane(exp4(f32x4.splat((load<f32>(x + at) - largest) * scale)), 0);
      sum += e;
      store<f32>(out + at, e);
    }
    const inverse: f32 = <f32>1 / sum;
    for (c = 0; c < n; c++) {
      const at = out + row + (<usize>c << 2);
      store<f32>(at, load<f32>(at) * inverse);
    }
    memory.fill(out + row + (<usize>n << 2), 0, <usize>(width - n) << 2);
  }
}

/** Gradient of the scores: dx = scale · w · (dw − Σ dw · w), rows [first, end). */
export function attentionWeightsGrad(weights: usize, dWeights: usize, first: i32, end: i32, width: i32, scale: f32, dx: usize): void {
  for (let r = first; r < end; r++) {
    const row = <usize>(r * width) << 2;
    let products = f32x4.splat(0);
    let c = 0;
    for (; c + 4 <= width; c += 4) {
      const at = row + (<usize>c << 2);
      products = f32x4.add(products, f32x4.mul(v128.load(weights + at), v128.load(dWeights + at)));
    }
    let sum = sumLanes(products);
    for (; c < width; c++) {
      const at = row + (<usize>c << 2);
      sum += load<f32>(weights + at) * load<f32>(dWeights + at);
    }
    const mean = f32x4.splat(sum), factor = f32x4.splat(scale);
    for (c = 0; c + 4 <= width; c += 4) {
      const at = row + (<usize>c << 2);
      v128.store(dx + at, f32x4.mul(f32x4.mul(v128.load(weights + at), factor), f32x4.sub(v128.load(dWeights + at), mean)));
    }
    for (; c < width; c++) {
      const at = row + (<usize>c << 2);
      store<f32>(dx + at, scale * load<f32>(weights + at) * (load<f32>(dWeights + at) - sum));
    }
  }
}
