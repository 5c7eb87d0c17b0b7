/** Normalization of each example over groups of channels (group, instance and RMS normalization); statistics in float64. */

/**
 * Examples [first, end) of x [examples, places, channels], each group of neighbouring channels standardised over its places:
 * standard = (x − mean) / √(variance + eps), then γ and β per channel (or 0); `inverse` keeps 1/√(…) per example and group.
 *
 * @param centered 0: no mean is taken off, and the mean of squares stands for the variance (RMS)
 */
export function normalizeGroups(x: usize, first: i32, end: i32, places: i32, channels: i32, groups: i32, centered: bool, eps: f32, gamma: usize, beta: usize, standard: usize, inverse: usize, out: usize): void {
  const size = channels / groups;
  const n: f64 = places * size;
  for (let b = first; b < end; b++) {
    for (let g = 0; g < groups; g++) {
      const start = <usize>(b * places * channels + g * size) << 2;
      let mean: f64 = 0;
      if (centered) {
        for (let p = 0; p < places; p++) {
          const place = x + start + (<usize>(p * channels) << 2);
          for (let c = 0; c < size; c++) mean += load<f32>(place + (<usize>c << 2));
        }
        mean /= n;
      }
      let squares: f64 = 0;
      for (let p = 0; p < places; p++) {
        const place = x + start + (<usize>(p * channels) << 2);
        for (let c = 0; c < size; c++) {
          const d = <f64>load<f32>(place + (<usize>c << 2)) - mean;
          squares += d * d;
        }
      }
      const scale = <f32>(1 / Math.sqrt(squares / n + eps));
      store<f32>(inverse + (<usize>(b * groups + g) << 2), scale);
      for (let p = 0; p < places; p++) {
        const place = start + (<usize>(p * channels) << 2);
        for (let c = 0; c < size; c++) {
          const at = place + (<usize>c << 2);
          const channel = <usize>(g * size + c) << 2;
          const s: f32 = (load<f32>(x + at) - <f32>mean) * scale;
          store<f32>(standard + at, s);
          const scaled: f32 = gamma ? s * load<f32>(gamma + channel) : s;
          store<f32>(out + at, beta ? scaled + load<f32>(beta + channel) : scaled);
        }
      }
    }
  }
}

/** Gradient of `normalizeGroups` with respect to x. */
export function normalizeGroupsGrad(dy: usize, standard: usize, first: i32, end: i32, places: i32, channels: i32, groups: i32, centered: bool, inverse: usize, gamma: usize, dx: usize): void {
  const size = channels / groups;
  const n: f64 = places * size;
  for (let b = first; b < end; b++) {
    for (let g = 0; g < groups; g++) {
      const start = <usize>(b * places * channels + g * size) << 2;
      let sum: f64 = 0;
      let products: f64 = 0;
      for (let p = 0; p < places; p++) {
        const place = start + (<usize>(p * channels) << 2);
        for (let c = 0; c < size; c++) {
          const at = place + (<usize>c << 2);
          const d: f64 = load<f32>(dy + at) * (gamma ? load<f32>(gamma + (<usize>(g * size + c) << 2)) : 1);
          sum += d;
          products += d * load<f32>(standard + at);
        }
      }
      if (!centered) sum = 0;
      const scale: f64 = load<f32>(inverse + (<usize>(b * groups + g) << 2));
      for (let p = 0; p < places; p++) {
        const place = start + (<usize>(p * channels) << 2);
        for (let c = 0; c < size; c++) {
          const at = place + (<usize>c << 2);
          const d: f64 = load<f32>(dy + at) * (gamma ? load<f32>(gamma + (<usize>(g * size + c) << 2)) : 1);
          store<f32>(dx + at, <f32>(scale * (d - (sum + products * load<f32>(standard + at)) / n)));
        }
      }
    }
  }
}
