/**
 * The one inner loop of matmuls and convolutions: a 4x8 tile of C, kept in eight registers.
 *
 *   C[r, 0…7] = Σ over `outer` runs of `inner` steps of  A_r · B[0…7]
 *
 * The four rows of A may lie anywhere (four pointers that advance together); a row of eight B values is contiguous.
 * So a matmul in any transpose, a convolution without im2col (a run is one filter row) and a filter gradient (a run is
 * one row of pixels) are the same loop. The tile is 4x8 and not unrolled: larger tiles or
 * unrolling make V8 spill; a loop tested at its end is 5 % faster there.
 */
import { madd } from './simd';

/** What happens to a tile on its way to memory, in this order. */
export const ACCUMULATE = 1; // C += tile
export const BIAS = 2; // + bias[column]
export const RELU = 4; // max(0, ·)
export const MASK = 8; // 0 where mask[row, column] ≤ 0

let spill: usize = 0;

/** Gives this instance 128 bytes of its own for tiles at the edge. */
export function useSpill(at: usize): void {
  spill = at;
}

/** Stores a tile that hangs over the edge of C, one value at a time, from the spilled tile. */
function finishEdge(c: usize, cStride: usize, rows: i32, cols: i32, flags: i32, bias: usize, mask: usize): void {
  for (let r = 0; r < rows; r++) {
    for (let j = 0; j < cols; j++) {
      const at = j << 2;
      let v = load<f32>(spill + (r << 5) + at);
      if (flags & ACCUMULATE) v += load<f32>(c + at);
      if (flags & BIAS) v += load<f32>(bias + at);
      if (flags & RELU) v = max<f32>(v, 0);
      if (flags & MASK) v = load<f32>(mask + at) > 0 ? v : 0;
      store<f32>(c + at, v);
    }
    c += cStride;
    mask += cStride;
  }
}

/** Stores the eight registers of a tile. */
// @ts-ignore: decorator
@inline
function finishTile(
  c00: v128, c01: v128, c10: v128, c11: v128, c20: v128, c21: v128, c30: v128, c31: v128,
  c: usize, cStride: usize, rows: i32, cols: i32, flags: i32, bias: usize, mask: usize,
): void {
  if (rows >= 4 && cols >= 8) {
    const c1 = c + cStride, c2 = c1 + cStride, c3 = c2 + cStride;
    if (flags & ACCUMULATE) {
      c00 = f32x4.add(c00, v128.load(c)); c01 = f32x4.add(c01, v128.load(c, 16));
      c10 = f32x4.add(c10, v128.load(c1)); c11 = f32x4.add(c11, v128.load(c1, 16));
      c20 = f32x4.add(c20, v128.load(c2)); c21 = f32x4.add(c21, v128.load(c2, 16));
      c30 = f32x4.add(c30, v128.load(c3)); c31 = f32x4.add(c31, v128.load(c3, 16));
    }
    if (flags & BIAS) {
      const b0 = v128.load(bias), b1 = v128.load(bias, 16);
      c00 = f32x4.add(c00, b0); c10 = f32x4.add(c10, b0); c20 = f32x4.add(c20, b0); c30 = f32x4.add(c30, b0);
      c01 = f32x4.add(c01, b1); c11 = f32x4.add(c11, b1); c21 = f32x4.add(c21, b1); c31 = f32x4.add(c31, b1);
    }
    const zero = f32x4.splat(0);
    if (flags & RELU) {
      c00 = f32x4.max(c00, zero); c01 = f32x4.max(c01, zero); c10 = f32x4.max(c10, zero); c11 = f32x4.max(c11, zero);
      c20 = f32x4.max(c20, zero); c21 = f32x4.max(c21, zero); c30 = f32x4.max(c30, zero); c31 = f32x4.max(c31, zero);
    }
    if (flags & MASK) {
      c00 = v128.and(c00, f32x4.gt(v128.load(mask), zero)); c01 = v128.and(c01, f32x4.gt(v128.load(mask, 16), zero));
      mask += cStride;
      c10 = v128.and(c10, f32x4.gt(v128.load(mask), zero)); c11 = v128.and(c11, f32x4.gt(v128.load(mask, 16), zero));
      mask += cStride;
      c20 = v128.and(c20, f32x4.gt(v128.load(mask), zero)); c21 = v128.and(c21, f32x4.gt(v128.load(mask, 16), zero));
      mask += cStride;
      c30 = v128.and(c30, f32x4.gt(v128.load(mask), zero)); c31 = v128.and(c31, f32x4.gt(v128.load(mask, 16), zero));
    }
    v128.store(c, c00); v128.store(c, c01, 16);
    v128.store(c1, c10); v128.store(c1, c11, 16);
    v128.store(c2, c20); v128.store(c2, c21, 16);
    v128.store(c3, c30); v128.store(c3, c31, 16);
    return;
  }
  v128.store(spill, c00);
  v128.store(spill, c01, 16);
  v128.store(spill, c10, 32);
  v128.store(spill, c11, 48);
  v128.store(spill, c20, 64);
  v128.store(spill, c21, 80);
  v128.store(spill, c30, 96);
  v128.store(spill, c31, 112);
  finishEdge(c, cStride, min(4, rows), min(8, cols), flags, bias, mask);
}

