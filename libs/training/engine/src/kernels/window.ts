/** A convolution of images by windows, and the frames of zeros in which the kernels of `assembly/conv.ts` read. */
export interface Window {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly filters: number;
  readonly strideY: number;
  readonly strideX: number;
  readonly dilationY: number;
  readonly dilationX: number;
  /** Rows of zeros above the image. */
  readonly top: number;
  readonly left: number;
  readonly outHeight: number;
  readonly outWidth: number;
}

/** The padded input. `fits`: the image itself will do. */
export function frameOf(w: Window): { readonly fits: boolean; readonly height: number; readonly width: number; readonly bytes: number } {
  const height = (w.outHeight - 1) * w.strideY + (w.kernelHeight - 1) * w.dilationY + 1;
  const width = (w.outWidth - 1) * w.strideX + (w.kernelWidth - 1) * w.dilationX + 1;
  if (w.top === 0 && w.left === 0 && height <= w.height && width <= w.width) return { fits: true, height: w.height, width: w.width, bytes: 0 };
  return { fits: false, height, width, bytes: w.batch * height * width * w.channels * 4 };
}

/** The frame in which the output's gradient is spread for the input's gradient; rows outside [firstRow, endRow) are zeros. */
export function inputGradient(w: Window): { readonly height: number; readonly width: number; readonly bytes: number; readonly top: number; readonly left: number; readonly firstRow: number; readonly endRow: number } {
  const height = w.height + (w.kernelHeight - 1) * w.dilationY;
  const width = w.width + (w.kernelWidth - 1) * w.dilationX;
  const top = (w.kernelHeight - 1) * w.dilationY - w.top;
  const left = (w.kernelWidth - 1) * w.dilationX - w.left;
  return {
    height, width, top, left, bytes: w.batch * height * width * w.filters * 4,
    firstRow: Math.max(0, top), endRow: Math.max(0, Math.min(height, top + (w.outHeight - 1) * w.strideY + 1)),
  };
}

/** Rows of the kernel's gradient, and scratch for it. */
export const kernelGradient = (w: Window): { readonly taps: number; readonly scratch: number } => ({
  taps: w.kernelHeight * w.kernelWidth * w.channels,
  scratch: w.filters % 8 === 0 ? 0 : w.outHeight * w.outWidth * 32,
});

/** Bytes of a kernel packed for `conv`. */
export const panelBytes = (rows: number, filters: number): number => rows * ((filters + 7) & ~7) * 4;
