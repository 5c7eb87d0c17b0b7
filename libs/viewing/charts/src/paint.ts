import type { Columns } from './columns.ts';
import type { Range } from './range.ts';
import { gutterGlyph } from './summary.ts';

/** Where values stand on the canvas, in its own pixels. */
export interface Frame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly x: Range;
  readonly y: Range;
  readonly log: boolean;
  /** Canvas pixels per CSS pixel. */
  readonly ratio: number;
}

export interface LineLook {
  readonly color: string;
  readonly dash: readonly number[];
  readonly width: number;
  readonly alpha: number;
  /** Drawn at each point while the points stand apart. */
  readonly mark: 'none' | 'circle' | 'diamond';
}

const toX = ({ left, width, x: [from, to] }: Frame): ((x: number) => number) => {
  const scale = width / (to - from);
  return (x) => left + (x - from) * scale;
};

const toY = ({ top, height, y: [low, high], log }: Frame): ((y: number) => number) => {
  const [a, b] = log ? [Math.log10(low), Math.log10(high)] : [low, high];
  const scale = height / (b - a);
  return log ? (y) => top + height - (Math.log10(y) - a) * scale : (y) => top + height - (y - a) * scale;
};

/**
 * Draws the columns of a curve: through each point where every point is a column, else from first to last over both
 * extremes of each column, so that no spike is lost. Columns without a finite value interrupt the line.
 */
export function paintLine(context: CanvasRenderingContext2D, columns: Columns, frame: Frame, look: LineLook): void {
  const [px, py] = [toX(frame), toY(frame)];
  const { length, x, xLast, points, finite, min, max, first, last } = columns;
  const shows = (y: number) => !frame.log || y > 0;
  context.save();
  context.globalAlpha = look.alpha;
  context.strokeStyle = context.fillStyle = look.color;
  context.lineWidth = look.width * frame.ratio;
  // Round joins cost as much as the lines themselves, and cannot be seen on thin ones.
  context.lineJoin = look.width <= 1 ? 'bevel' : 'round';
  context.setLineDash(look.dash.map((d) => d * frame.ratio));
  context.beginPath();
  const alone: number[] = [];
  let pen = 0;
  for (let i = 0; i < length; i++) {
    if (finite[i] === 0 || !shows(max[i])) {
      if (pen === 1) alone.push(i - 1);
      pen = 0;
      continue;
    }
    const at = px((x[i] + xLast[i]) / 2);
    const to = (y: number) => {
      if (!shows(y)) return;
      if (pen === 0) context.moveTo(at, py(y));
      else context.lineTo(at, py(y));
      pen++;
    };
    if (points[i] === 1) to(first[i]);
    else {
      to(first[i]);
      to(min[i]);
      to(max[i]);
      to(last[i]);
    }
  }
  if (pen === 1) alone.push(length - 1);
  context.stroke();
  context.setLineDash([]);
  const apart = length > 1 && (px(x[length - 1]) - px(x[0])) / (length - 1) > 12 * frame.ratio;
  if (look.mark !== 'none' && (apart || length === 1)) {
    for (let i = 0; i < length; i++) if (finite[i] > 0 && shows(first[i])) paintMark(context, look.mark, px(x[i]), py(first[i]), 2.5 * frame.ratio);
  } else for (const i of alone) paintMark(context, 'circle', px(x[i]), py(first[i]), 2 * frame.ratio);
  context.restore();
}

/** Fills the area between the means of two curves, as far as both of them reach. */
export function paintBand(context: CanvasRenderingContext2D, low: Columns, high: Columns, frame: Frame, color: string, alpha = 0.16): void {
  if (low.length === 0 || high.length === 0) return;
  const [px, py] = [toX(frame), toY(frame)];
  const shows = (y: number) => y - y === 0 && (!frame.log || y > 0);
  const from = px(Math.max(low.x[0], high.x[0]));
  const to = px(Math.min(low.xLast[low.length - 1], high.xLast[high.length - 1]));
  if (to <= from) return;
  context.save();
  context.beginPath();
  context.rect(from, frame.top, to - from, frame.height);
  context.clip();
  context.globalAlpha = alpha;
  context.fillStyle = color;
  context.beginPath();
  for (let i = 0; i < high.length; i++) if (shows(high.mean[i])) context.lineTo(px((high.x[i] + high.xLast[i]) / 2), py(high.mean[i]));
  for (let i = low.length - 1; i >= 0; i--) if (shows(low.mean[i])) context.lineTo(px((low.x[i] + low.xLast[i]) / 2), py(low.mean[i]));
  context.closePath();
  context.fill();
  context.restore();
}

function paintMark(context: CanvasRenderingContext2D, mark: LineLook['mark'], x: number, y: number, r: number): void {
  context.beginPath();
  if (mark === 'diamond') {
    context.moveTo(x, y - r * 1.3);
    context.lineTo(x + r * 1.3, y);
    context.lineTo(x, y + r * 1.3);
    context.lineTo(x - r * 1.3, y);
  } else context.arc(x, y, r, 0, 2 * Math.PI);
  context.fill();
}

/** Height of the gutter above the plot, in CSS pixels. */
export const gutterHeight = 14;

/** Marks above the plot where values are not finite: a cross for NaN, a triangle up or down for an infinity. */
export function paintGutter(context: CanvasRenderingContext2D, columns: Columns, frame: Frame, color: string): void {
  const px = toX(frame);
  const r = 3 * frame.ratio;
  const y = frame.top - (gutterHeight / 2) * frame.ratio;
  context.save();
  context.strokeStyle = context.fillStyle = color;
  context.lineWidth = 1.5 * frame.ratio;
  let free = -Infinity;
  for (let i = 0; i < columns.length; i++) {
    const glyph = gutterGlyph(columns.flags[i]);
    const x = px(columns.x[i]);
    if (!glyph || x < frame.left - 1 || x > frame.left + frame.width + 1 || x < free) continue;
    free = x + 2 * frame.ratio;
    context.beginPath();
    if (glyph === 'nan') {
      context.moveTo(x - r, y - r);
      context.lineTo(x + r, y + r);
      context.moveTo(x + r, y - r);
      context.lineTo(x - r, y + r);
      context.stroke();
    } else {
      const up = glyph === 'up' ? -1 : 1;
      context.moveTo(x - r, y - r * up);
      context.lineTo(x + r, y - r * up);
      context.lineTo(x, y + r * up);
      context.fill();
    }
  }
  context.restore();
}
