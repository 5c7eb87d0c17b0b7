/** Kernels that move a window over images: convolutions, depthwise convolutions, pools. */
import { frameOf, inputGradient, kernelGradient, panelBytes, type Window } from '../kernels/window.ts';
import { apart, type Family } from './family.ts';
import { eachTap } from './reference.ts';
import type { Workbench } from './workbench.ts';

/** A window of random extents; one pixel at least comes out. */
function windowFor(bench: Workbench, filters: (channels: number) => number): Window {
  const [height, width, channels] = [bench.whole(1, 11), bench.whole(1, 11), bench.whole(1, 9)];
  const [kernelHeight, kernelWidth] = [bench.whole(1, Math.min(5, height)), bench.whole(1, Math.min(5, width))];
  const [strideY, strideX] = [bench.whole(1, 3), bench.whole(1, 3)];
  const [top, left] = [bench.whole(0, kernelHeight - 1), bench.whole(0, kernelWidth - 1)];
  const out = (n: number, kernel: number, stride: number, before: number): number => Math.floor((n + before - kernel) / stride) + 1;
  return {
    batch: bench.whole(1, 3), height, width, channels, kernelHeight, kernelWidth, filters: filters(channels), strideY, strideX, dilationY: 1, dilationX: 1, top, left,
    outHeight: out(height, kernelHeight, strideY, top), outWidth: out(width, kernelWidth, strideX, left),
  };
}

const sizes = (w: Window, perFilter: number) => [w.batch * w.height * w.width * w.channels, w.kernelHeight * w.kernelWidth * w.channels * perFilter, w.batch * w.outHeight * w.outWidth * w.filters] as const;

/** Errors of an output and its two gradients, which add up the same products. */
function tapErrors(w: Window, depthwise: boolean, [x, kernel, dOut]: readonly Float32Array[], [out, dX, dKernel]: readonly Float32Array[]): number {
  const [expectedOut, expectedDX, expectedDKernel] = [out, dX, dKernel].map(({ length }) => new Float64Array(length));
  eachTap(w, depthwise, (i, k, o) => {
    expectedOut[o] += x[i] * kernel[k];
    expectedDX[i] += dOut[o] * kernel[k];
    expectedDKernel[k] += dOut[o] * x[i];
  });
  return Math.max(apart(out, expectedOut), apart(dX, expectedDX), apart(dKernel, expectedDKernel));
}

/** The calls of a convolution and of its gradients. */
function convolution({ kernels, room }: Pick<Workbench, 'kernels' | 'room'>, w: Window, [x, kernel, dOut]: readonly Float32Array[], [out, dX, dKernel]: readonly Float32Array[]): Record<'forward' | 'backward', () => void> {
  const frame = frameOf(w);
  const g = inputGradient(w);
  const framed = frame.fits ? x.byteOffset : room(frame.bytes / 4).byteOffset;
  const panels = room(panelBytes(w.kernelHeight * w.kernelWidth * w.channels, w.filters) / 4).byteOffset;
  const turned = room(panelBytes(w.kernelHeight * w.kernelWidth * w.filters, w.channels) / 4).byteOffset;
  const [spread, scratch] = [room(g.bytes / 4).byteOffset, room(kernelGradient(w).scratch / 4).byteOffset];
  return {
    forward: () => {
      if (!frame.fits) kernels.spread(x.byteOffset, w.batch, w.height, w.width, w.channels, framed, frame.height, frame.width, w.top, w.left, 1, 1);
      kernels.packKernel(kernel.byteOffset, w.kernelHeight, w.kernelWidth, w.channels, w.filters, panels);
      kernels.conv(framed, w.batch, frame.height, frame.width, w.channels, w.top, w.top + w.height, panels, w.kernelHeight, w.kernelWidth, w.filters, w.strideY, w.strideX, 1, 1, out.byteOffset, w.outHeight, w.outWidth, 0, 0, 0);
    },
    backward: () => {
      kernels.packKernelTurned(kernel.byteOffset, w.kernelHeight, w.kernelWidth, w.channels, w.filters, turned);
      kernels.spread(dOut.byteOffset, w.batch, w.outHeight, w.outWidth, w.filters, spread, g.height, g.width, g.top, g.left, w.strideY, w.strideX);
      kernels.conv(spread, w.batch, g.height, g.width, w.filters, g.firstRow, g.endRow, turned, w.kernelHeight, w.kernelWidth, w.channels, 1, 1, 1, 1, dX.byteOffset, w.height, w.width, 0, 0, 0);
      kernels.convKernelGrad(framed, w.batch, frame.height, frame.width, w.channels, dOut.byteOffset, w.outHeight, w.outWidth, w.filters, w.kernelWidth, w.strideY, w.strideX, 1, 1, 0, kernelGradient(w).taps, dKernel.byteOffset, scratch);
    },
  };
}

