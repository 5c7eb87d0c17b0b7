/** Pooling of images [batch, height, width, channels]; places outside the image do not count. */

/** The largest of each window; `picked` gets its place, y·width + x, per output element: the first of equals, as TensorFlow.js takes it. */
export function maxPool(
  x: usize, batch: i32, height: i32, width: i32, channels: i32, windowHeight: i32, windowWidth: i32, strideY: i32, strideX: i32, top: i32, left: i32,
  out: usize, picked: usize, outHeight: i32, outWidth: i32,
): void {
  for (let b = 0; b < batch; b++) {
    const image = x + (<usize>(b * height * width * channels) << 2);
    for (let oy = 0; oy < outHeight; oy++) {
      const y0 = max(0, oy * strideY - top), y1 = min(height, oy * strideY - top + windowHeight);
      for (let ox = 0; ox < outWidth; ox++) {
        const x0 = max(0, ox * strideX - left), x1 = min(width, ox * strideX - left + windowWidth);
        let c = 0;
        for (; c + 4 <= channels; c += 4) {
          let best = f32x4.splat(-Infinity);
          let place = i32x4.splat(y0 * width + x0);
          for (let y = y0; y < y1; y++) {
            for (let i = x0; i < x1; i++) {
              const v = v128.load(image + (<usize>((y * width + i) * channels + c) << 2));
              const larger = f32x4.gt(v, best);
              best = v128.bitselect(v, best, larger);
              place = v128.bitselect(i32x4.splat(y * width + i), place, larger);
            }
          }
          const at = <usize>c << 2;
          v128.store(out + at, best);
          v128.store(picked + at, place);
        }
        for (; c < channels; c++) {
          let best: f32 = -Infinity;
          let place = y0 * width + x0;
          for (let y = y0; y < y1; y++) {
            for (let i = x0; i < x1; i++) {
              const v = load<f32>(image + (<usize>((y * width + i) * channels + c) << 2));
              if (v > best) { best = v; place = y * width + i; }
            }
          }
          const at = <usize>c << 2;
          store<f32>(out + at, best);
          store<i32>(picked + at, place);
        }
        out += <usize>channels << 2;
        picked += <usize>channels << 2;
      }
    }
  }
}

/** Hands the gradient of each output to the place it was picked from. */
export function maxPoolGrad(dOut: usize, picked: usize, batch: i32, outPixels: i32, channels: i32, dX: usize, pixels: i32): void {
  memory.fill(dX, 0, <usize>batch * pixels * channels << 2);
  for (let b = 0; b < batch; b++, dX += <usize>pixels * channels << 2) {
    for (let p = 0; p < outPixels; p++) {
      for (let c = 0; c < channels; c++, dOut += 4, picked += 4) {
        const at = dX + (<usize>(load<i32>(picked) * channels + c) << 2);
        store<f32>(at, load<f32>(at) + load<f32>(dOut));
      }
    }
  }
}

/** The mean of each window. */
export function averagePool(
  x: usize, batch: i32, height: i32, width: i32, channels: i32, windowHeight: i32, windowWidth: i32, strideY: i32, strideX: i32, top: i32, left: i32,
  out: usize, outHeight: i32, outWidth: i32,
): void {
  for (let b = 0; b < batch; b++) {
    const image = x + (<usize>(b * height * width * channels) << 2);
    for (let oy = 0; oy < outHeight; oy++) {
      const y0 = max(0, oy * strideY - top), y1 = min(height, oy * strideY - top + windowHeight);
      for (let ox = 0; ox < outWidth; ox++, out += <usize>channels << 2) {
        const x0 = max(0, ox * strideX - left), x1 = min(width, ox * strideX - left + windowWidth);
        const count = <f32>((y1 - y0) * (x1 - x0));
        let c = 0;
        for (; c + 4 <= channels; c += 4) {
          let sum = f32x4.splat(0);
          for (let y = y0; y < y1; y++) for (let i = x0; i < x1; i++) sum = f32x4.add(sum, v128.load(image + (<usize>((y * width + i) * channels + c) << 2)));
          v128.store(out + (<usize>c << 2), f32x4.div(sum, f32x4.splat(count)));
        }
        for (; c < channels; c++) {
          let sum: f32 = 0;
          for (let y = y0; y < y1; y++) for (let i = x0; i < x1; i++) sum += load<f32>(image + (<usize>((y * width + i) * channels + c) << 2));
          store<f32>(out + (<usize>c << 2), sum / count);
        }
      }
    }
  }
}

export function averagePoolGrad(
  dOut: usize, batch: i32, outHeight: i32, outWidth: i32, channels: i32, windowHeight: i32, windowWidth: i32, strideY: i32, strideX: i32, top: i32, left: i32,
  dX: usize, height: i32, width: i32,
): void {
  memory.fill(dX, 0, <usize>batch * height * width * channels << 2);
  for (let b = 0; b < batch; b++, dX += <usize>(height * width * channels) << 2) {
    for (let oy = 0; oy < outHeight; oy++) {
      const y0 = max(0, oy * strideY - top), y1 = min(height, oy * strideY - top + windowHeight);
      for (let ox = 0; ox < outWidth; ox++, dOut += <usize>channels << 2) {
        const x0 = max(0, ox * strideX - left), x1 = min(width, ox * strideX - left + windowWidth);
        const count = <f32>((y1 - y0) * (x1 - x0));
        for (let y = y0; y < y1; y++) {
          for (let i = x0; i < x1; i++) {
            for (let c = 0; c < channels; c++) {
              const at = dX + (<usize>((y * width + i) * channels + c) << 2);
              store<f32>(at, load<f32>(at) + load<f32>(dOut + (<usize>c << 2)) / count);
            }
          }
        }
      }
    }
  }
}
