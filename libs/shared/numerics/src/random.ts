/**
 * Randomness as a function of a key and a position: Threefry-2x32 with 20 rounds, Salmon et al. 2011,
 * "Parallel random numbers: as easy as 1, 2, 3", section 3.3 and the published test vectors.
 *
 * Nothing here has state: the same key and index give the same number, in any order, on any worker.
 * Keys are derived (`fold`), never advanced.
 */

/** 64 bits: two unsigned 32-bit words. */
export interface Key {
  readonly k0: number;
  readonly k1: number;
}

let x0 = 0;
let x1 = 0;

/** One block: leaves its two words in `x0` and `x1`. */
function block(k0: number, k1: number, c0: number, c1: number): void {
  const k2 = k0 ^ k1 ^ 0x1bd11bda;
  let a = (c0 + k0) | 0;
  let b = (c1 + k1) | 0;
  a = (a + b) | 0; b = ((b << 13) | (b >>> 19)) ^ a;
  a = (a + b) | 0; b = ((b << 15) | (b >>> 17)) ^ a;
  a = (a + b) | 0; b = ((b << 26) | (b >>> 6)) ^ a;
  a = (a + b) | 0; b = ((b << 6) | (b >>> 26)) ^ a;
  a = (a + k1) | 0; b = (b + k2 + 1) | 0;
  a = (a + b) | 0; b = ((b << 17) | (b >>> 15)) ^ a;
  a = (a + b) | 0; b = ((b << 29) | (b >>> 3)) ^ a;
  a = (a + b) | 0; b = ((b << 16) | (b >>> 16)) ^ a;
  a = (a + b) | 0; b = ((b << 24) | (b >>> 8)) ^ a;
  a = (a + k2) | 0; b = (b + k0 + 2) | 0;
  a = (a + b) | 0; b = ((b << 13) | (b >>> 19)) ^ a;
  a = (a + b) | 0; b = ((b << 15) | (b >>> 17)) ^ a;
  a = (a + b) | 0; b = ((b << 26) | (b >>> 6)) ^ a;
  a = (a + b) | 0; b = ((b << 6) | (b >>> 26)) ^ a;
  a = (a + k0) | 0; b = (b + k1 + 3) | 0;
  a = (a + b) | 0; b = ((b << 17) | (b >>> 15)) ^ a;
  a = (a + b) | 0; b = ((b << 29) | (b >>> 3)) ^ a;
  a = (a + b) | 0; b = ((b << 16) | (b >>> 16)) ^ a;
  a = (a + b) | 0; b = ((b << 24) | (b >>> 8)) ^ a;
  a = (a + k1) | 0; b = (b + k2 + 4) | 0;
  a = (a + b) | 0; b = ((b << 13) | (b >>> 19)) ^ a;
  a = (a + b) | 0; b = ((b << 15) | (b >>> 17)) ^ a;
  a = (a + b) | 0; b = ((b << 26) | (b >>> 6)) ^ a;
  a = (a + b) | 0; b = ((b << 6) | (b >>> 26)) ^ a;
  x0 = (a + k2) | 0;
  x1 = (b + k0 + 5) | 0;
}

/** Threefry-2x32-20 of one counter: two unsigned words. */
export function threefry(key: Key, c0: number, c1: number): readonly [number, number] {
  block(key.k0, key.k1, c0, c1);
  return [x0 >>> 0, x1 >>> 0];
}

/** The root key of a seed: any safe integer. */
export const key = (seed: number): Key => ({ k0: seed >>> 0, k1: Math.floor(seed / 2 ** 32) >>> 0 });

/** A key of its own for a number (an epoch, a step, an example) or a name (a purpose, a layer). */
export function fold(from: Key, by: number | string): Key {
  if (typeof by === 'number') {
    block(from.k0, from.k1, by >>> 0, Math.floor(by / 2 ** 32) >>> 0);
    return { k0: x0 >>> 0, k1: x1 >>> 0 };
  }
  let k0 = from.k0;
  let k1 = from.k1;
  for (let i = 0; i < by.length; i += 2) {
    block(k0, k1, (by.charCodeAt(i) << 16) | (i + 1 < by.length ? by.charCodeAt(i + 1) : 0xffff), 0x6e616d65);
    k0 = x0 >>> 0;
    k1 = x1 >>> 0;
  }
  return { k0, k1 };
}

