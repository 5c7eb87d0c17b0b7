/** A normalised Gaussian kernel out to three deviations (in pixels). */
export function gaussianKernel(deviation: number): Float64Array {
  const radius = Math.max(1, Math.ceil(3 * deviation));
  const kernel = Float64Array.from({ length: 2 * radius + 1 }, (_, i) => Math.exp(-((i - radius) ** 2) / (2 * deviation * deviation)));
  const sum = kernel.reduce((a, b) => a + b, 0);
  return kernel.map((k) => k / sum);
}

/** Convolves a plane [height, width, channels] with a kernel along both axes; the border pixel goes on outside. */
export function blurred(values: ArrayLike<number>, height: number, width: number, channels: number, kernel: Float64Array): Float32Array {
  const row = width * channels;
  const across = convolved(values, width, channels, Array.from({ length: height * channels }, (_, line) => Math.floor(line / channels) * row + (line % channels)), kernel);
  return convolved(across, height, row, Array.from({ length: row }, (_, line) => line), kernel);
}

/** Convolves lines of `length` values, `step` apart, that begin at `starts`. */
function convolved(from: ArrayLike<number>, length: number, step: number, starts: readonly number[], kernel: Float64Array): Float32Array {
  const radius = (kernel.length - 1) / 2;
  const line = new Float64Array(length + 2 * radius);
  const to = new Float32Array(from.length);
  for (const start of starts) {
    for (let p = 0; p < length; p++) line[p + radius] = from[start + p * step];
    line.fill(line[radius], 0, radius);
    line.fill(line[radius + length - 1], radius + length);
    for (let p = 0; p < length; p++) {
      let sum = 0;
      for (let k = 0; k < kernel.length; k++) sum += kernel[k] * line[p + k];
      to[start + p * step] = sum;
    }
  }
  return to;
}
