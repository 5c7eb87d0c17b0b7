import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import type { Crosshair } from './crosshair.ts';
import { barsOf, type Box, type Cell, cellsOf, type Distribution, distributionAt, quantileOf, spreadOf } from './distribution.model.ts';
import { formatTick, formatValue } from './format.ts';
import type { FrameLoop } from './frame-loop.ts';
import { type Palette, paletteOf } from './palette.ts';
import type { Range } from './range.ts';
import { SaveMenu } from './save-menu.tsx';

/** What a figure of distributions says in words. */
export interface DistributionWords {
  distributions(title: string, all: readonly Distribution[]): string;
  distributionAt(distribution: Distribution): string;
  readonly distributionKeys: string;
  readonly table: string;
  tableOf(title: string): string;
  readonly save: string;
  saveOf(title: string): string;
  readonly distributionColumns: { readonly step: string; readonly least: string; readonly low: string; readonly median: string; readonly high: string; readonly greatest: string; readonly nan: string };
}

export interface DistributionFigureProps {
  readonly title: string;
  readonly distributions: readonly Distribution[];
  /** The window of steps; undefined shows all of them. */
  readonly window?: Range;
  /** The playhead. */
  readonly at?: number;
  readonly words: DistributionWords;
  readonly crosshair: Crosshair;
  readonly loop: FrameLoop;
  readonly theme: string;
}

const axisWidth = 50;
const barsWidth = 96;
const gap = 10;
const bottom = 22;

