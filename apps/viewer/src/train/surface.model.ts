import type { Surface } from './messages.ts';

type Rgb = readonly [number, number, number];

/** `#rrggbb` as three bytes. */
export const rgbOf = (hex: string): Rgb => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)) as unknown as Rgb;

/**
 * The surface as pixels [side, side, 4]: the classes' colours mixed by their probabilities, on the ground of the page.
 *
 * @param strength of the colours over the ground, in [0, 1]
 */
export function pixelsOf({ side, classes, probabilities }: Surface, colors: readonly string[], ground: string, strength = 0.5): Uint8ClampedArray<ArrayBuffer> {
  const palette = Array.from({ length: classes }, (_, c) => rgbOf(colors[c % colors.length]));
  const base = rgbOf(ground);
  const out = new Uint8ClampedArray(side * side * 4);
  for (let i = 0; i < side * side; i++) {
    for (let k = 0; k < 3; k++) {
      let mixed = 0;
      for (let c = 0; c < classes; c++) mixed += probabilities[i * classes + c] * palette[c][k];
      out[i * 4 + k] = base[k] + (mixed - base[k]) * strength;
    }
    out[i * 4 + 3] = 255;
  }
  return out;
}

/** How much of the square each class holds, in whole percent. */
export function sharesOf({ side, classes, probabilities }: Surface): readonly number[] {
  const counts = new Array<number>(classes).fill(0);
  for (let i = 0; i < side * side; i++) {
    let best = 0;
    for (let c = 1; c < classes; c++) if (probabilities[i * classes + c] > probabilities[i * classes + best]) best = c;
    counts[best]++;
  }
  return counts.map((count) => Math.round((100 * count) / (side * side)));
}
