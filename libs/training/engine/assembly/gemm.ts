/** Matrix products, blocked for the caches (Goto and van de Geijn 2008, "Anatomy of high-performance matrix multiplication"). */
import { ACCUMULATE, packedTiles, tiles } from './tile';

/** Steps of K in one pass: eight columns of B (12 kB) stay in the first cache. */
export const BLOCK_K = 384;
/** Rows of A in one pass (192 kB): they stay in the second. */
const BLOCK_M = 128;
/** Columns of B packed at once. */
export const BLOCK_N = 512;

/** Packs B[k, n] into panels of eight columns, [panel][k][8], the last one filled up with zeros. `ldb` is in elements. */
export function packPanels(b: usize, k: i32, n: i32, ldb: i32, transposed: bool, to: usize): void {
  const row = <usize>ldb << 2;
  for (let j = 0; j < n; j += 8) {
    const cols = min(8, n - j);
    if (cols == 8 && !transposed) {
      let from = b + (<usize>j << 2);
      for (let i = 0; i < k; i++, from += row, to += 32) {
        v128.store(to, v128.load(from));
        v128.store(to, v128.load(from, 16), 16);
      }
    } else if (cols == 8) {
      to = packTransposed(b + <usize>j * row, row, k, to);
    } else {
      for (let i = 0; i < k; i++, to += 32) {
        v128.store(to, i32x4.splat(0));
        v128.store(to, i32x4.splat(0), 16);
        for (let c = 0; c < cols; c++) store<f32>(to + (c << 2), load<f32>(transposed ? b + <usize>(j + c) * row + (<usize>i << 2) : b + <usize>i * row + (<usize>(j + c) << 2)));
      }
    }
  }
}

/** Eight rows of k values, `row` bytes apart, turned into k rows of eight; returns the end of the panel. */
function packTransposed(from: usize, row: usize, k: i32, to: usize): usize {
  let i = 0;
  for (; i + 4 <= k; i += 4, from += 16, to += 128) {
    transpose4(from, row, to, 32);
    transpose4(from + 4 * row, row, to + 16, 32);
  }
  for (; i < k; i++, from += 4, to += 32) {
    for (let c = 0; c < 8; c++) store<f32>(to + (c << 2), load<f32>(from + <usize>c * row));
  }
  return to;
}

// @ts-ignore: decorator
@inline
function transpose4(from: usize, row: usize, to: usize, toRow: usize): void {
  const r0 = v128.load(from), r1 = v128.load(from + row), r2 = v128.load(from + 2 * row), r3 = v128.load(from + 3 * row);
  const lo01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5), hi01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const lo23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5), hi23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(lo01, lo23, 0, 1, 4, 5));
  v128.store(to + toRow, v128.shuffle<f32>(lo01, lo23, 2, 3, 6, 7));
  v128.store(to + 2 * toRow, v128.shuffle<f32>(hi01, hi23, 0, 1, 4, 5));
  v128.store(to + 3 * toRow, v128.shuffle<f32>(hi01, hi23, 2, 3, 6, 7));
}

/** Packs four rows of A, k steps each, into [step][4]; absent rows are zeros. */
function packRows(a: usize, rowStep: usize, step: usize, rows: i32, k: i32, to: usize): void {
  if (rows < 4) {
    for (let i = 0; i < k; i++, a += step, to += 16) {
      v128.store(to, i32x4.splat(0));
      for (let r = 0; r < rows; r++) store<f32>(to + (r << 2), load<f32>(a + <usize>r * rowStep));
    }
  } else if (rowStep == 4) {
    for (let i = 0; i < k; i++, a += step, to += 16) v128.store(to, v128.load(a));
  } else {
    let i = 0;
    for (; i + 4 <= k; i += 4, a += 16, to += 64) transpose4(a, rowStep, to, 16);
    for (; i < k; i++, a += 4, to += 16) {
      for (let r = 0; r < 4; r++) store<f32>(to + (r << 2), load<f32>(a + <usize>r * rowStep));
    }
  }
}

/** Bytes of scratch that `gemm` needs for B of k rows and n columns: a block of B and one of A. */
export function gemmScratch(k: i32, n: i32): i32 {
  return min(k, BLOCK_K) * (((min(n, BLOCK_N) + 7) & ~7) + BLOCK_M) * 4;
}

/** From so many columns on it pays to pack A; with fewer, B lies close enough together as it is. */
const WIDE = 48;

/**
 * C[m, n] = op(A)·op(B), then what `flags` say (see `tile`).
 * Strides `lda`, `ldb`, `ldc` are in elements; A is stored [k, m] when `transA`, B is stored [n, k] when `transB`; the mask has C's layout.
 */
export function gemm(
  transA: bool, transB: bool, m: i32, n: i32, k: i32, a: usize, lda: i32, b: usize, ldb: i32, c: usize, ldc: i32,
  flags: i32, bias: usize, mask: usize, scratch: usize,
): void {
  const aRow: usize = transA ? 4 : <usize>lda << 2;
  const aStep: usize = transA ? <usize>lda << 2 : 4;
  const cRow = <usize>ldc << 2;
  const blocks = max(1, (k + BLOCK_K - 1) / BLOCK_K);
  const depth = (k + blocks - 1) / blocks;
  const wide = n >= WIDE;
  for (let n0 = 0; n0 < n; n0 += BLOCK_N) {
    const width = min(BLOCK_N, n - n0);
    const direct = !wide && !transB && (width & 7) == 0;
    for (let block = 0; block < blocks; block++) {
      const k0 = block * depth;
      const kc = min(depth, k - k0);
      const bBlock = b + (<usize>(transB ? n0 * ldb + k0 : k0 * ldb + n0) << 2);
      if (!direct) packPanels(bBlock, kc, width, ldb, transB, scratch);
      const packedA = scratch + <usize>kc * ((width + 7) & ~7) * 4;
      // Only the first block starts C, only the last one finishes it.
      const pass = (block > 0 ? flags | ACCUMULATE : flags) & (block < blocks - 1 ? ACCUMULATE : -1);
      const aBlock = a + <usize>k0 * aStep;
      for (let m0 = 0; m0 < m; m0 += BLOCK_M) {
        const mEnd = min(m, m0 + BLOCK_M);
        if (wide) for (let i = m0; i < mEnd; i += 4) packRows(aBlock + <usize>i * aRow, aRow, aStep, min(4, mEnd - i), kc, packedA + <usize>(i - m0) * kc * 4);
        for (let j = 0; j < width; j += 8) {
          const panel = direct ? bBlock + (<usize>j << 2) : scratch + <usize>j * kc * 4;
          const column = <usize>(n0 + j) << 2;
          const at = <usize>m0 * cRow + column;
          const cols = width - j;
          if (wide) packedTiles(packedA, mEnd - m0, panel, kc, c + at, cRow, cols, pass, bias + column, mask + at);
          else tiles(aBlock + <usize>m0 * aRow, aRow, aStep, mEnd - m0, panel, direct ? <usize>ldb << 2 : 32, kc, c + at, cRow, cols, pass, bias + column, mask + at);
        }
      }
    }
  }
}
