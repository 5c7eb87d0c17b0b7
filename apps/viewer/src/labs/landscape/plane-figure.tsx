import { formatValue, type Palette, paletteOf, SaveMenu } from '@gradstream/charts';
import { type KeyboardEvent, type PointerEvent, useEffect, useId, useMemo, useRef, useState } from 'react';
import { rgbOf } from '../../train/surface.model.ts';
import { useWords } from '../../words/words.tsx';
import { bands, between, type Grid, heightOf, placeOf, rangeOf } from './grid.model.ts';
import type { PathReport } from './landscape.answer.ts';
import { finest, type LandscapeSettings } from './landscape.settings.ts';
import { planeCsv, planeJson, planeSvg } from './plane-files.ts';
import { drawRelief } from './relief.ts';
import { cameraMatrix, projected } from './relief.model.ts';

interface PlaneFigureProps {
  readonly title: string;
  readonly grid: Grid;
  readonly paths: readonly PathReport[];
  readonly settings: LandscapeSettings;
  readonly theme: string;
  /** Whether finer grids are on their way. */
  readonly busy: boolean;
  readonly onCell: (column: number, row: number) => void;
  readonly onCamera: (turn: number, tilt: number) => void;
}

/** The losses of a plane from above or as a relief, the checkpoints' shadows on it, a cursor that walks, a table and files. */
export function PlaneFigure({ title, grid, paths, settings, theme, busy, onCell, onCamera }: PlaneFigureProps) {
  const words = useWords();
  const id = useId();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [table, setTable] = useState(false);
  const [flat, setFlat] = useState(false);
  const { split, log, view, cell, turn, tilt } = settings;
  const isRelief = view === '3';
  const losses = grid[split];
  const range = useMemo(() => rangeOf(losses), [losses]);
  const cameraOf = (element: HTMLCanvasElement) => cameraMatrix({ turn, tilt, aspect: element.clientWidth / element.clientHeight });
  const draw = useMemo(() => () => {
    const element = canvas.current;
    if (!element || element.clientWidth === 0) return;
    const [width, height] = [Math.round(element.clientWidth * devicePixelRatio), Math.round(element.clientHeight * devicePixelRatio)];
    if (element.width !== width || element.height !== height) Object.assign(element, { width, height });
    const context = element.getContext('2d')!;
    const palette = paletteOf(element);
    const height01 = heightOf(range, log);
    context.fillStyle = palette.surface;
    context.fillRect(0, 0, width, height);
    if (isRelief) {
      const matrix = cameraOf(element);
      const unit = (hex: string) => rgbOf(hex).map((x) => x / 255) as unknown as readonly [number, number, number];
      const picture = drawRelief({ heights: Float32Array.from(losses, height01), side: grid.side, matrix, bands, ground: unit(palette.surface), ink: unit(palette.lines[0]) }, width, height);
      setFlat(!picture);
      if (picture) context.drawImage(picture, 0, 0);
      const [a0, a1, b0, b1] = grid.bounds;
      // The path lies on the relief at its shadow: what is drawn is the loss of the plane there.
      const place = (alpha: number, beta: number) => {
        const [x, y] = [(alpha - a0) / (a1 - a0), (b1 - beta) / (b1 - b0)];
        const inside = x >= 0 && x <= 1 && y >= 0 && y <= 1;
        const [px, py] = projected(matrix, [2 * x - 1, 1 - 2 * y, inside ? height01(between(losses, grid.side, x, y)) + 0.01 : 0]);
        return inside ? ([px * width, py * height] as const) : undefined;
      };
      paintPaths(context, paths, place, palette, cell && placeOf({ side: finest, bounds: grid.bounds }, ...cell));
    } else {
      paintBands(context, losses, grid.side, height01, width, height, palette);
      const [a0, a1, b0, b1] = grid.bounds;
      paintPaths(context, paths, (alpha, beta) => [((alpha - a0) / (a1 - a0)) * width, ((b1 - beta) / (b1 - b0)) * height], palette, cell && placeOf({ side: finest, bounds: grid.bounds }, ...cell));
    }
  }, [grid, paths, split, log, isRelief, turn, tilt, cell?.join(), range]);
  useEffect(() => {
    draw();
    const size = new ResizeObserver(draw);
    size.observe(canvas.current!);
    return () => size.disconnect();
  }, [draw, theme]);

  const drag = useRef<{ readonly x: number; readonly y: number; readonly turn: number; readonly tilt: number }>(undefined);
  const onPointerDown = (event: PointerEvent<HTMLCanvasElement>) => {
    if (isRelief) {
      event.currentTarget.setPointerCapture(event.pointerId);
      drag.current = { x: event.clientX, y: event.clientY, turn, tilt };
      return;
    }
    const box = event.currentTarget.getBoundingClientRect();
    const at = (x: number) => Math.max(0, Math.min(finest - 1, Math.round(x * (finest - 1))));
    onCell(at((event.clientX - box.left) / box.width), at((event.clientY - box.top) / box.height));
  };
  const onPointerMove = (event: PointerEvent<HTMLCanvasElement>) => {
    if (!drag.current) return;
    const { x, y, turn, tilt } = drag.current;
    onCamera(turned(turn - (event.clientX - x) / 2), tilted(tilt + (event.clientY - y) / 2));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!step || event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const by = event.shiftKey ? 8 : 1;
    if (isRelief) return onCamera(turned(turn - step[0] * 5 * (event.shiftKey ? 3 : 1)), tilted(tilt - step[1] * 5));
    const [column, row] = cell ?? [(finest - 1) / 2, (finest - 1) / 2];
    const within = (x: number) => Math.max(0, Math.min(finest - 1, x));
    onCell(within(column + step[0] * by), within(row + step[1] * by));
  };

  const [least, greatest] = [range.least, range.greatest].map(formatValue);
  const leastAt = placeOf(grid, range.at % grid.side, Math.floor(range.at / grid.side)).map((x) => formatValue(Number(x.toPrecision(3))));
  const said = words.landscape.planeSummary(words.landscape.splits[split], grid.side, least, greatest, leastAt[0], leastAt[1]);
  const chosen = cell && placeOf({ side: finest, bounds: grid.bounds }, ...cell);
  const atCell = chosen && words.landscape.at(formatValue(Number(chosen[0].toPrecision(4))), formatValue(Number(chosen[1].toPrecision(4))), ...(['train', 'validation'] as const).map((each) => formatValue(between(grid[each], grid.side, cell[0] / (finest - 1), cell[1] / (finest - 1)))) as [string, string]);
  const files = {
    csv: () => planeCsv(grid),
    json: () => planeJson(grid, paths),
    svg: () => planeSvg(title, grid, split, log, paths, paletteOf(canvas.current!)),
    png: () => new Promise<Blob>((resolve) => canvas.current!.toBlob((blob) => resolve(blob!))),
  };
  return (
    <figure className="card gs-figure plane" tabIndex={0} aria-labelledby={`${id}-title`} aria-describedby={`${id}-summary ${id}-keys`} data-side={grid.side} onKeyDown={onKeyDown}>
      <figcaption className="gs-caption">
        <span className="gs-title" id={`${id}-title`}>{title}</span>
        <span className="gs-place" data-busy={busy}>{busy ? words.landscape.refining(grid.side) : words.landscape.cells(grid.side)}</span>
        <span className="gs-actions">
          <button type="button" className="gs-quiet" aria-expanded={table} aria-label={words.charts.tableOf(title)} onClick={() => setTable(!table)}>{words.charts.table}</button>
          <SaveMenu title={title} words={words.charts} files={files} />
        </span>
      </figcaption>
      <canvas ref={canvas} className={isRelief ? 'relief' : 'map'} aria-hidden="true" onPointerDown={onPointerDown} onPointerMove={onPointerMove} onPointerUp={() => { drag.current = undefined; }} onPointerCancel={() => { drag.current = undefined; }} />
      {flat && isRelief && <p className="notice">{words.landscape.noRelief}</p>}
      <Scale log={log} least={least} greatest={greatest} theme={theme} />
      <p className="note" id={`${id}-summary`}>{said}</p>
      <p className="note" aria-live="polite" data-cell>{atCell ?? (isRelief ? words.landscape.turnHint : words.landscape.cellHint)}</p>
      <p className="gs-unseen" id={`${id}-keys`}>{isRelief ? words.landscape.turnHint : words.landscape.cellHint}</p>
      {table && <PlaneTable title={title} grid={grid} split={split} />}
    </figure>
  );
}

