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

// @ts-ignore: decorator
@inline
function finish(v: v128, c: usize, flags: i32, bias: usize, mask: usize): void {
  if (flags & ACCUMULATE) v = f32x4.add(v, v128.load(c));
  if (flags & BIAS) v = f32x4.add(v, v128.load(bias));
  if (flags & RELU) v = f32x4.max(v, f32x4.splat(0));
  if (flags & MASK) v = v128.and(v, f32x4.gt(v128.load(mask), f32x4.splat(0)));
  v128.store(c, v);
}

// @ts-ignore: decorator
@inline
function finishRow(lo: v128, hi: v128, c: usize, flags: i32, bias: usize, mask: usize): void {
  if (flags) {
    finish(lo, c, flags, bias, mask);
    finish(hi, c + 16, flags, bias + 16, mask + 16);
  } else {
    v128.store(c, lo);
    v128.store(c, hi, 16);
  }
}

/** The same for a tile that hangs over the edge of C, one value at a time, from the spilled tile. */
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
  if (rows == 4 && cols == 8) {
    finishRow(c00, c01, c, flags, bias, mask);
    finishRow(c10, c11, c + cStride, flags, bias, mask + cStride);
    finishRow(c20, c21, c + 2 * cStride, flags, bias, mask + 2 * cStride);
    finishRow(c30, c31, c + 3 * cStride, flags, bias, mask + 3 * cStride);
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
  finishEdge(c, cStride, rows, cols, flags, bias, mask);
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

/** The same for four rows of A that lie packed, [step][4]: fewer pointers, 95 % of the processor's multiply-add rate where `tile` reaches 86 %. */
export function packedTile(
  a: usize, b: usize, inner: i32, c: usize, cStride: usize, rows: i32, cols: i32, flags: i32, bias: usize, mask: usize,
): void {
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  const end = a + (<usize>inner << 4);
  if (inner > 0) do {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
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
    b += 32;
  } while (a != end);
  finishTile(c00, c01, c10, c11, c20, c21, c30, c31, c, cStride, rows, cols, flags, bias, mask);
}
