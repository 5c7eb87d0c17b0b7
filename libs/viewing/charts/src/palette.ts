/** Colours that stay apart for every kind of colour vision, and the dashes and marks that say the same without colour. */
export interface Palette {
  /** Lines of runs, in the order they are given out; after the last they repeat with another dash. */
  readonly lines: readonly string[];
  readonly text: string;
  readonly faint: string;
  readonly grid: string;
  readonly surface: string;
  readonly danger: string;
}

export const lightPalette: Palette = {
  lines: ['#1b62d4', '#c25100', '#00806a', '#0784a8', '#8a6d00', '#c0306b', '#9b3bb5', '#5b6472'],
  text: '#1d2129',
  faint: '#667080',
  grid: '#eceef1',
  surface: '#ffffff',
  danger: '#c62a2a',
};

export const darkPalette: Palette = {
  lines: ['#74a9ff', '#ff9e57', '#35c9a5', '#55cdec', '#dcbd3e', '#ff86ae', '#d793f2', '#a6b0bf'],
  text: '#e7e9ee',
  faint: '#8f98a8',
  grid: '#242933',
  surface: '#14171c',
  danger: '#ff7b72',
};

/** Splits are told apart by dash and mark as well: train solid, validation dashed with circles, test dotted with diamonds. */
export const splitStyle = {
  train: { dash: [], mark: 'none' },
  validation: { dash: [6, 3], mark: 'circle' },
  test: { dash: [2, 3], mark: 'diamond' },
} as const;

const dashes: readonly (readonly number[])[] = [[], [8, 3], [2, 3], [8, 3, 2, 3]];

/** Colour and dash of the `index`-th line; 32 lines differ before one repeats. */
export const lineStyle = ({ lines }: Palette, index: number): { readonly color: string; readonly dash: readonly number[] } => ({
  color: lines[index % lines.length],
  dash: dashes[Math.floor(index / lines.length) % dashes.length],
});

/** The palette of the theme an element stands in: its computed `color-scheme`, then what the system prefers. */
export function paletteOf(element: Element): Palette {
  const scheme = getComputedStyle(element).colorScheme;
  const dark = scheme === 'dark' || (scheme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  return dark ? darkPalette : lightPalette;
}