const turned = (degrees: number): number => Math.round(((degrees + 540) % 360) - 180);
const tilted = (degrees: number): number => Math.round(Math.max(0, Math.min(90, degrees)));

/** What the shades mean. */
function Scale({ log, least, greatest, theme }: { readonly log: boolean; readonly least: string; readonly greatest: string; readonly theme: string }) {
  const words = useWords();
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current!.getContext('2d')!;
    const shade = shadeOf(paletteOf(canvas.current!));
    for (let band = 0; band < bands; band++) {
      context.fillStyle = `rgb(${shade(band / bands).map(Math.round).join()})`;
      context.fillRect(band, 0, 1, 1);
    }
  }, [theme]);
  return <p className="scale note"><span>{least}</span><canvas ref={canvas} width={bands} height={1} aria-hidden="true" /><span>{greatest}</span><span>{log ? words.landscape.logScale : words.landscape.linearScale}</span></p>;
}

/** Every eighth place of the finest grid. */
function PlaneTable({ title, grid, split }: { readonly title: string; readonly grid: Grid; readonly split: 'train' | 'validation' }) {
  const words = useWords();
  const step = (grid.side - 1) / 8;
  const places = Array.from({ length: 9 }, (_, i) => i * step);
  const text = (x: number) => formatValue(Number(x.toPrecision(3)));
  return (
    <div className="gs-table" tabIndex={0} role="region" aria-label={words.charts.tableOf(title)}>
      <table>
        <caption>{words.landscape.tableCaption(words.landscape.splits[split])}</caption>
        <thead><tr><th scope="col">β \ α</th>{places.map((column) => <th key={column} scope="col">{text(placeOf(grid, column, 0)[0])}</th>)}</tr></thead>
        <tbody>{places.map((row) => <tr key={row}><th scope="row">{text(placeOf(grid, 0, row)[1])}</th>{places.map((column) => <td key={column}>{text(grid[split][row * grid.side + column])}</td>)}</tr>)}</tbody>
      </table>
    </div>
  );
}

