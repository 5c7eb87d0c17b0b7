/** Element-wise functions and their derivatives, by number (see src/plan/opcodes.ts). */
import { exp4, log64 } from './simd';

export const LINEAR = 0;
export const RELU_ = 1;
export const LEAKY_RELU = 2;
export const ELU = 3;
export const SELU = 4;
export const GELU = 5;
export const SWISH = 6;
export const SIGMOID = 7;
export const TANH = 8;
export const SOFTPLUS = 9;

const SELU_SCALE: f32 = 1.0507009873554805;
const SELU_ALPHA: f32 = 1.6732632423543772;

// @ts-ignore: decorator
@inline
function splat(x: f32): v128 {
  return f32x4.splat(x);
}

// @ts-ignore: decorator
@inline
function choose(test: v128, then: v128, otherwise: v128): v128 {
  return v128.bitselect(then, otherwise, test);
}

function sigmoid4(x: v128): v128 {
  const e = exp4(f32x4.neg(f32x4.abs(x)));
  const upper = f32x4.div(splat(1), f32x4.add(splat(1), e));
  return choose(f32x4.lt(x, splat(0)), f32x4.mul(e, upper), upper);
}

/** Cephes tanhf: a polynomial near 0, where 1 − 2/(e²ˣ + 1) cancels. */
function tanh4(x: v128): v128 {
  const size = f32x4.abs(x);
  const large = f32x4.sub(splat(1), f32x4.div(splat(2), f32x4.add(exp4(f32x4.add(size, size)), splat(1))));
  const z = f32x4.mul(x, x);
  let p = splat(-5.70498872745e-3);
  p = f32x4.add(f32x4.mul(p, z), splat(2.06390887954e-2));
  p = f32x4.add(f32x4.mul(p, z), splat(-5.37397155531e-2));
  p = f32x4.add(f32x4.mul(p, z), splat(1.33314422036e-1));
  p = f32x4.add(f32x4.mul(p, z), splat(-3.33332819422e-1));
  const small = f32x4.add(f32x4.mul(f32x4.mul(p, z), x), x);
  return choose(f32x4.lt(size, splat(0.625)), small, v128.or(large, v128.and(x, splat(-0.0))));
}

/** Φ(x) by Abramowitz and Stegun 7.1.26 (error under 1.5e-7), the formula of TensorFlow.js's erf. */
function normalCdf4(x: v128): v128 {
  const z = f32x4.mul(f32x4.abs(x), splat(0.7071067811865476));
  const t = f32x4.div(splat(1), f32x4.add(splat(1), f32x4.mul(splat(0.3275911), z)));
  let p = splat(1.061405429);
  p = f32x4.add(f32x4.mul(p, t), splat(-1.453152027));
  p = f32x4.add(f32x4.mul(p, t), splat(1.421413741));
  p = f32x4.add(f32x4.mul(p, t), splat(-0.284496736));
  p = f32x4.add(f32x4.mul(p, t), splat(0.254829592));
  const erf = f32x4.sub(splat(1), f32x4.mul(f32x4.mul(p, t), exp4(f32x4.neg(f32x4.mul(z, z)))));
  const signed = v128.or(erf, v128.and(x, splat(-0.0)));
  return f32x4.mul(splat(0.5), f32x4.add(splat(1), signed));
}

function softplus1(x: f32): f32 {
  const y = <f64>f32x4.extract_lane(exp4(splat(-abs<f32>(x))), 0);
  return max<f32>(x, 0) + <f32>log64(1.0 + y);
}

function softplus4(x: v128): v128 {
  let out = splat(softplus1(f32x4.extract_lane(x, 0)));
  out = f32x4.replace_lane(out, 1, softplus1(f32x4.extract_lane(x, 1)));
  out = f32x4.replace_lane(out, 2, softplus1(f32x4.extract_lane(x, 2)));
  return f32x4.replace_lane(out, 3, softplus1(f32x4.extract_lane(x, 3)));
}

function value4(kind: i32, x: v128): v128 {
  switch (kind) {
    case RELU_: return f32x4.max(x, splat(0));
    case LEAKY_RELU: return choose(f32x4.gt(x, splat(0)), x, f32x4.mul(x, splat(0.01)));
    case ELU: return choose(f32x4.ge(x, splat(0)), x, f32x4.sub(exp4(x), splat(1)));
    case SELU: return f32x4.mul(splat(SELU_SCALE), choose(f32x4.ge(x, splat(0)), x, f32x4.mul(splat(SELU_ALPHA), f32x4.sub(exp4(x), splat(1)))));
    case GELU: return f32x4.mul(x, normalCdf4(x));
    case SWISH: return f32x4.mul(x, sigmoid4(x));
    case SIGMOID: return sigmoid4(x);
    case TANH: return tanh4(x);
    case SOFTPLUS: return softplus4(x);
    default: return x;
  }
}

/** The derivative at x. */
function slope4(kind: i32, x: v128): v128 {
  const one = splat(1);
  switch (kind) {
    case RELU_: return v128.and(one, f32x4.gt(x, splat(0)));
    case LEAKY_RELU: return choose(f32x4.gt(x, splat(0)), one, splat(0.01));
    case ELU: return choose(f32x4.ge(x, splat(0)), one, exp4(x));
    case SELU: return choose(f32x4.gt(x, splat(0)), splat(SELU_SCALE), f32x4.mul(splat(SELU_SCALE * SELU_ALPHA), exp4(x)));
    case GELU: return f32x4.add(normalCdf4(x), f32x4.mul(f32x4.mul(x, splat(0.3989422804014327)), exp4(f32x4.mul(splat(-0.5), f32x4.mul(x, x)))));
    case SWISH: {
      const s = sigmoid4(x);
      return f32x4.add(s, f32x4.mul(f32x4.mul(x, s), f32x4.sub(one, s)));
    }
    case SIGMOID: {
      const s = sigmoid4(x);
      return f32x4.mul(s, f32x4.sub(one, s));
    }
    case TANH: {
      const t = tanh4(x);
      return f32x4.sub(one, f32x4.mul(t, t));
    }
    case SOFTPLUS: return sigmoid4(x);
    default: return one;
  }
}

/** out = f(x), n elements; in place where out = x. */
export function activate(kind: i32, x: usize, n: i32, out: usize): void {
  let i = 0;
  for (; i + 4 <= n; i += 4, x += 16, out += 16) v128.store(out, value4(kind, v128.load(x)));
  for (; i < n; i++, x += 4, out += 4) store<f32>(out, f32x4.extract_lane(value4(kind, v128.load32_splat(x)), 0));
}

/** dx = dy · f'(x). */
export function activateGrad(kind: i32, x: usize, dy: usize, n: i32, dx: usize): void {
  let i = 0;
  for (; i + 4 <= n; i += 4, x += 16, dy += 16, dx += 16) v128.store(dx, f32x4.mul(v128.load(dy), slope4(kind, v128.load(x))));
  for (; i < n; i++, x += 4, dy += 4, dx += 4) store<f32>(dx, load<f32>(dy) * f32x4.extract_lane(slope4(kind, v128.load32_splat(x)), 0));
}
