import { formatValue, type Palette } from '@gradstream/charts';
import { bands, type Grid, heightOf, placeOf, rangeOf } from './grid.model.ts';
import type { PathReport } from './landscape.answer.ts';

/** Every place of a grid with both losses, a row each. */
export const planeCsv = (grid: Grid): string => ['alpha,beta,train,validation', ...Array.from(grid.train, (loss, i) => [...placeOf(grid, i % grid.side, Math.floor(i / grid.side)), loss, grid.validation[i]].join())].join('\n') + '\n';

const numbers = (values: ArrayLike<number>) => Array.from(values, (x) => (Number.isFinite(x) ? x : String(x)));

/** The grid row by row, and the ways of the checkpoints with what is left of them outside of the plane. */
export const planeJson = ({ side, bounds, train, validation }: Grid, paths: readonly PathReport[]): string => JSON.stringify({
  side, bounds, train: numbers(train), validation: numbers(validation),
  paths: paths.map(({ seed, steps, alpha, beta, off, train, validation }) => ({ seed, steps, alpha: numbers(alpha), beta: numbers(beta), offPlane: numbers(off), train: numbers(train), validation: numbers(validation) })),
});

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** The map as an SVG document of 560 x 600: runs of one band as rectangles, the paths as lines. */
export function planeSvg(title: string, grid: Grid, split: 'train' | 'validation', log: boolean, paths: readonly PathReport[], { surface, lines, text }: Palette): string {
  const { side, bounds: [a0, a1, b0, b1] } = grid;
  const [left, top, size] = [20, 44, 520];
  const range = rangeOf(grid[split]);
  const height = heightOf(range, log);
  const cell = size / side;
  const rects: string[] = [];
  for (let row = 0; row < side; row++) {
    const level = (column: number) => Math.min(bands - 1, Math.floor(bands * height(grid[split][row * side + column])));
    for (let column = 0; column < side;) {
      let end = column + 1;
      while (end < side && level(end) === level(column)) end++;
      rects.push(`<rect x="${(left + column * cell).toFixed(2)}" y="${(top + row * cell).toFixed(2)}" width="${((end - column) * cell + 0.3).toFixed(2)}" height="${(cell + 0.3).toFixed(2)}" fill-opacity="${(0.04 + 0.72 * (1 - level(column) / bands)).toFixed(3)}"/>`);
      column = end;
    }
  }
  const px = (alpha: number) => (left + ((alpha - a0) / (a1 - a0)) * size).toFixed(2);
  const py = (beta: number) => (top + ((b1 - beta) / (b1 - b0)) * size).toFixed(2);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 560 600" width="560" height="600" font-family="system-ui, sans-serif" font-size="12" fill="${text}">`,
    `<title>${escaped(title)}</title><rect width="100%" height="100%" fill="${surface}"/><text x="${left}" y="26" font-weight="600" font-size="14">${escaped(title)}</text>`,
    `<clipPath id="map"><rect x="${left}" y="${top}" width="${size}" height="${size}"/></clipPath>`,
    `<g fill="${lines[0]}">${rects.join('')}</g><g clip-path="url(#map)" fill="none" stroke-width="2">`,
    ...paths.map(({ alpha, beta }, i) => `<polyline points="${Array.from(alpha, (a, k) => `${px(a)},${py(beta[k])}`).join(' ')}" stroke="${lines[i + 1]}"${i > 0 ? ' stroke-dasharray="6 4"' : ''}/>`),
    `</g><text x="${left}" y="584">α ${formatValue(a0)} … ${formatValue(a1)}, β ${formatValue(b0)} … ${formatValue(b1)}; ${formatValue(range.least)} … ${formatValue(range.greatest)}</text>`,
    '</svg>',
  ].join('\n');
}
