import { type Coordinate, type CoordinateScale, scaleOf } from './coordinates.model.ts';
import { formatValue } from './format.ts';
import type { Palette } from './palette.ts';

/** Sizes of the drawing, in CSS pixels: its height, and the room around the axes. */
export const height = 240;
export const [top, bottom, side] = [34, 12, 60];

/** Segments of lines that are stroked at a time: some milliseconds of a slow raster. */
const segmentsAtATime = 4_000;

/** Runs of like height on the last axis have one shade, the higher ones later and darker; runs without a value there have none. */
const shades = 8;

/**
 * Draws each run as a line over the axes, slice by slice: it yields where others may have their turn. Lines gather beside
 * the canvas, so that axes and their texts always lie over them; the same runs give the same pixels.
 */
export function* paintCoordinates(canvas: HTMLCanvasElement, axes: readonly Coordinate[], palette: Palette): Generator<void, void> {
  const scales: CoordinateScale[] = [];
  for (const axis of axes) {
    scales.push(scaleOf(axis));
    yield;
  }
  // What was drawn before stays until here.
  const ratio = devicePixelRatio;
  const width = canvas.clientWidth;
  [canvas.width, canvas.height] = [Math.max(1, Math.round(width * ratio)), Math.round(height * ratio)];
  const context = canvas.getContext('2d')!;
  if (axes.length === 0) return;
  const lines = new OffscreenCanvas(canvas.width, canvas.height);
  const pen = lines.getContext('2d')!;
  for (const each of [context, pen]) each.setTransform(ratio, 0, 0, ratio, 0, 0);
  const px = (axis: number) => side + (axes.length > 1 ? axis / (axes.length - 1) : 0) * (width - 2 * side);
  const show = (): void => {
    context.clearRect(0, 0, width, height);
    context.drawImage(lines, 0, 0, width, height);
    paintAxes(context, axes, scales, px, width, palette);
  };
  show();
  yield;
  const count = axes[0].values.length;
  pen.lineJoin = 'round';
  pen.lineWidth = count > 500 ? 0.7 : 1.2;
  const runsOf = Array.from({ length: shades + 1 }, (): number[] => []);
  axes[axes.length - 1].values.forEach((value, run) => {
    const place = scales[scales.length - 1].place(value);
    runsOf[place === undefined ? 0 : 1 + Math.min(shades - 1, Math.floor(place * shades))].push(run);
  });
  const atATime = Math.max(1, Math.floor(segmentsAtATime / axes.length));
  for (let shade = -1; shade < shades; shade++) {
    const runs = runsOf[shade + 1];
    pen.strokeStyle = shade < 0 ? palette.grid : palette.lines[0];
    pen.globalAlpha = shade < 0 ? 0.8 : (0.12 + (0.88 * (shade + 1)) / shades) * Math.max(0.12, Math.min(1, 60 / count + 0.1));
    for (let at = 0; at < runs.length; at += atATime) {
      pen.beginPath();
      for (const run of runs.slice(at, at + atATime)) traceRun(pen, axes, scales, px, run);
      pen.stroke();
      show();
      yield;
    }
  }
  canvas.dataset['painted'] = String(count);
}

/** Adds a run to the path; where it has no value its line is interrupted. */
function traceRun(pen: OffscreenCanvasRenderingContext2D, axes: readonly Coordinate[], scales: readonly CoordinateScale[], px: (axis: number) => number, run: number): void {
  let down = false;
  for (let axis = 0; axis < axes.length; axis++) {
    const at = scales[axis].place(axes[axis].values[run]);
    if (at !== undefined) {
      const y = top + (1 - at) * (height - top - bottom);
      if (down) pen.lineTo(px(axis), y);
      else pen.moveTo(px(axis), y);
    }
    down = at !== undefined;
  }
}

function paintAxes(context: CanvasRenderingContext2D, axes: readonly Coordinate[], scales: readonly CoordinateScale[], px: (axis: number) => number, width: number, { text, faint, surface }: Palette): void {
  const py = (at: number) => top + (1 - at) * (height - top - bottom);
  context.textAlign = 'center';
  scales.forEach((scale, axis) => {
    const x = px(axis);
    context.strokeStyle = faint;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(x, top);
    context.lineTo(x, height - bottom);
    context.stroke();
    context.fillStyle = text;
    context.font = '600 11px system-ui, sans-serif';
    const room = axes.length > 1 ? (width - 2 * side) / (axes.length - 1) - 8 : width;
    context.fillText(fitted(context, axes[axis].label, Math.min(room, axis === 0 || axis === axes.length - 1 ? 2 * side - 6 : room)), x, 16);
    context.font = '10px system-ui, sans-serif';
    for (const { at, value } of scale.ticks.length > 12 ? [] : scale.ticks) {
      const label = fitted(context, typeof value === 'number' ? formatValue(Number(value.toPrecision(3))) : value, Math.min(room, 110));
      const half = context.measureText(label).width / 2 + 3;
      context.fillStyle = surface;
      context.globalAlpha = 0.8;
      context.fillRect(x - half, py(at) - 6, 2 * half, 12);
      context.globalAlpha = 1;
      context.fillStyle = faint;
      context.fillText(label, x, py(at) + 3.5);
    }
  });
}

/** A text cut to a width. */
function fitted(context: CanvasRenderingContext2D, label: string, room: number): string {
  if (context.measureText(label).width <= room) return label;
  let end = label.length;
  while (end > 1 && context.measureText(`${label.slice(0, end)}…`).width > room) end--;
  return `${label.slice(0, end)}…`;
}
