/**
 * Convolutions on images [batch, height, width, channels] without im2col: the four rows of a tile point into the image
 * itself, and one run of `inner` steps is one row of the kernel (its columns and channels lie side by side).
 * Images come padded (see `spread`); kernels are [kernelHeight, kernelWidth, channels, filters].
 */
import { packPanels } from './gemm';
import { ACCUMULATE, tile } from './tile';

/**
 * Copies images into larger (or cropped) frames of zeros: pixel (y, x) goes to (top + y·stepY, left + x·stepX), where that lies inside.
 */
export function spread(x: usize, batch: i32, height: i32, width: i32, channels: i32, to: usize, toHeight: i32, toWidth: i32, top: i32, left: i32, stepY: i32, stepX: i32): void {
  const pixel = <usize>channels << 2;
  memory.fill(to, 0, <usize>batch * toHeight * toWidth * pixel);
  for (let b = 0; b < batch; b++) {
    for (let y = 0; y < height; y++) {
      const toY = top + y * stepY;
      if (toY < 0 || toY >= toHeight) continue;
      const from = x + <usize>(b * height + y) * width * pixel;
      const row = to + <usize>(b * toHeight + toY) * toWidth * pixel;
      if (stepX == 1) {
        const first = max(0, -left);
        const last = min(width, toWidth - left);
        if (last > first) memory.copy(row + <usize>(left + first) * pixel, from + <usize>first * pixel, <usize>(last - first) * pixel);
        continue;
      }
      for (let i = 0; i < width; i++) {
        const toX = left + i * stepX;
        if (toX >= 0 && toX < toWidth) memory.copy(row + <usize>toX * pixel, from + <usize>i * pixel, pixel);
      }
    }
  }
}

/** Packs a kernel for `conv`: panels of eight filters. */
export function packKernel(kernel: usize, kernelHeight: i32, kernelWidth: i32, channels: i32, filters: i32, to: usize): void {
  packPanels(kernel, kernelHeight * kernelWidth * channels, filters, filters, false, to);
}

/** Packs a kernel turned by 180° with channels and filters exchanged: `conv` of the output's gradient with it is the input's gradient. */
export function packKernelTurned(kernel: usize, kernelHeight: i32, kernelWidth: i32, channels: i32, filters: i32, to: usize): void {
  const taps = kernelHeight * kernelWidth;
  for (let j = 0; j < channels; j += 8) {
    for (let t = taps - 1; t >= 0; t--) {
      const tap = kernel + (<usize>(t * channels + j) * filters << 2);
      packPanels(tap, filters, min(8, channels - j), filters, true, to);
      to += <usize>filters << 5;
    }
  }
}

/**
 * Correlates padded images with a packed kernel: out [batch, outHeight, outWidth, filters], then what `flags` say (see `tile`).
 * Rows of the frame outside [firstRow, endRow) are known to be zeros and are skipped.
 */
export function conv(
  x: usize, batch: i32, height: i32, width: i32, channels: i32, firstRow: i32, endRow: i32,
  panels: usize, kernelHeight: i32, kernelWidth: i32, filters: i32, strideY: i32, strideX: i32, dilationY: i32, dilationX: i32,
  out: usize, outHeight: i32, outWidth: i32, flags: i32, bias: usize, mask: usize,
): void {
  const pixel = <usize>channels << 2;
  const line = <usize>width * pixel;
  const outPixel = <usize>filters << 2;
  const pixels = outHeight * outWidth;
  const run = kernelWidth * channels;
  const panelRow = <usize>run << 5;
  const xStep = <usize>strideX * pixel;
  const yStep = <usize>strideY * line;
  for (let b = 0; b < batch; b++) {
    const image = x + <usize>b * height * line;
    const outImage = <usize>b * pixels * outPixel;
    for (let j = 0; j < filters; j += 8) {
      const panel = panels + <usize>j * kernelHeight * run * 4;
      const cols = min(8, filters - j);
      const column = <usize>j << 2;
      let oy = 0;
      let ox = 0;
      for (let p = 0; p < pixels; p += 4) {
        const rows = min(4, pixels - p);
        const oyFirst = oy;
        let oyLast = oy;
        const a0 = image + <usize>oy * yStep + <usize>ox * xStep;
        let a1 = a0, a2 = a0, a3 = a0;
        if (++ox == outWidth) { ox = 0; oy++; }
        if (rows > 1) { oyLast = oy; a1 = image + <usize>oy * yStep + <usize>ox * xStep; if (++ox == outWidth) { ox = 0; oy++; } }
        if (rows > 2) { oyLast = oy; a2 = image + <usize>oy * yStep + <usize>ox * xStep; if (++ox == outWidth) { ox = 0; oy++; } }
        if (rows > 3) { oyLast = oy; a3 = image + <usize>oy * yStep + <usize>ox * xStep; if (++ox == outWidth) { ox = 0; oy++; } }
        // Kernel rows that meet rows of the image.
        let from = firstRow - oyLast * strideY;
        let end = endRow - oyFirst * strideY;
        if (dilationY > 1) {
          from = from > 0 ? (from + dilationY - 1) / dilationY : 0;
          end = end > 0 ? (end + dilationY - 1) / dilationY : 0;
        }
        from = min(kernelHeight, max(0, from));
        end = max(from, min(kernelHeight, end));
        const at = outImage + <usize>p * outPixel + column;
        let skip = <usize>from * dilationY * line;
        if (dilationX == 1 || from == end) {
          tile(a0 + skip, a1 + skip, a2 + skip, a3 + skip, 4, <usize>dilationY * line - (<usize>run << 2), panel + <usize>from * panelRow, 32, 0, end > from ? run : 0, end - from,
            out + at, outPixel, rows, cols, flags, bias + column, mask + at);
          continue;
        }
        // Columns that do not lie side by side: one kernel row at a time.
        for (let ky = from; ky < end; ky++, skip += <usize>dilationY * line) {
          const pass = (ky > from ? flags | ACCUMULATE : flags) & (ky < end - 1 ? ACCUMULATE : -1);
          tile(a0 + skip, a1 + skip, a2 + skip, a3 + skip, 4, <usize>(dilationX - 1) * pixel, panel + <usize>ky * panelRow, 32, 0, channels, kernelWidth,
            out + at, outPixel, rows, cols, pass, bias + column, mask + at);
        }
      }
    }
  }
}

