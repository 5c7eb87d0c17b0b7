import { BucketCurve } from './bucket-curve.ts';
import type { Columns } from './columns.ts';
import type { Curve } from './curve.ts';
import { formatTick } from './format.ts';
import type { Range } from './range.ts';

/** A line as a file holds it. */
export interface ExportedLine {
  readonly label: string;
  readonly curve: Pick<Curve, 'x' | 'y'>;
}

/** The places of a line in a window: x and its values, one column of them, or those of a bucket. */
const inside = ({ curve }: ExportedLine, [from, to]: Range, buckets: boolean) => {
  const { x, y } = curve;
  const of = buckets && curve instanceof BucketCurve ? curve.buckets : undefined;
  return Array.from(x, (at, i) => [at, of ? [y[i], of.min[i], of.max[i], of.points[i]] : [y[i]]] as const).filter(([at]) => at >= from && at <= to);
};

/** Whether buckets of several points stand in a window of a line: then a file holds their extremes and counts as well. */
const isBucketed = ({ curve }: ExportedLine, [from, to]: Range): boolean => {
  if (!(curve instanceof BucketCurve)) return false;
  const { points, buckets } = curve.within(from, to);
  return points > buckets;
};

const bucketColumns = ['mean', 'min', 'max', 'points'] as const;

/** A field of CSV (RFC 4180). One that a spreadsheet would take for a formula gets an apostrophe in front. */
const field = (text: string): string => {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

/** A table as CSV: texts quoted where they must be, numbers in full. */
export const rowsToCsv = (rows: readonly (readonly (string | number)[])[]): string => rows.map((cells) => cells.map((cell) => (typeof cell === 'number' ? String(cell) : field(cell))).join(',')).join('\n') + '\n';

/**
 * Every point of a window, a row for each x and a column for each line; NaN and infinities by name. A line of buckets has a
 * row where each begins, and columns for mean, least, greatest and number of its points.
 */
export function toCsv(xName: string, lines: readonly ExportedLine[], window: Range): string {
  const rows = new Map<number, (number | undefined)[]>();
  const bucketed = lines.map((line) => isBucketed(line, window));
  const names = lines.flatMap(({ label }, i) => (bucketed[i] ? bucketColumns.map((column) => `${label} ${column}`) : [label]));
  let place = 0;
  lines.forEach((line, i) => {
    for (const [x, values] of inside(line, window, bucketed[i])) {
      if (!rows.has(x)) rows.set(x, new Array<undefined>(names.length).fill(undefined));
      rows.get(x)!.splice(place, values.length, ...values);
    }
    place += bucketed[i] ? bucketColumns.length : 1;
  });
  return rowsToCsv([[xName, ...names], ...[...rows].sort(([a], [b]) => a - b).map(([x, cells]) => [x, ...cells.map((y) => y ?? '')])]);
}

/** The same as JSON: `[{ label, x, y }]`, with `"NaN"`, `"Infinity"`, `"-Infinity"` for what JSON has no numbers for; of buckets `y` is the mean, beside `min`, `max` and `points`. */
export const toJson = (lines: readonly ExportedLine[], window: Range): string =>
  JSON.stringify(lines.map((line) => {
    const bucketed = isBucketed(line, window);
    const places = inside(line, window, bucketed);
    const column = (k: number) => places.map(([, values]) => (Number.isFinite(values[k]) ? values[k] : String(values[k])));
    return { label: line.label, x: places.map(([x]) => x), y: column(0), ...(bucketed ? { min: column(1), max: column(2), points: column(3) } : {}) };
  }));

/** A line as a picture holds it. */
export interface PicturedLine {
  readonly label: string;
  readonly columns: Columns;
  readonly color: string;
  readonly dash: readonly number[];
}

export interface Picture {
  readonly title: string;
  readonly lines: readonly PicturedLine[];
  readonly x: Range;
  readonly y: Range;
  readonly log: boolean;
  readonly colors: { readonly text: string; readonly grid: string; readonly surface: string };
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** Round places on an axis with their texts; powers of ten on a logarithmic one. */
export const ticksOf = ([low, high]: Range, log: boolean): readonly { readonly at: number; readonly label: string }[] => {
  if (log) {
    const [from, to] = [Math.ceil(Math.log10(low)), Math.floor(Math.log10(high))];
    return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => ({ at: 10 ** (from + i), label: formatTick(10 ** (from + i), 10 ** (from + i)) }));
  }
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((m) => m * power).find((s) => s >= rough) ?? rough;
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) => ({ at: (first + i) * step, label: formatTick((first + i) * step, step) }));
};

