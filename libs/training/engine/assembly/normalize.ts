/** Normalization over the batch (channel by channel) and over the features of a row; statistics in float64. */

/** Mean and biased variance of columns [first, end) of x [rows, width], in two passes. */
export function columnMoments(x: usize, rows: i32, width: i32, first: i32, end: i32, mean: usize, variance: usize): void {
  for (let c = first; c < end; c++) {
    let sum: f64 = 0;
    for (let r = 0; r < rows; r++) sum += load<f32>(x + (<usize>(r * width + c) << 2));
    const m = sum / rows;
    let squares: f64 = 0;
    for (let r = 0; r < rows; r++) {
      const d = <f64>load<f32>(x + (<usize>(r * width + c) << 2)) - m;
      squares += d * d;
    }
    store<f32>(mean + (<usize>c << 2), <f32>m);
    store<f32>(variance + (<usize>c << 2), <f32>(squares / rows));
  }
}

/** running += (now − running) · rate, n values, each `now` times `correction` (n/(n−1) for an unbiased variance). */
export function runningMean(running: usize, now: usize, n: i32, rate: f32, correction: f32): void {
  for (let i = 0; i < n; i++, running += 4, now += 4) store<f32>(running, load<f32>(running) + (load<f32>(now) * correction - load<f32>(running)) * rate);
}

/** standard = (x − mean) / √(variance + eps) and out = γ · standard + β, rows [first, end); γ and β may be 0 (none). */
export function normalizeColumns(x: usize, first: i32, end: i32, width: i32, mean: usize, variance: usize, eps: f32, gamma: usize, beta: usize, standard: usize, out: usize): void {
  for (let r = first; r < end; r++) {
    for (let c = 0; c < width; c++) {
      const at = <usize>(r * width + c) << 2;
      const channel = <usize>c << 2;
      const s: f32 = (load<f32>(x + at) - load<f32>(mean + channel)) / sqrt<f32>(load<f32>(variance + channel) + eps);
      store<f32>(standard + at, s);
      store<f32>(out + at, gamma ? s * load<f32>(gamma + channel) + load<f32>(beta + channel) : s);
    }
  }
}

/** For columns [first, end): dBeta = Σ dy and dGamma = Σ dy · standard (sums that the input's gradient needs too). */
export function normalizeColumnSums(dy: usize, standard: usize, rows: i32, width: i32, first: i32, end: i32, dGamma: usize, dBeta: usize): void {
  for (let c = first; c < end; c++) {
    let sum: f64 = 0;
    let products: f64 = 0;
    for (let r = 0; r < rows; r++) {
      const at = <usize>(r * width + c) << 2;
      sum += load<f32>(dy + at);
      products += <f64>load<f32>(dy + at) * load<f32>(standard + at);
    }
    store<f32>(dBeta + (<usize>c << 2), <f32>sum);
    store<f32>(dGamma + (<usize>c << 2), <f32>products);
  }
}

/** dx = γ / √(variance + eps) · (dy − dBeta/rows − standard · dGamma/rows), rows [first, end) of `rows`. */
export function normalizeColumnsGrad(dy: usize, standard: usize, first: i32, end: i32, rows: i32, width: i32, variance: usize, eps: f32, gamma: usize, dGamma: usize, dBeta: usize, dx: usize): void {
  for (let r = first; r < end; r++) {
    for (let c = 0; c < width; c++) {
      const at = <usize>(r * width + c) << 2;
      const channel = <usize>c << 2;
      let scale: f32 = 1 / sqrt<f32>(load<f32>(variance + channel) + eps);
      if (gamma) scale *= load<f32>(gamma + channel);
      store<f32>(dx + at, scale * (load<f32>(dy + at) - (load<f32>(dBeta + channel) + load<f32>(standard + at) * load<f32>(dGamma + channel)) / <f32>rows));
    }
  }
}

/** Rows [first, end) standardised each over its own features, then γ and β (or 0); `inverse` keeps 1/√(variance + eps) per row. */
export function normalizeRows(x: usize, first: i32, end: i32, width: i32, eps: f32, gamma: usize, beta: usize, standard: usize, inverse: usize, out: usize): void {
  for (let r = first; r < end; r++) {
    const row = <usize>(r * width) << 2;
    let sum: f64 = 0;
    for (let c = 0; c < width; c++) sum += load<f32>(x + row + (<usize>c << 2));
    const m = sum / width;
    let squares: f64 = 0;
    for (let c = 0; c < width; c++) {
      const d = <f64>load<f32>(x + row + (<usize>c << 2)) - m;
      squares += d * d;
    }
    const scale = <f32>(1 / Math.sqrt(squares / width + eps));
    store<f32>(inverse + (<usize>r << 2), scale);
    for (let c = 0; c < width; c++) {
      const channel = <usize>c << 2;
      const s: f32 = (load<f32>(x + row + channel) - <f32>m) * scale;
      store<f32>(standard + row + channel, s);
      store<f32>(out + row + channel, gamma ? s * load<f32>(gamma + channel) + load<f32>(beta + channel) : s);
    }
  }
}

/** Gradient of `normalizeRows` with respect to x, rows [first, end). */
export function normalizeRowsGrad(dy: usize, standard: usize, first: i32, end: i32, width: i32, inverse: usize, gamma: usize, dx: usize): void {
  for (let r = first; r < end; r++) {
    const row = <usize>(r * width) << 2;
    let sum: f64 = 0;
    let products: f64 = 0;
    for (let c = 0; c < width; c++) {
      const channel = <usize>c << 2;
      const d: f64 = load<f32>(dy + row + channel) * (gamma ? load<f32>(gamma + channel) : 1);
      sum += d;
      products += d * load<f32>(standard + row + channel);
    }
    const scale = load<f32>(inverse + (<usize>r << 2));
    for (let c = 0; c < width; c++) {
      const channel = <usize>c << 2;
      const d: f64 = load<f32>(dy + row + channel) * (gamma ? load<f32>(gamma + channel) : 1);
      store<f32>(dx + row + channel, <f32>(scale * (d - (sum + products * load<f32>(standard + row + channel)) / width)));
    }
  }
}

/** out[b, c] = mean over places of x[b, place, c], examples [first, end). */
export function meanPlaces(x: usize, first: i32, end: i32, places: i32, channels: i32, out: usize): void {
  for (let b = first; b < end; b++) {
    for (let c = 0; c < channels; c++) {
      let sum: f64 = 0;
      for (let p = 0; p < places; p++) sum += load<f32>(x + (<usize>((b * places + p) * channels + c) << 2));
      store<f32>(out + (<usize>(b * channels + c) << 2), <f32>(sum / places));
    }
  }
}

/** Its gradient. */
export function meanPlacesGrad(dOut: usize, first: i32, end: i32, places: i32, channels: i32, dX: usize): void {
  for (let b = first; b < end; b++) {
    for (let p = 0; p < places; p++) {
      for (let c = 0; c < channels; c++) {
        store<f32>(dX + (<usize>((b * places + p) * channels + c) << 2), load<f32>(dOut + (<usize>(b * channels + c) << 2)) / <f32>places);
      }
    }
  }
}