/** How something (weights, gradients) was distributed from step to step: darker is denser, beside it the shape at one step. */
export function DistributionFigure({ title, distributions, window, at, words, crosshair, loop, theme }: DistributionFigureProps) {
  const id = useId();
  const canvas = useRef<HTMLCanvasElement>(null);
  const place = useRef<HTMLSpanElement>(null);
  const spoken = useRef<HTMLParagraphElement>(null);
  const latest = useRef({ distributions, window, at });
  /** Read when they change, not at each drawing: both make the browser lay the page out. */
  const looks = useRef<{ palette?: Palette; width: number; height: number }>({ width: 0, height: 0 });
  const [table, setTable] = useState(false);
  const redraw = useRef(() => undefined as void);

  useEffect(() => {
    const element = canvas.current!;
    const drawable = {
      visible: false,
      draw: () => {
        const { distributions, window, at } = latest.current;
        const { width, height, palette = (looks.current.palette = paletteOf(element)) } = looks.current;
        if (width === 0) return;
        const shown = paint(element, { width, height }, distributions, window ?? windowOf(distributions), crosshair.x ?? at, palette);
        if (place.current) place.current.textContent = shown ? String(shown.step) : '';
      },
    };
    const ask = () => loop.request(drawable);
    const sight = new IntersectionObserver((entries) => {
      drawable.visible = entries[entries.length - 1].isIntersecting;
      ask();
    });
    const size = new ResizeObserver(([{ contentRect: { width, height } }]) => {
      Object.assign(looks.current, { width, height });
      ask();
    });
    sight.observe(element);
    size.observe(element);
    redraw.current = ask;
    const leave = crosshair.listen(ask);
    return () => {
      leave();
      sight.disconnect();
      size.disconnect();
      loop.forget(drawable);
    };
  }, [crosshair, loop]);
  useEffect(() => {
    latest.current = { distributions, window, at };
    redraw.current();
  }, [distributions, window, at]);
  useEffect(() => {
    looks.current.palette = undefined;
    redraw.current();
  }, [theme]);

  const stepAt = (clientX: number): number => {
    const box = canvas.current!.getBoundingClientRect();
    const [from, to] = window ?? windowOf(distributions);
    return from + ((clientX - box.left - axisWidth) / (box.width - axisWidth - barsWidth - gap)) * (to - from);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const now = distributions.indexOf(distributionAt(distributions, crosshair.x ?? at)!);
    const by = { ArrowLeft: -1, ArrowRight: 1, Home: -distributions.length, End: distributions.length }[event.key];
    if (by === undefined && event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    if (by === undefined) return crosshair.set(undefined);
    const chosen = distributions[Math.max(0, Math.min(distributions.length - 1, now + by))];
    crosshair.set(chosen.step);
    spoken.current!.textContent = words.distributionAt(chosen);
  };
  const files = {
    csv: () => ['step,edge0,edge1,count', ...distributions.flatMap(({ step, edges, counts }) => counts.map((count, i) => `${step},${edges[i]},${edges[i + 1]},${count}`))].join('\n') + '\n',
    json: () => JSON.stringify(distributions),
    svg: () => toSvg(title, distributions, window ?? windowOf(distributions), paletteOf(canvas.current!)),
    png: () => new Promise<Blob>((resolve) => canvas.current!.toBlob((blob) => resolve(blob!))),
  };
  const described = useMemo(() => words.distributions(title, distributions), [words, title, distributions]);
  return (
    <figure className="gs-figure gs-distribution" tabIndex={0} aria-labelledby={`${id}-title`} aria-describedby={`${id}-summary ${id}-keys`} data-distribution={title} onKeyDown={onKeyDown} onPointerLeave={() => crosshair.set(undefined)}>
      <figcaption className="gs-caption">
        <span className="gs-title" id={`${id}-title`} title={title}>{title}</span>
        <span className="gs-place" ref={place} aria-hidden="true" />
        <span className="gs-actions">
          <button type="button" className="gs-quiet" aria-expanded={table} aria-label={words.tableOf(title)} onClick={() => setTable(!table)}>{words.table}</button>
          <SaveMenu title={title} words={words} files={files} />
        </span>
      </figcaption>
      <canvas ref={canvas} aria-hidden="true" onPointerMove={(event) => crosshair.set(stepAt(event.clientX))} />
      <p className="gs-unseen" id={`${id}-summary`}>{described}</p>
      <p className="gs-unseen" id={`${id}-keys`}>{words.distributionKeys}</p>
      <p className="gs-unseen" aria-live="polite" ref={spoken} />
      {table && <DistributionTable title={title} distributions={distributions} words={words} />}
    </figure>
  );
}

function DistributionTable({ title, distributions, words }: Pick<DistributionFigureProps, 'title' | 'distributions' | 'words'>) {
  const { step, least, low, median, high, greatest, nan } = words.distributionColumns;
  return (
    <div className="gs-table" tabIndex={0} role="region" aria-label={words.tableOf(title)}>
      <table>
        <thead><tr>{[step, least, low, median, high, greatest, nan].map((name) => <th key={name} scope="col">{name}</th>)}</tr></thead>
        <tbody>
          {distributions.map((each) => (
            <tr key={each.step}>
              <th scope="row">{each.step}</th>
              {[each.edges[0], quantileOf(each, 0.05), quantileOf(each, 0.5), quantileOf(each, 0.95), each.edges[each.edges.length - 1], each.nan ?? 0].map((value, i) => <td key={i}>{formatValue(value)}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** All steps, with half a neighbour's distance on either side. */
function windowOf(all: readonly Distribution[]): Range {
  if (all.length === 0) return [0, 1];
  const half = all.length > 1 ? (all[1].step - all[0].step) / 2 : 0.5;
  return [all[0].step - half, all[all.length - 1].step + half];
}

/** Draws everything and returns the distribution whose shape stands at the right. */
function paint(canvas: HTMLCanvasElement, { width, height }: { readonly width: number; readonly height: number }, all: readonly Distribution[], window: Range, at: number | undefined, { lines, text, faint, grid, surface }: Palette): Distribution | undefined {
  const ratio = devicePixelRatio;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) [canvas.width, canvas.height] = [Math.round(width * ratio), Math.round(height * ratio)];
  const context = canvas.getContext('2d')!;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  const values = spreadOf(all);
  const box: Box = { left: axisWidth, top: 8, width: Math.max(20, width - axisWidth - barsWidth - gap), height: height - 8 - bottom };
  context.font = '11px system-ui, sans-serif';
  context.fillStyle = faint;
  context.strokeStyle = grid;
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  const span = values[1] - values[0];
  for (const value of [values[0], (values[0] + values[1]) / 2, values[1]]) {
    const y = box.top + box.height - ((value - values[0]) / span) * box.height;
    context.fillText(formatTick(Number(value.toPrecision(2)), Number((span / 20).toPrecision(1))), axisWidth - 6, y);
    context.strokeRect(axisWidth, Math.round(y) + 0.5, width - axisWidth, 0);
  }
  context.textAlign = 'center';
  const px = (x: number) => box.left + ((x - window[0]) / (window[1] - window[0])) * box.width;
  context.textBaseline = 'alphabetic';
  for (const step of [all[0], all[all.length >> 1], all[all.length - 1]].map((each) => each?.step)) {
    if (step !== undefined && step >= window[0] && step <= window[1]) context.fillText(formatTick(step, 1), px(step), height - 6);
  }
  const fill = (cells: readonly Cell[], color: string) => {
    context.fillStyle = color;
    for (const { x, y, width, height, alpha } of cells) {
      context.globalAlpha = alpha;
      context.fillRect(x, y, width + 0.3, height + 0.3);
    }
    context.globalAlpha = 1;
  };
  fill(cellsOf(all, window, values, box), lines[0]);
  const shown = distributionAt(all, at);
  if (shown) fill(barsOf(shown, values, { ...box, left: box.left + box.width + gap, width: barsWidth }), lines[0]);
  if (at !== undefined && at >= window[0] && at <= window[1]) {
    context.fillStyle = surface;
    context.fillRect(px(at) - 1.5, box.top, 3, box.height);
    context.fillStyle = text;
    context.fillRect(px(at) - 0.5, box.top, 1, box.height);
  }
  canvas.dataset.shown = String(shown?.step ?? '');
  return shown;
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** The same as an SVG document. */
function toSvg(title: string, all: readonly Distribution[], window: Range, { lines, text, surface }: Palette): string {
  const values = spreadOf(all);
  const cells = cellsOf(all, window, values, { left: 60, top: 36, width: 640, height: 280 });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 360" width="720" height="360" font-family="system-ui, sans-serif" font-size="12" fill="${text}">`,
    `<title>${escaped(title)}</title><rect width="100%" height="100%" fill="${surface}"/><text x="60" y="22" font-weight="600" font-size="14">${escaped(title)}</text>`,
    ...values.map((value, i) => `<text x="52" y="${i === 0 ? 316 : 46}" text-anchor="end">${formatValue(value)}</text>`),
    ...(all.length > 0 ? [`<text x="60" y="338">${all[0].step}</text><text x="700" y="338" text-anchor="end">${all[all.length - 1].step}</text>`] : []),
    ...cells.map(({ x, y, width, height, alpha }) => `<rect x="${x.toFixed(2)}" y="${y.toFixed(2)}" width="${width.toFixed(2)}" height="${height.toFixed(2)}" fill="${lines[0]}" fill-opacity="${alpha.toFixed(3)}"/>`),
    '</svg>',
  ].join('\n');
}
