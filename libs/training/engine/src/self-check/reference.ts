/** What the kernels compute, written the plainest way, in float64. */
import type { Window } from '../kernels/window.ts';

/** C[m, n] = op(A)·op(B) + bias; A is stored [k, m] when `transA`, B is stored [n, k] when `transB`. */
export function product(transA: boolean, transB: boolean, m: number, n: number, k: number, a: ArrayLike<number>, b: ArrayLike<number>, bias: ArrayLike<number>): Float64Array {
  const c = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = bias[j];
      for (let l = 0; l < k; l++) sum += a[transA ? l * m + i : i * k + l] * b[transB ? j * k + l : l * n + j];
      c[i * n + j] = sum;
    }
  }
  return c;
}

/**
 * Every product that a convolution adds, as places in the image, the kernel and the output: an output adds x · kernel, and
 * the gradients of x and of the kernel add the other factor times the output's gradient.
 *
 * @param apart depthwise: filters / channels outputs of each channel, and a kernel for each
 */
export function eachTap(w: Window, apart: boolean, visit: (image: number, kernel: number, out: number) => void): void {
  const perChannel = w.filters / w.channels;
  for (let b = 0; b < w.batch; b++) {
    for (let oy = 0; oy < w.outHeight; oy++) {
      for (let ox = 0; ox < w.outWidth; ox++) {
        for (let ky = 0; ky < w.kernelHeight; ky++) {
          for (let kx = 0; kx < w.kernelWidth; kx++) {
            const y = oy * w.strideY - w.top + ky * w.dilationY;
            const x = ox * w.strideX - w.left + kx * w.dilationX;
            if (y < 0 || y >= w.height || x < 0 || x >= w.width) continue;
            for (let c = 0; c < w.channels; c++) {
              const image = ((b * w.height + y) * w.width + x) * w.channels + c;
              const tap = (ky * w.kernelWidth + kx) * w.channels + c;
              const [first, end] = apart ? [c * perChannel, (c + 1) * perChannel] : [0, w.filters];
              for (let f = first; f < end; f++) visit(image, apart ? tap * perChannel + f - first : tap * w.filters + f, ((b * w.outHeight + oy) * w.outWidth + ox) * w.filters + f);
            }
          }
        }
      }
    }
  }
}

/** Sum over classes of −log softmax at the label, for each row; and its gradient times `scale`. */
export function crossEntropy(logits: ArrayLike<number>, labels: ArrayLike<number>, width: number, scale: number): { readonly losses: Float64Array; readonly gradient: Float64Array } {
  const losses = new Float64Array(labels.length);
  const gradient = new Float64Array(logits.length);
  for (let row = 0; row < labels.length; row++) {
    let total = 0;
    for (let c = 0; c < width; c++) total += Math.exp(logits[row * width + c]);
    losses[row] = Math.log(total) - logits[row * width + labels[row]];
    for (let c = 0; c < width; c++) gradient[row * width + c] = scale * (Math.exp(logits[row * width + c]) / total - (c === labels[row] ? 1 : 0));
  }
  return { losses, gradient };
}

/** Softmax of scale · x over rows of `width`; with `causal` row r sees columns 0 … r mod width. */
export function attentionWeights(x: ArrayLike<number>, width: number, scale: number, causal: boolean): Float64Array {
  const out = new Float64Array(x.length);
  for (let row = 0; row * width < x.length; row++) {
    const seen = causal ? (row % width) + 1 : width;
    const exponentials = Array.from({ length: seen }, (_, c) => Math.exp(scale * x[row * width + c]));
    const total = exponentials.reduce((a, b) => a + b, 0);
    exponentials.forEach((e, c) => (out[row * width + c] = e / total));
  }
  return out;
}

/** Rows with mean 0 and variance 1, each over its own `width` numbers. */
export function standardRows(x: ArrayLike<number>, width: number, eps: number): Float64Array {
  const out = new Float64Array(x.length);
  for (let from = 0; from < x.length; from += width) {
    const row = Array.from({ length: width }, (_, i) => x[from + i]);
    const mean = row.reduce((a, b) => a + b, 0) / width;
    const variance = row.reduce((a, b) => a + (b - mean) ** 2, 0) / width;
    row.forEach((value, i) => (out[from + i] = (value - mean) / Math.sqrt(variance + eps)));
  }
  return out;
}

/** Functions of one number, as their papers write them; `gelu` with the error function by its series. */
export const functions: Readonly<Record<string, (x: number) => number>> = {
  relu: (x) => Math.max(0, x),
  elu: (x) => (x > 0 ? x : Math.expm1(x)),
  selu: (x) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x)),
  gelu: (x) => (x * (1 + erf(x / Math.SQRT2))) / 2,
  swish: (x) => x / (1 + Math.exp(-x)),
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  tanh: Math.tanh,
  softplus: (x) => Math.log1p(Math.exp(x)),
};

/** 2/√π · Σ (−1)ⁿ x²ⁿ⁺¹ / (n! (2n + 1)), for |x| below 6. */
function erf(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < 100; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}