/** Bytes of scratch for `convKernelGrad`. */
export function convKernelGradScratch(outHeight: i32, outWidth: i32): i32 {
  return outHeight * outWidth * 32;
}

/**
 * Gradient of the kernel, rows [firstTap, endTap) of [kernelHeight · kernelWidth · channels, filters]: the sum over images and
 * pixels of the input under a tap times the output's gradient. A run of the tile is one row of pixels.
 */
export function convKernelGrad(
  x: usize, batch: i32, height: i32, width: i32, channels: i32, dOut: usize, outHeight: i32, outWidth: i32, filters: i32,
  kernelWidth: i32, strideY: i32, strideX: i32, dilationY: i32, dilationX: i32, firstTap: i32, endTap: i32, dKernel: usize, scratch: usize,
): void {
  const pixel = <usize>channels << 2;
  const line = <usize>width * pixel;
  const outPixel = <usize>filters << 2;
  const aStep = <usize>strideX * pixel;
  const aSkip = <usize>strideY * line - <usize>outWidth * aStep;
  if (batch == 0) memory.fill(dKernel + <usize>firstTap * outPixel, 0, <usize>(endTap - firstTap) * outPixel);
  for (let b = 0; b < batch; b++) {
    const image = x + <usize>b * height * line;
    const gradient = dOut + <usize>b * outHeight * outWidth * outPixel;
    for (let j = 0; j < filters; j += 8) {
      const cols = min(8, filters - j);
      let columns = gradient + (<usize>j << 2);
      let bStep = outPixel;
      if (cols < 8) {
        packPanels(columns, outHeight * outWidth, cols, filters, false, scratch);
        columns = scratch;
        bStep = 32;
      }
      for (let t = firstTap; t < endTap; t += 4) {
        const rows = min(4, endTap - t);
        const a0 = image + tapOffset(t, kernelWidth, channels, dilationY, dilationX, width);
        const a1 = rows > 1 ? image + tapOffset(t + 1, kernelWidth, channels, dilationY, dilationX, width) : a0;
        const a2 = rows > 2 ? image + tapOffset(t + 2, kernelWidth, channels, dilationY, dilationX, width) : a0;
        const a3 = rows > 3 ? image + tapOffset(t + 3, kernelWidth, channels, dilationY, dilationX, width) : a0;
        tile(a0, a1, a2, a3, aStep, aSkip, columns, bStep, 0, outWidth, outHeight,
          dKernel + <usize>t * outPixel + (<usize>j << 2), outPixel, rows, cols, b > 0 ? ACCUMULATE : 0, 0, 0);
      }
    }
  }
}

/** Where row t of the kernel's gradient reads in the frame, in bytes. */
// @ts-ignore: decorator
@inline
function tapOffset(t: i32, kernelWidth: i32, channels: i32, dilationY: i32, dilationX: i32, width: i32): usize {
  const place = t / channels;
  const y = place / kernelWidth;
  return <usize>(((y * dilationY) * width + (place - y * kernelWidth) * dilationX) * channels + (t - place * channels)) << 2;
}