/** Steps are in bytes; a skip is added after each run. `rows` ≤ 4 and `cols` ≤ 8 say what of the tile is stored; rows beyond are read all the same. */
export function tile(
  a0: usize, a1: usize, a2: usize, a3: usize, aStep: usize, aSkip: usize, b: usize, bStep: usize, bSkip: usize, inner: i32, outer: i32,
  c: usize, cStride: usize, rows: i32, cols: i32, flags: i32, bias: usize, mask: usize,
): void {
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  if (inner > 0) for (let o = outer; o > 0; o--) {
    const end = b + <usize>inner * bStep;
    do {
      const b0 = v128.load(b);
      const b1 = v128.load(b, 16);
      let a = v128.load32_splat(a0);
      c00 = madd(a, b0, c00);
      c01 = madd(a, b1, c01);
      a = v128.load32_splat(a1);
      c10 = madd(a, b0, c10);
      c11 = madd(a, b1, c11);
      a = v128.load32_splat(a2);
      c20 = madd(a, b0, c20);
      c21 = madd(a, b1, c21);
      a = v128.load32_splat(a3);
      c30 = madd(a, b0, c30);
      c31 = madd(a, b1, c31);
      a0 += aStep;
      a1 += aStep;
      a2 += aStep;
      a3 += aStep;
      b += bStep;
    } while (b != end);
    a0 += aSkip;
    a1 += aSkip;
    a2 += aSkip;
    a3 += aSkip;
    b += bSkip;
  }
  finishTile(c00, c01, c10, c11, c20, c21, c30, c31, c, cStride, rows, cols, flags, bias, mask);
}

/** A column of such tiles: `rows` rows of A, `aRow` bytes apart, times one panel of `inner` rows of B, `bStep` bytes apart. */
export function tiles(
  a: usize, aRow: usize, aStep: usize, rows: i32, b: usize, bStep: usize, inner: i32, c: usize, cStride: usize, cols: i32, flags: i32, bias: usize, mask: usize,
): void {
  for (; rows > 0; rows -= 4) {
    let a0 = a;
    let a1 = rows > 1 ? a0 + aRow : a0;
    let a2 = rows > 2 ? a1 + aRow : a0;
    let a3 = rows > 3 ? a2 + aRow : a0;
    let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
    let at = b;
    const end = b + <usize>inner * bStep;
    if (inner > 0) do {
      const b0 = v128.load(at);
      const b1 = v128.load(at, 16);
      let v = v128.load32_splat(a0);
      c00 = madd(v, b0, c00);
      c01 = madd(v, b1, c01);
      v = v128.load32_splat(a1);
      c10 = madd(v, b0, c10);
      c11 = madd(v, b1, c11);
      v = v128.load32_splat(a2);
      c20 = madd(v, b0, c20);
      c21 = madd(v, b1, c21);
      v = v128.load32_splat(a3);
      c30 = madd(v, b0, c30);
      c31 = madd(v, b1, c31);
      a0 += aStep;
      a1 += aStep;
      a2 += aStep;
      a3 += aStep;
      at += bStep;
    } while (at != end);
    finishTile(c00, c01, c10, c11, c20, c21, c30, c31, c, cStride, rows, cols, flags, bias, mask);
    a += aRow << 2;
    c += cStride << 2;
    mask += cStride << 2;
  }
}

/** The same for rows of A that lie packed in fours, [tile][step][4]: fewer pointers, 95 % of the processor's multiply-add rate where `tile` reaches 86 %. */
export function packedTiles(
  a: usize, rows: i32, b: usize, inner: i32, c: usize, cStride: usize, cols: i32, flags: i32, bias: usize, mask: usize,
): void {
  for (; rows > 0; rows -= 4) {
    let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
    let at = b;
    const end = a + (<usize>inner << 4);
    if (inner > 0) do {
      const b0 = v128.load(at);
      const b1 = v128.load(at, 16);
      let v = v128.load32_splat(a);
      c00 = madd(v, b0, c00);
      c01 = madd(v, b1, c01);
      v = v128.load32_splat(a, 4);
      c10 = madd(v, b0, c10);
      c11 = madd(v, b1, c11);
      v = v128.load32_splat(a, 8);
      c20 = madd(v, b0, c20);
      c21 = madd(v, b1, c21);
      v = v128.load32_splat(a, 12);
      c30 = madd(v, b0, c30);
      c31 = madd(v, b1, c31);
      a += 16;
      at += 32;
    } while (a != end);
    finishTile(c00, c01, c10, c11, c20, c21, c30, c31, c, cStride, rows, cols, flags, bias, mask);
    c += cStride << 2;
    mask += cStride << 2;
  }
}
