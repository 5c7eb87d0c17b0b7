/** A normalised Gaussian kernel out to three deviations (in pixels). */
export function gaussianKernel(deviation: number): Float64Array {
  const radius = Math.max(1, Math.ceil(3 * deviation));
  const kernel = Float64Array.from({ length: 2 * radius + 1 }, (_, i) => Math.exp(-((i - radius) ** 2) / (2 * deviation * deviation)));
  const sum = kernel.reduce((a, b) => a + b, 0);
  return kernel.map((k) => k / sum);
}

/** Convolves a plane [height, width, channels] with a kernel along both axes; the border pixel goes on outside. */
export function blurred(values: ArrayLike<number>, height: number, width: number, channels: number, kernel: Float64Array): Float32Array {
  const radius = (kernel.length - 1) / 2;
  const pass = (from: ArrayLike<number>, length: number, step: number, lines: number, start: (line: number) => number): Float32Array => {
    const to = new Float32Array(height * width * channels);
    for (let line = 0; line < lines; line++) {
      const first = start(line);
      for (let p = 0; p < length; p++) {
        let sum = 0;
        for (let k = -radius; k <= radius; k++) sum += kernel[k + radius] * from[first + Math.min(length - 1, Math.max(0, p + k)) * step];
        to[first + p * step] = sum;
      }
    }
    return to;
  };
  const across = pass(values, width, channels, height * channels, (line) => Math.floor(line / channels) * width * channels + (line % channels));
  return pass(across, height, width * channels, width * channels, (line) => line);
}
