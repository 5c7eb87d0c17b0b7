import { darkPalette, lightPalette, lineStyle } from './palette.ts';

const channels = (hex: string) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16) / 255);
const linear = (c: number) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
const apply = (matrix: readonly (readonly number[])[], v: readonly number[]) => matrix.map((row) => row.reduce((sum, a, i) => sum + a * v[i], 0));

const luminance = (hex: string) => apply([[0.2126, 0.7152, 0.0722]], channels(hex).map(linear))[0];
const contrast = (a: string, b: string) => {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
};

/** OKLab, https://bottosson.github.io/posts/oklab/ */
const oklab = (rgb: readonly number[]) => {
  const lms = apply([[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566], [0.0883024619, 0.2817188376, 0.6299787005]], rgb).map((c) => Math.cbrt(Math.max(0, c)));
  return apply([[0.2104542553, 0.793617785, -0.0040720468], [1.9779984951, -2.428592205, 0.4505937099], [0.0259040371, 0.7827717662, -0.808675766]], lms);
};

/** Machado, Oliveira and Fernandes 2009, severity 1, on linear light. */
const visions: Readonly<Record<string, readonly (readonly number[])[]>> = {
  'full colour vision': [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  protanopia: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
  deuteranopia: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
};

const distance = (vision: readonly (readonly number[])[], a: string, b: string) => {
  const [p, q] = [a, b].map((hex) => oklab(apply(vision, channels(hex).map(linear))));
  return Math.hypot(...p.map((x, i) => x - q[i]));
};

describe.each([['light', lightPalette], ['dark', darkPalette]] as const)('the %s palette', (_, palette) => {
  it('stands out from the surface: 3 to 1 for lines, 4.5 to 1 for text', () => {
    for (const line of [...palette.lines, palette.danger]) expect(contrast(line, palette.surface)).toBeGreaterThanOrEqual(3);
    for (const text of [palette.text, palette.faint]) expect(contrast(text, palette.surface)).toBeGreaterThanOrEqual(4.5);
  });

  it.each(Object.keys(visions))('keeps neighbouring lines apart under %s', (vision) => {
    palette.lines.forEach((line, i) => {
      if (i > 0) expect(distance(visions[vision], line, palette.lines[i - 1])).toBeGreaterThan(0.05);
    });
  });

  it('gives 32 lines 32 looks', () => {
    expect(new Set(Array.from({ length: 32 }, (_, i) => JSON.stringify(lineStyle(palette, i)))).size).toBe(32);
  });
});
