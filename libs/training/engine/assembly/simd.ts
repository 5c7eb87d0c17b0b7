/** What every kernel uses: multiply-add in the build's own rounding, sums of lanes, exp and log. */

/** a·b + c: one rounding in the relaxed build where the processor has FMA, two in the strict build. */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_madd<f32>(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** The sum of the four lanes. */
// @ts-ignore: decorator
@inline
export function sumLanes(v: v128): f32 {
  return (f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 2)) + (f32x4.extract_lane(v, 1) + f32x4.extract_lane(v, 3));
}

/** Four exponentials: Cephes expf (Moshier), 2^n times a polynomial of degree 5; under 2 ulp, 0 below -87.3, infinite above 88.7. */
export function exp4(x: v128): v128 {
  const clamped = f32x4.pmin(f32x4.splat(88.72284), f32x4.pmax(f32x4.splat(-87.33654), x));
  const n = f32x4.nearest(f32x4.mul(clamped, f32x4.splat(1.44269504)));
  let r = f32x4.sub(clamped, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.add(r, f32x4.mul(n, f32x4.splat(2.12194440e-4)));
  let p = f32x4.splat(1.9875691500e-4);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(0.5));
  p = f32x4.add(f32x4.add(f32x4.mul(f32x4.mul(p, r), r), r), f32x4.splat(1));
  // 2^128 has no float32: scale in two steps.
  const whole = i32x4.trunc_sat_f32x4_s(n);
  const half = i32x4.shr_s(whole, 1);
  const one = i32x4.splat(127);
  const scaled = f32x4.mul(f32x4.mul(p, i32x4.shl(i32x4.add(half, one), 23)), i32x4.shl(i32x4.add(i32x4.sub(whole, half), one), 23));
  const low = v128.andnot(scaled, f32x4.lt(x, f32x4.splat(-87.33654)));
  const high = v128.bitselect(f32x4.splat(f32.MAX_VALUE * 2), low, f32x4.gt(x, f32x4.splat(88.72284)));
  return v128.bitselect(x, high, f32x4.ne(x, x));
}

// @ts-ignore: decorator
@inline
export function exp1(x: f32): f32 {
  return f32x4.extract_lane(exp4(f32x4.splat(x)), 0);
}

/** The natural logarithm in float64, of a positive number: atanh series of the mantissa in [√½, √2). */
export function log64(x: f64): f64 {
  if (!(x > 0)) return x == 0 ? -Infinity : NaN;
  if (x == Infinity) return x;
  let exponent: i64 = 0;
  if (x < 2.2250738585072014e-308) { x *= 18014398509481984.0; exponent = -54; }
  let bits = reinterpret<u64>(x);
  exponent += (<i64>(bits >> 52)) - 1023;
  bits = (bits & 0x000fffffffffffff) | 0x3ff0000000000000;
  let mantissa = reinterpret<f64>(bits);
  if (mantissa > 1.4142135623730951) { mantissa *= 0.5; exponent++; }
  const s = (mantissa - 1) / (mantissa + 1);
  const z = s * s;
  let p: f64 = 1.0 / 19.0;
  p = p * z + 1.0 / 17.0;
  p = p * z + 1.0 / 15.0;
  p = p * z + 1.0 / 13.0;
  p = p * z + 1.0 / 11.0;
  p = p * z + 1.0 / 9.0;
  p = p * z + 1.0 / 7.0;
  p = p * z + 1.0 / 5.0;
  p = p * z + 1.0 / 3.0;
  return 2.0 * s * (1.0 + z * p) + <f64>exponent * 0.6931471805599453;
}

/** `log64` of two numbers that are normal and positive, or NaN: the same bits. */
// @ts-ignore: decorator
@inline
export function log64x2(x: v128): v128 {
  let exponent = i64x2.sub(i64x2.shr_u(x, 52), i64x2.splat(1023));
  let mantissa = v128.or(v128.and(x, i64x2.splat(0x000fffffffffffff)), i64x2.splat(0x3ff0000000000000));
  const large = f64x2.gt(mantissa, f64x2.splat(1.4142135623730951));
  mantissa = v128.bitselect(f64x2.mul(mantissa, f64x2.splat(0.5)), mantissa, large);
  exponent = i64x2.sub(exponent, large);
  const s = f64x2.div(f64x2.sub(mantissa, f64x2.splat(1)), f64x2.add(mantissa, f64x2.splat(1)));
  const z = f64x2.mul(s, s);
  let p = f64x2.splat(1.0 / 19.0);
  p = f64x2.add(f64x2.mul(p, z), f64x2.splat(1.0 / 17.0));
  p = f64x2.add(f64x2.mul(p, z), f64x2.splat(1.0 / 15.0));
  p = f64x2.add(f64x2.mul(p, z), f64x2.splat(1.0 / 13.0));
  p = f64x2.add(f64x2.mul(p, z), f64x2.splat(1.0 / 11.0));
  p = f64x2.add(f64x2.mul(p, z), f64x2.splat(1.0 / 9.0));
  p = f64x2.add(f64x2.mul(p, z), f64x2.splat(1.0 / 7.0));
  p = f64x2.add(f64x2.mul(p, z), f64x2.splat(1.0 / 5.0));
  p = f64x2.add(f64x2.mul(p, z), f64x2.splat(1.0 / 3.0));
  const whole = f64x2.convert_low_i32x4_s(v128.shuffle<i32>(exponent, exponent, 0, 2, 0, 2));
  const found = f64x2.add(f64x2.mul(f64x2.mul(f64x2.splat(2.0), s), f64x2.add(f64x2.splat(1.0), f64x2.mul(z, p))), f64x2.mul(whole, f64x2.splat(0.6931471805599453)));
  return v128.bitselect(x, found, f64x2.ne(x, x));
}