const TO_UNIT = 2 ** -24;

/** Number `index` of the stream of a key: uniform in [0, 1), a multiple of 2^-24, exact in float32. */
export function uniformAt(from: Key, index: number): number {
  block(from.k0, from.k1, index >>> 1, Math.floor(index / 2 ** 33));
  return ((index & 1 ? x1 : x0) >>> 8) * TO_UNIT;
}

/** The first n uniforms of a key, in [0, 1): element i is `uniformAt(key, i)`. */
export function uniforms(from: Key, n: number, out = new Float32Array(n)): Float32Array {
  const { k0, k1 } = from;
  const even = n & ~1;
  for (let i = 0; i < even; i += 2) {
    block(k0, k1, i >>> 1, 0);
    out[i] = (x0 >>> 8) * TO_UNIT;
    out[i + 1] = (x1 >>> 8) * TO_UNIT;
  }
  if (n > even) out[even] = uniformAt(from, even);
  return out;
}

/** The first n standard normals of a key (Box and Muller 1958, one block for two numbers). */
export function normals(from: Key, n: number, out = new Float32Array(n)): Float32Array {
  const { k0, k1 } = from;
  for (let i = 0; i < n; i += 2) {
    block(k0, k1, i >>> 1, 1);
    const radius = Math.sqrt(-2 * Math.log(((x0 >>> 0) + 1) * 2 ** -32));
    const angle = 2 * Math.PI * (x1 >>> 0) * 2 ** -32;
    out[i] = radius * Math.cos(angle);
    if (i + 1 < n) out[i + 1] = radius * Math.sin(angle);
  }
  return out;
}

/** Number `index` of a key as a whole number in [0, below), from 53 bits. */
export function integerAt(from: Key, index: number, below: number): number {
  block(from.k0, from.k1, index >>> 0, 2);
  return Math.floor((((x0 >>> 0) * 2 ** 21 + (x1 >>> 11)) / 2 ** 53) * below);
}

/** A random order of 0 … n - 1 (Fisher and Yates, Durstenfeld 1964). */
export function permutation(from: Key, n: number): Uint32Array {
  const order = new Uint32Array(n);
  for (let i = 0; i < n; i++) order[i] = i;
  for (let i = n - 1; i > 0; i--) {
    const j = integerAt(from, i, i + 1);
    const held = order[i];
    order[i] = order[j];
    order[j] = held;
  }
  return order;
}

/** Number `index` of the standard normals of a key, in float64. */
export function normalAt(from: Key, index: number): number {
  block(from.k0, from.k1, index >>> 1, 1);
  const radius = Math.sqrt(-2 * Math.log(((x0 >>> 0) + 1) * 2 ** -32));
  const angle = 2 * Math.PI * (x1 >>> 0) * 2 ** -32;
  return radius * (index & 1 ? Math.sin(angle) : Math.cos(angle));
}

/** One draw of Gamma(shape, 1): Marsaglia and Tsang 2000, with their boost for shape < 1. */
export function gamma(from: Key, shape: number): number {
  if (shape < 1) {
    const u = (integerAt(fold(from, 'boost'), 0, 2 ** 53) + 1) / 2 ** 53;
    return gamma(fold(from, 'boosted'), shape + 1) * u ** (1 / shape);
  }
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (let i = 0; ; i++) {
    const x = normalAt(fold(from, i), 0);
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    const u = (integerAt(fold(from, i), 1, 2 ** 53) + 1) / 2 ** 53;
    if (Math.log(u) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** One draw of Beta(a, b). */
export function beta(from: Key, a: number, b: number): number {
  const x = gamma(fold(from, 'a'), a);
  const y = gamma(fold(from, 'b'), b);
  return x + y === 0 ? 0.5 : x / (x + y);
}
