import { useEffect, useId, useRef, useState, type PointerEvent } from 'react';
import { type Coordinate, type CoordinateScale, scaleOf } from './coordinates.model.ts';
import { formatValue } from './format.ts';
import { paletteOf, type Palette } from './palette.ts';
import { SaveMenu } from './save-menu.tsx';

export interface CoordinatesWords {
  coordinates(runs: number, axes: readonly string[]): string;
  readonly coordinatesTitle: string;
  readonly coordinatesHint: string;
  readonly save: string;
  saveOf(title: string): string;
}

export interface CoordinatesFigureProps {
  readonly axes: readonly Coordinate[];
  /** Name of each run, in the order of the axes' values. */
  readonly names: readonly string[];
  readonly words: CoordinatesWords;
  readonly theme: string;
  /** Somebody brushed an axis. */
  readonly onBrush: (key: string, brushed: ReturnType<CoordinateScale['between']>) => void;
}

const height = 240;
const [top, bottom, side] = [34, 12, 60];

/** Each run as a line over its hyper-parameters and results; darker where the last axis is high. A drag along an axis brushes. */
export function CoordinatesFigure({ axes, names, words, theme, onBrush }: CoordinatesFigureProps) {
  const id = useId();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [brush, setBrush] = useState<{ readonly axis: number; readonly from: number; readonly to: number }>();
  useEffect(() => {
    const element = canvas.current!;
    const draw = () => paint(element, axes, paletteOf(element));
    draw();
    const size = new ResizeObserver(draw);
    size.observe(element);
    return () => size.disconnect();
  }, [axes, theme]);

  const placeAt = (event: PointerEvent): { readonly axis: number; readonly at: number } => {
    const box = canvas.current!.getBoundingClientRect();
    const between = (box.width - 2 * side) / Math.max(1, axes.length - 1);
    return {
      axis: Math.max(0, Math.min(axes.length - 1, Math.round((event.clientX - box.left - side) / between))),
      at: Math.max(0, Math.min(1, 1 - (event.clientY - box.top - top) / (height - top - bottom))),
    };
  };
  const begin = (event: PointerEvent) => {
    const { axis, at } = placeAt(event);
    event.currentTarget.setPointerCapture(event.pointerId);
    setBrush({ axis, from: at, to: at });
  };
  const end = () => {
    if (brush && Math.abs(brush.to - brush.from) > 0.01) onBrush(axes[brush.axis].key, scaleOf(axes[brush.axis]).between(brush.from, brush.to));
    setBrush(undefined);
  };
  const field = (text: string) => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text.replace(/^[=+\-@]/, "'$&"));
  const files = {
    csv: () => [['run', ...axes.map(({ key }) => key)].map(field).join(','), ...names.map((name, i) => [field(name), ...axes.map(({ values }) => (typeof values[i] === 'string' ? field(values[i]) : (values[i] ?? '')))].join(','))].join('\n') + '\n',
    json: () => JSON.stringify(names.map((name, i) => ({ run: name, ...Object.fromEntries(axes.map(({ key, values }) => [key, typeof values[i] === 'number' && !Number.isFinite(values[i]) ? String(values[i]) : values[i]])) }))),
    png: () => new Promise<Blob>((resolve) => canvas.current!.toBlob((blob) => resolve(blob!))),
  };
  const shown = brush && { left: `calc(${side}px + (100% - ${2 * side}px) * ${axes.length > 1 ? brush.axis / (axes.length - 1) : 0} - 7px)`, top: top + (1 - Math.max(brush.from, brush.to)) * (height - top - bottom), height: Math.abs(brush.to - brush.from) * (height - top - bottom) };
  return (
    <figure className="gs-figure gs-coordinates" aria-labelledby={`${id}-title`} aria-describedby={`${id}-summary`}>
      <figcaption className="gs-caption">
        <span className="gs-title" id={`${id}-title`}>{words.coordinatesTitle}</span>
        <span className="gs-remark">{words.coordinatesHint}</span>
        <span className="gs-actions"><SaveMenu title={words.coordinatesTitle} words={words} files={files} /></span>
      </figcaption>
      <div className="gs-coordinates-plot" aria-hidden="true" onPointerDown={begin} onPointerMove={(event) => brush && setBrush({ ...brush, to: placeAt(event).at })} onPointerUp={end} onPointerCancel={() => setBrush(undefined)}>
        <canvas ref={canvas} data-runs={names.length} />
        {shown && <span className="gs-brush" ref={(element) => { if (element) Object.assign(element.style, { left: shown.left, top: `${shown.top}px`, height: `${shown.height}px` }); }} />}
      </div>
      <p className="gs-unseen" id={`${id}-summary`}>{words.coordinates(names.length, axes.map(({ label }) => label))}</p>
    </figure>
  );
}

function paint(canvas: HTMLCanvasElement, axes: readonly Coordinate[], { lines, text, faint, grid, surface }: Palette): void {
  const ratio = devicePixelRatio;
  const width = canvas.clientWidth;
  [canvas.width, canvas.height] = [Math.round(width * ratio), Math.round(height * ratio)];
  const context = canvas.getContext('2d')!;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  if (axes.length === 0) return;
  const scales = axes.map(scaleOf);
  const px = (axis: number) => side + (axes.length > 1 ? axis / (axes.length - 1) : 0) * (width - 2 * side);
  const py = (at: number) => top + (1 - at) * (height - top - bottom);
  const last = scales[scales.length - 1];
  const count = axes[0].values.length;
  context.lineJoin = 'round';
  context.lineWidth = count > 500 ? 0.7 : 1.2;
  // Runs of like height on the last axis are drawn in one stroke each, the higher ones later and darker.
  const shades = 8;
  const places = axes[axes.length - 1].values.map((value) => last.place(value));
  for (let shade = -1; shade < shades; shade++) {
    context.strokeStyle = shade < 0 ? grid : lines[0];
    context.globalAlpha = shade < 0 ? 0.8 : (0.12 + (0.88 * (shade + 1)) / shades) * Math.max(0.12, Math.min(1, 60 / count + 0.1));
    context.beginPath();
    for (let run = 0; run < count; run++) {
      const place = places[run];
      if ((place === undefined ? -1 : Math.min(shades - 1, Math.floor(place * shades))) !== shade) continue;
      let pen = false;
      scales.forEach((scale, axis) => {
        const at = scale.place(axes[axis].values[run]);
        if (at === undefined) pen = false;
        else if (pen) context.lineTo(px(axis), py(at));
        else context.moveTo(px(axis), py(at));
        if (at !== undefined) pen = true;
      });
    }
    context.stroke();
  }
  context.globalAlpha = 1;
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
