/** Depthwise convolutions: each channel has `multiplier` kernels of its own, [kernelHeight, kernelWidth, channels, multiplier]. Images are not padded. */
import { madd } from './simd';

/** The taps t of [0, taps) for which 0 ≤ start + t·step < size. */
// @ts-ignore: decorator
@inline
function firstInside(start: i32, step: i32): i32 {
  return start >= 0 ? 0 : (-start + step - 1) / step;
}
// @ts-ignore: decorator
@inline
function endInside(start: i32, step: i32, size: i32, taps: i32): i32 {
  return start >= size ? 0 : min(taps, (size - start + step - 1) / step);
}

export function depthwise(
  x: usize, batch: i32, height: i32, width: i32, channels: i32, kernel: usize, kernelHeight: i32, kernelWidth: i32, multiplier: i32,
  strideY: i32, strideX: i32, dilationY: i32, dilationX: i32, top: i32, left: i32, out: usize, outHeight: i32, outWidth: i32,
): void {
  const filters = channels * multiplier;
  for (let b = 0; b < batch; b++) {
    for (let oy = 0; oy < outHeight; oy++) {
      const y = oy * strideY - top;
      const ky0 = firstInside(y, dilationY), ky1 = endInside(y, dilationY, height, kernelHeight);
      for (let ox = 0; ox < outWidth; ox++, out += <usize>filters << 2) {
        const x0 = ox * strideX - left;
        const kx0 = firstInside(x0, dilationX), kx1 = endInside(x0, dilationX, width, kernelWidth);
        let c = 0;
        if (multiplier == 1) {
          for (; c + 4 <= channels; c += 4) {
            let sum = f32x4.splat(0);
            for (let ky = ky0; ky < ky1; ky++) {
              for (let kx = kx0; kx < kx1; kx++) {
                const pixel = ((b * height + y + ky * dilationY) * width + x0 + kx * dilationX) * channels + c;
                sum = madd(v128.load(x + (<usize>pixel << 2)), v128.load(kernel + (<usize>((ky * kernelWidth + kx) * channels + c) << 2)), sum);
              }
            }
            v128.store(out + (<usize>c << 2), sum);
          }
        }
        for (let f = c * multiplier; f < filters; f++) {
          const channel = f / multiplier;
          let sum: f32 = 0;
          for (let ky = ky0; ky < ky1; ky++) {
            for (let kx = kx0; kx < kx1; kx++) {
              const pixel = ((b * height + y + ky * dilationY) * width + x0 + kx * dilationX) * channels + channel;
              sum += load<f32>(x + (<usize>pixel << 2)) * load<f32>(kernel + (<usize>((ky * kernelWidth + kx) * filters + f) << 2));
            }
          }
          store<f32>(out + (<usize>f << 2), sum);
        }
      }
    }
  }
}

/** Gradient of the input: each output pixel hands its gradient back to the pixels that it saw. */
export function depthwiseInputGrad(
  dOut: usize, batch: i32, outHeight: i32, outWidth: i32, channels: i32, kernel: usize, kernelHeight: i32, kernelWidth: i32, multiplier: i32,
  strideY: i32, strideX: i32, dilationY: i32, dilationX: i32, top: i32, left: i32, dX: usize, height: i32, width: i32,
): void {
  const filters = channels * multiplier;
  memory.fill(dX, 0, <usize>batch * height * width * channels << 2);
  for (let b = 0; b < batch; b++) {
    for (let oy = 0; oy < outHeight; oy++) {
      const y = oy * strideY - top;
      const ky0 = firstInside(y, dilationY), ky1 = endInside(y, dilationY, height, kernelHeight);
      for (let ox = 0; ox < outWidth; ox++, dOut += <usize>filters << 2) {
        const x0 = ox * strideX - left;
        const kx0 = firstInside(x0, dilationX), kx1 = endInside(x0, dilationX, width, kernelWidth);
        for (let ky = ky0; ky < ky1; ky++) {
          for (let kx = kx0; kx < kx1; kx++) {
            const to = dX + (<usize>(((b * height + y + ky * dilationY) * width + x0 + kx * dilationX) * channels) << 2);
            const taps = kernel + (<usize>((ky * kernelWidth + kx) * filters) << 2);
            let c = 0;
            if (multiplier == 1) {
              for (; c + 4 <= channels; c += 4) {
                const at = <usize>c << 2;
                v128.store(to + at, madd(v128.load(dOut + at), v128.load(taps + at), v128.load(to + at)));
              }
            }
            for (let f = c * multiplier; f < filters; f++) {
              const at = to + (<usize>(f / multiplier) << 2);
              store<f32>(at, load<f32>(at) + load<f32>(dOut + (<usize>f << 2)) * load<f32>(taps + (<usize>f << 2)));
            }
          }
        }
      }
    }
  }
}

/** Gradient of the kernel, for channels [firstChannel, endChannel). */
export function depthwiseKernelGrad(
  x: usize, batch: i32, height: i32, width: i32, channels: i32, dOut: usize, outHeight: i32, outWidth: i32, kernelHeight: i32, kernelWidth: i32, multiplier: i32,
  strideY: i32, strideX: i32, dilationY: i32, dilationX: i32, top: i32, left: i32, firstChannel: i32, endChannel: i32, dKernel: usize,
): void {
  const filters = channels * multiplier;
  for (let ky = 0; ky < kernelHeight; ky++) {
    for (let kx = 0; kx < kernelWidth; kx++) {
      const to = dKernel + (<usize>((ky * kernelWidth + kx) * filters) << 2);
      let c = firstChannel;
      while (c < endChannel) {
        const four = multiplier == 1 && c + 4 <= endChannel;
        const filterFirst = c * multiplier;
        const filterEnd = four ? c + 4 : (c + 1) * multiplier;
        for (let f = filterFirst; f < filterEnd; f += four ? 4 : 1) {
          let sum4 = f32x4.splat(0);
          let sum: f32 = 0;
          for (let b = 0; b < batch; b++) {
            for (let oy = 0; oy < outHeight; oy++) {
              const y = oy * strideY - top + ky * dilationY;
              if (y < 0 || y >= height) continue;
              for (let ox = 0; ox < outWidth; ox++) {
                const x0 = ox * strideX - left + kx * dilationX;
                if (x0 < 0 || x0 >= width) continue;
                const from = x + (<usize>(((b * height + y) * width + x0) * channels + c) << 2);
                const g = dOut + (<usize>(((b * outHeight + oy) * outWidth + ox) * filters + f) << 2);
                if (four) sum4 = madd(v128.load(from), v128.load(g), sum4);
                else sum += load<f32>(from) * load<f32>(g);
              }
            }
          }
          if (four) v128.store(to + (<usize>f << 2), sum4);
          else store<f32>(to + (<usize>f << 2), sum);
        }
        c += four ? 4 : 1;
      }
    }
  }
}