/** Low is dark, high is the ground of the page. */
const shadeOf = ({ surface, lines }: Palette) => {
  const [ground, ink] = [rgbOf(surface), rgbOf(lines[0])];
  return (height: number): readonly number[] => ground.map((x, k) => x + (ink[k] - x) * (0.04 + 0.72 * (1 - height)));
};

function paintBands(context: CanvasRenderingContext2D, losses: Float64Array, side: number, height01: (loss: number) => number, width: number, height: number, palette: Palette): void {
  // Painted at most so wide and stretched: the grid has far fewer places than that.
  const size = Math.min(520, width);
  const heights = Float64Array.from(losses, height01);
  const level = new Uint8Array(size * size);
  for (let y = 0; y < size; y++) for (let x = 0; x < size; x++) level[y * size + x] = Math.min(bands - 1, Math.floor(bands * between(heights, side, (x + 0.5) / size, (y + 0.5) / size)));
  const shade = shadeOf(palette);
  const shades = Array.from({ length: bands }, (_, band) => shade(band / bands));
  const ink = rgbOf(palette.faint);
  const image = new OffscreenCanvas(size, size);
  const pixels = new ImageData(size, size);
  for (let i = 0; i < level.length; i++) {
    const isEdge = (i % size < size - 1 && level[i] !== level[i + 1]) || (i + size < level.length && level[i] !== level[i + size]);
    const color = shades[level[i]];
    for (let k = 0; k < 3; k++) pixels.data[i * 4 + k] = isEdge ? color[k] + (ink[k] - color[k]) * 0.35 : color[k];
    pixels.data[i * 4 + 3] = 255;
  }
  image.getContext('2d')!.putImageData(pixels, 0, 0);
  context.imageSmoothingQuality = 'high';
  context.drawImage(image, 0, 0, width, height);
}

/** Ways of checkpoints: an open circle at the start, a filled one at the end; each has a colour and a dash. */
function paintPaths(context: CanvasRenderingContext2D, paths: readonly PathReport[], place: (alpha: number, beta: number) => readonly [number, number] | undefined, palette: Palette, cursor: readonly [number, number] | undefined): void {
  const ratio = devicePixelRatio;
  paths.forEach(({ alpha, beta }, i) => {
    const color = palette.lines[i + 1];
    context.lineJoin = 'round';
    for (const [stroke, width] of [[palette.surface, 4.5], [color, 2.2]] as const) {
      context.strokeStyle = stroke;
      context.lineWidth = width * ratio;
      context.setLineDash(stroke === color && i > 0 ? [6 * ratio, 4 * ratio] : []);
      context.beginPath();
      let pen = false;
      for (let k = 0; k < alpha.length; k++) {
        const at = place(alpha[k], beta[k]);
        if (!at) pen = false;
        else if (pen) context.lineTo(...at);
        else context.moveTo(...at);
        pen = at !== undefined;
      }
      context.stroke();
    }
    context.setLineDash([]);
    for (const [k, isEnd] of [[0, false], [alpha.length - 1, true]] as const) {
      const at = place(alpha[k], beta[k]);
      if (!at) continue;
      context.beginPath();
      context.arc(...at, 5 * ratio, 0, 2 * Math.PI);
      context.fillStyle = isEnd ? color : palette.surface;
      context.strokeStyle = isEnd ? palette.surface : color;
      context.lineWidth = 2 * ratio;
      context.fill();
      context.stroke();
    }
  });
  const at = cursor && place(...cursor);
  if (!at) return;
  const r = 8 * ratio;
  for (const [stroke, width] of [[palette.surface, 4], [palette.text, 1.6]] as const) {
    context.strokeStyle = stroke;
    context.lineWidth = width * ratio;
    context.beginPath();
    context.moveTo(at[0] - r, at[1]);
    context.lineTo(at[0] + r, at[1]);
    context.moveTo(at[0], at[1] - r);
    context.lineTo(at[0], at[1] + r);
    context.stroke();
  }
}
