import { useEffect, useId, useRef, useState, type PointerEvent } from 'react';
import { type Coordinate, type CoordinateScale, scaleOf } from './coordinates.model.ts';
import { bottom, height, paintCoordinates, side, top } from './coordinates-paint.ts';
import { paletteOf } from './palette.ts';
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

/** Each run as a line over its hyper-parameters and results; darker where the last axis is high. A drag along an axis brushes. */
export function CoordinatesFigure({ axes, names, words, theme, onBrush }: CoordinatesFigureProps) {
  const id = useId();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [brush, setBrush] = useState<{ readonly axis: number; readonly from: number; readonly to: number }>();
  useEffect(() => {
    const element = canvas.current!;
    let frame = 0;
    // One slice a frame; an observer begins with a call, so this draws the first time too.
    const size = new ResizeObserver(() => {
      cancelAnimationFrame(frame);
      const slices = paintCoordinates(element, axes, paletteOf(element));
      const next = () => { if (!slices.next().done) frame = requestAnimationFrame(next); };
      next();
    });
    size.observe(element);
    return () => {
      cancelAnimationFrame(frame);
      size.disconnect();
    };
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
