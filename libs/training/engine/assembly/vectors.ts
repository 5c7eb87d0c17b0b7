/** Vectors of n floats, for methods that go along directions in weight space. */

/** out = a·x + b·y; out may be either. */
export function mix(out: usize, a: f32, x: usize, b: f32, y: usize, n: i32): void {
  const a4 = f32x4.splat(a), b4 = f32x4.splat(b);
  let i = 0;
  for (; i + 4 <= n; i += 4, x += 16, y += 16, out += 16) v128.store(out, f32x4.add(f32x4.mul(a4, v128.load(x)), f32x4.mul(b4, v128.load(y))));
  for (; i < n; i++, x += 4, y += 4, out += 4) store<f32>(out, a * load<f32>(x) + b * load<f32>(y));
}

/** Σ x·y in float64. */
export function dot(x: usize, y: usize, n: i32): f64 {
  let s0 = f64x2.splat(0), s1 = s0;
  let i = 0;
  for (; i + 4 <= n; i += 4, x += 16, y += 16) {
    const v = v128.load(x), w = v128.load(y);
    s0 = f64x2.add(s0, f64x2.mul(f64x2.promote_low_f32x4(v), f64x2.promote_low_f32x4(w)));
    s1 = f64x2.add(s1, f64x2.mul(f64x2.promote_low_f32x4(v128.shuffle<f32>(v, v, 2, 3, 2, 3)), f64x2.promote_low_f32x4(v128.shuffle<f32>(w, w, 2, 3, 2, 3))));
  }
  s0 = f64x2.add(s0, s1);
  let sum = f64x2.extract_lane(s0, 0) + f64x2.extract_lane(s0, 1);
  for (; i < n; i++, x += 4, y += 4) sum += <f64>load<f32>(x) * load<f32>(y);
  return sum;
}