/** The chart as an SVG document of 720 x 360, with axes and a legend, and nothing that a page could run. */
export function toSvg({ title, lines, x, y, log, colors }: Picture): string {
  const [width, height, left, right, top] = [720, 360, 60, 16, 36];
  const bottom = 40 + 18 * Math.ceil(lines.length / 3);
  const scale = (value: number, [low, high]: Range, from: number, to: number, log = false) => {
    const [a, b, v] = log ? [Math.log10(low), Math.log10(high), Math.log10(value)] : [low, high, value];
    return Number((from + ((v - a) / (b - a)) * (to - from)).toFixed(2));
  };
  const px = (value: number) => scale(value, x, left, width - right);
  const py = (value: number) => scale(value, y, height - bottom, top, log);
  const path = ({ columns: { length, x, xLast, finite, points, first, min, max, last } }: PicturedLine) => {
    let out = '';
    let pen = false;
    for (let i = 0; i < length; i++) {
      const values = finite[i] === 0 ? [] : (points[i] === 1 ? [first[i]] : [first[i], min[i], max[i], last[i]]).filter((value) => !log || value > 0);
      for (const value of values) {
        out += `${pen ? 'L' : 'M'}${px((x[i] + xLast[i]) / 2)} ${py(value)}`;
        pen = true;
      }
      if (values.length === 0) pen = false;
    }
    return out;
  };
  const text = (at: readonly [number, number], label: string, anchor: string, more = '') => `<text x="${at[0]}" y="${at[1]}" text-anchor="${anchor}" fill="${colors.text}"${more}>${escaped(label)}</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="12">`,
    `<title>${escaped(title)}</title><rect width="100%" height="100%" fill="${colors.surface}"/>`,
    `<clipPath id="plot"><rect x="${left}" y="${top}" width="${width - left - right}" height="${height - top - bottom}"/></clipPath>`,
    text([left, 22], title, 'start', ' font-weight="600" font-size="14"'),
    ...ticksOf(y, log).map(({ at, label }) => `<path d="M${left} ${py(at)}H${width - right}" stroke="${colors.grid}"/>${text([left - 8, py(at) + 4], label, 'end')}`),
    ...ticksOf(x, false).map(({ at, label }) => `<path d="M${px(at)} ${top}V${height - bottom}" stroke="${colors.grid}"/>${text([px(at), height - bottom + 18], label, 'middle')}`),
    '<g clip-path="url(#plot)" fill="none" stroke-width="1.5" stroke-linejoin="round">',
    ...lines.map((line) => `<path d="${path(line)}" stroke="${line.color}"${line.dash.length > 0 ? ` stroke-dasharray="${line.dash.join(' ')}"` : ''}/>`),
    '</g>',
    ...lines.map(({ label, color, dash }, i) => {
      const [lx, ly] = [left + (i % 3) * 216, height - bottom + 40 + 18 * Math.floor(i / 3)];
      return `<path d="M${lx} ${ly - 4}h18" stroke="${color}" stroke-width="2.5"${dash.length > 0 ? ` stroke-dasharray="${dash.join(' ')}"` : ''}/>${text([lx + 24, ly], label, 'start')}`;
    }),
    '</svg>',
  ].join('\n');
}
