/** Passes over n floats. */

/** out = a + b; out may be either. */
export function addInto(a: usize, b: usize, n: i32, out: usize): void {
  let i = 0;
  for (; i + 4 <= n; i += 4, a += 16, b += 16, out += 16) v128.store(out, f32x4.add(v128.load(a), v128.load(b)));
  for (; i < n; i++, a += 4, b += 4, out += 4) store<f32>(out, load<f32>(a) + load<f32>(b));
}

/** out = a · b. */
export function mulInto(a: usize, b: usize, n: i32, out: usize): void {
  let i = 0;
  for (; i + 4 <= n; i += 4, a += 16, b += 16, out += 16) v128.store(out, f32x4.mul(v128.load(a), v128.load(b)));
  for (; i < n; i++, a += 4, b += 4, out += 4) store<f32>(out, load<f32>(a) * load<f32>(b));
}

/** out = where(gate > 0, x, 0): the gradient through a relu, from the relu's output. */
export function gateInto(x: usize, gate: usize, n: i32, out: usize): void {
  let i = 0;
  for (; i + 4 <= n; i += 4, x += 16, gate += 16, out += 16) v128.store(out, v128.and(v128.load(x), f32x4.gt(v128.load(gate), f32x4.splat(0))));
  for (; i < n; i++, x += 4, gate += 4, out += 4) store<f32>(out, load<f32>(gate) > 0 ? load<f32>(x) : 0);
}

/** x[row, c] += bias[c]. */
export function addBias(x: usize, rows: i32, width: i32, bias: usize): void {
  for (let r = 0; r < rows; r++, x += <usize>width << 2) addInto(x, bias, width, x);
}

export function copyFloats(from: usize, n: i32, to: usize): void {
  memory.copy(to, from, <usize>n << 2);
}

/** Bytes as numbers in [0, 1]: value / 255, rounded to float32. */
export function unitFromBytes(from: usize, n: i32, out: usize): void {
  const scale = f32x4.splat(255);
  let i = 0;
  for (; i + 8 <= n; i += 8, from += 8, out += 32) {
    const words = v128.load_ext<u8>(from);
    v128.store(out, f32x4.div(f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(words)), scale));
    v128.store(out, f32x4.div(f32x4.convert_i32x4_u(i32x4.extend_high_i16x8_u(words)), scale), 16);
  }
  for (; i < n; i++, from++, out += 4) store<f32>(out, <f32>load<u8>(from) / 255);
}

/**
 * Adds the gradient of penalties to the gradient of a param: g += l2·w + l1·sign(w).
 * `sums` gets Σ w² and Σ |w| as two float64.
 */
export function addPenalties(g: usize, w: usize, n: i32, l2: f32, l1: f32, sums: usize): void {
  const two = f32x4.splat(l2), one = f32x4.splat(l1), zero = f32x4.splat(0), unit = f32x4.splat(1);
  let squares0 = f64x2.splat(0), squares1 = squares0, sizes0 = squares0, sizes1 = squares0;
  let i = 0;
  for (; i + 4 <= n; i += 4, g += 16, w += 16) {
    const v = v128.load(w);
    const sign = f32x4.sub(v128.and(unit, f32x4.gt(v, zero)), v128.and(unit, f32x4.lt(v, zero)));
    v128.store(g, f32x4.add(v128.load(g), f32x4.add(f32x4.mul(two, v), f32x4.mul(one, sign))));
    const lo = f64x2.promote_low_f32x4(v), hi = f64x2.promote_low_f32x4(v128.shuffle<f32>(v, v, 2, 3, 2, 3));
    squares0 = f64x2.add(squares0, f64x2.mul(lo, lo));
    squares1 = f64x2.add(squares1, f64x2.mul(hi, hi));
    sizes0 = f64x2.add(sizes0, f64x2.abs(lo));
    sizes1 = f64x2.add(sizes1, f64x2.abs(hi));
  }
  squares0 = f64x2.add(squares0, squares1);
  sizes0 = f64x2.add(sizes0, sizes1);
  let squares = f64x2.extract_lane(squares0, 0) + f64x2.extract_lane(squares0, 1);
  let sizes = f64x2.extract_lane(sizes0, 0) + f64x2.extract_lane(sizes0, 1);
  for (; i < n; i++, g += 4, w += 4) {
    const v = load<f32>(w);
    store<f32>(g, load<f32>(g) + (l2 * v + l1 * <f32>(i32(v > 0) - i32(v < 0))));
    squares += <f64>v * v;
    sizes += Math.abs(v);
  }
  store<f64>(sums, squares);
  store<f64>(sums, sizes, 8);
}

/** Σ x² in float64. */
export function sumOfSquares(x: usize, n: i32): f64 {
  let s0 = f64x2.splat(0), s1 = s0;
  let i = 0;
  for (; i + 4 <= n; i += 4, x += 16) {
    const v = v128.load(x);
    const lo = f64x2.promote_low_f32x4(v), hi = f64x2.promote_low_f32x4(v128.shuffle<f32>(v, v, 2, 3, 2, 3));
    s0 = f64x2.add(s0, f64x2.mul(lo, lo));
    s1 = f64x2.add(s1, f64x2.mul(hi, hi));
  }
  s0 = f64x2.add(s0, s1);
  let sum = f64x2.extract_lane(s0, 0) + f64x2.extract_lane(s0, 1);
  for (; i < n; i++, x += 4) sum += <f64>load<f32>(x) * load<f32>(x);
  return sum;
}
