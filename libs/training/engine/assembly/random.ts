/** Threefry-2x32-20 (Salmon et al. 2011), the same bits as numerics' `uniforms`, four counters at a time. */

// @ts-ignore: decorator
@inline
function rotate(x: v128, by: i32): v128 {
  return v128.or(i32x4.shl(x, by), i32x4.shr_u(x, 32 - by));
}

let word0: v128 = i32x4.splat(0);
let word1: v128 = i32x4.splat(0);

// @ts-ignore: decorator
@inline
function round(by: i32): void {
  word0 = i32x4.add(word0, word1);
  word1 = v128.xor(rotate(word1, by), word0);
}

/** Four blocks, counters (c, 0); the words are left in `word0` and `word1`. */
// @ts-ignore: decorator
@inline
function blocks(k0: i32, k1: i32, counters: v128): void {
  const k2 = k0 ^ k1 ^ 0x1bd11bda;
  word0 = i32x4.add(counters, i32x4.splat(k0));
  word1 = i32x4.splat(k1);
  round(13); round(15); round(26); round(6);
  word0 = i32x4.add(word0, i32x4.splat(k1)); word1 = i32x4.add(word1, i32x4.splat(k2 + 1));
  round(17); round(29); round(16); round(24);
  word0 = i32x4.add(word0, i32x4.splat(k2)); word1 = i32x4.add(word1, i32x4.splat(k0 + 2));
  round(13); round(15); round(26); round(6);
  word0 = i32x4.add(word0, i32x4.splat(k0)); word1 = i32x4.add(word1, i32x4.splat(k1 + 3));
  round(17); round(29); round(16); round(24);
  word0 = i32x4.add(word0, i32x4.splat(k1)); word1 = i32x4.add(word1, i32x4.splat(k2 + 4));
  round(13); round(15); round(26); round(6);
  word0 = i32x4.add(word0, i32x4.splat(k2)); word1 = i32x4.add(word1, i32x4.splat(k0 + 5));
}

// @ts-ignore: decorator
@inline
function unit(words: v128): v128 {
  return f32x4.mul(f32x4.convert_i32x4_s(i32x4.shr_u(words, 8)), f32x4.splat(1.0 / 16777216.0));
}

/** Uniforms [first, first + n) of a key, in [0, 1). The key is two words in memory. */
export function uniforms(key: usize, first: i32, n: i32, out: usize): void {
  const k0 = load<i32>(key), k1 = load<i32>(key, 4);
  let i = first;
  const end = first + n;
  while (i < end) {
    blocks(k0, k1, i32x4.add(i32x4.splat(i >>> 1), i32x4(0, 1, 2, 3)));
    const u0 = unit(word0), u1 = unit(word1);
    if ((i & 1) == 0 && i + 8 <= end) {
      v128.store(out, v128.shuffle<f32>(u0, u1, 0, 4, 1, 5));
      v128.store(out, v128.shuffle<f32>(u0, u1, 2, 6, 3, 7), 16);
      i += 8;
      out += 32;
    } else {
      store<f32>(out, f32x4.extract_lane(i & 1 ? u1 : u0, 0));
      i++;
      out += 4;
    }
  }
}

/** Inverted dropout: scales[i] = 0 where uniform first + i is below `rate`, else 1 / (1 − rate); out = x · scales. */
export function dropout(x: usize, first: i32, n: i32, rate: f32, scale: f32, key: usize, scales: usize, out: usize): void {
  uniforms(key, first, n, scales);
  const limit = f32x4.splat(rate), keep = f32x4.splat(scale);
  let i = 0;
  for (; i + 4 <= n; i += 4, x += 16, scales += 16, out += 16) {
    const factor = v128.andnot(keep, f32x4.lt(v128.load(scales), limit));
    v128.store(scales, factor);
    v128.store(out, f32x4.mul(v128.load(x), factor));
  }
  for (; i < n; i++, x += 4, scales += 4, out += 4) {
    const factor: f32 = load<f32>(scales) < rate ? 0 : scale;
    store<f32>(scales, factor);
    store<f32>(out, load<f32>(x) * factor);
  }
}