export const convolutions: Family = {
  name: 'convolutions',
  error: (bench) => {
    const w = windowFor(bench, () => bench.whole(1, 17));
    const given = sizes(w, w.filters).map((n) => bench.numbers(n));
    const made = [given[2], given[0], given[1]].map(({ length }) => bench.room(length));
    const { forward, backward } = convolution({ kernels: bench.kernels, room: (n) => bench.room(n) }, w, given, made);
    forward();
    backward();
    return tapErrors(w, false, given, made);
  },
  rate: {
    unit: 'GFLOP/s',
    work: (bench) => {
      const w: Window = { batch: 16, height: 16, width: 16, channels: 16, kernelHeight: 3, kernelWidth: 3, filters: 32, strideY: 1, strideX: 1, dilationY: 1, dilationX: 1, top: 1, left: 1, outHeight: 16, outWidth: 16 };
      const given = sizes(w, w.filters).map((n) => bench.numbers(n));
      const { forward, backward } = convolution({ kernels: bench.kernels, room: (n) => bench.room(n) }, w, given, [given[2], given[0], given[1]].map(({ length }) => bench.room(length)));
      return {
        units: 3 * 2 * w.batch * w.outHeight * w.outWidth * w.filters * kernelGradient(w).taps,
        run: () => {
          forward();
          backward();
        },
      };
    },
  },
};

export const depthwise: Family = {
  name: 'depthwise convolutions',
  error: (bench) => {
    const multiplier = bench.whole(1, 3);
    const w = windowFor(bench, (channels) => channels * multiplier);
    const given = sizes(w, multiplier).map((n) => bench.numbers(n));
    const made = [given[2], given[0], given[1]].map(({ length }) => bench.room(length));
    const [[x, kernel, dOut], [out, dX, dKernel]] = [given, made].map((arrays) => arrays.map(({ byteOffset }) => byteOffset));
    const geometry = [w.strideY, w.strideX, 1, 1, w.top, w.left] as const;
    bench.kernels.depthwise(x, w.batch, w.height, w.width, w.channels, kernel, w.kernelHeight, w.kernelWidth, multiplier, ...geometry, out, w.outHeight, w.outWidth);
    bench.kernels.depthwiseInputGrad(dOut, w.batch, w.outHeight, w.outWidth, w.channels, kernel, w.kernelHeight, w.kernelWidth, multiplier, ...geometry, dX, w.height, w.width);
    bench.kernels.depthwiseKernelGrad(x, w.batch, w.height, w.width, w.channels, dOut, w.outHeight, w.outWidth, w.kernelHeight, w.kernelWidth, multiplier, ...geometry, 0, w.channels, dKernel);
    return tapErrors(w, true, given, made);
  },
};

export const pools: Family = {
  name: 'pools',
  error: (bench) => {
    const w = windowFor(bench, (channels) => channels);
    const [images, , outs] = sizes(w, 1);
    const [x, dOut, largest, mean, picked, dX, dMean] = [bench.numbers(images), bench.numbers(outs), bench.room(outs), bench.room(outs), bench.room(outs), bench.room(images), bench.room(images)];
    const window = [w.channels, w.kernelHeight, w.kernelWidth, w.strideY, w.strideX, w.top, w.left] as const;
    bench.kernels.maxPool(x.byteOffset, w.batch, w.height, w.width, ...window, largest.byteOffset, picked.byteOffset, w.outHeight, w.outWidth);
    bench.kernels.maxPoolGrad(dOut.byteOffset, picked.byteOffset, w.batch, w.outHeight * w.outWidth, w.channels, dX.byteOffset, w.height * w.width);
    bench.kernels.averagePool(x.byteOffset, w.batch, w.height, w.width, ...window, mean.byteOffset, w.outHeight, w.outWidth);
    bench.kernels.averagePoolGrad(dOut.byteOffset, w.batch, w.outHeight, w.outWidth, ...window, dMean.byteOffset, w.height, w.width);
    const [sum, count, best, expectedDX, expectedDMean] = [outs, outs, outs, images, images].map((n) => new Float64Array(n));
    const winner = new Int32Array(outs).fill(-1);
    eachTap(w, true, (i, _, o) => {
      sum[o] += x[i];
      count[o]++;
      if (winner[o] < 0 || x[i] > best[o]) [winner[o], best[o]] = [i, x[i]];
    });
    winner.forEach((i, o) => (expectedDX[i] += dOut[o]));
    eachTap(w, true, (i, _, o) => (expectedDMean[i] += dOut[o] / count[o]));
    return Math.max(apart(largest, best), apart(mean, sum.map((s, o) => s / count[o])), apart(dX, expectedDX), apart(dMean, expectedDMean));
  },
};
