import { formatValue, lineStyle, type Palette, paletteOf } from '@gradstream/charts';
import { type MouseEvent, useEffect, useMemo, useRef } from 'react';
import { rgbOf } from '../../train/surface.model.ts';
import { useWords } from '../../words/words.tsx';
import type { Path } from './place.ts';
import type { RaceSettings } from './race.settings.ts';
import type { DescentSurface } from './surfaces.ts';

interface RaceFigureProps {
  readonly settings: RaceSettings;
  readonly paths: readonly Path[];
  readonly at: number;
  readonly theme: string;
  readonly onStart: (start: readonly [number, number]) => void;
}

/** The surface in bands of equal ratio, and the ways of the optimizers up to a step. */
export function RaceFigure({ settings, paths, at, theme, onStart }: RaceFigureProps) {
  const words = useWords();
  const canvas = useRef<HTMLCanvasElement>(null);
  const { surface, racing } = settings;
  const ground = useRef<{ readonly key: string; readonly image: OffscreenCanvas }>(undefined);
  const draw = useMemo(() => () => {
    const element = canvas.current;
    if (!element) return;
    const palette = paletteOf(element);
    const width = Math.round(element.clientWidth * devicePixelRatio);
    const height = Math.round(element.clientHeight * devicePixelRatio);
    if (width === 0) return;
    if (element.width !== width || element.height !== height) Object.assign(element, { width, height });
    const key = [surface.name, width, height, palette.surface].join();
    if (ground.current?.key !== key) ground.current = { key, image: paintGround(surface, width, height, palette) };
    const context = element.getContext('2d')!;
    context.drawImage(ground.current.image, 0, 0);
    paintPaths(context, settings, paths, at, width, height, palette);
  }, [settings, paths, at, surface]);
  useEffect(() => {
    draw();
    const size = new ResizeObserver(draw);
    size.observe(canvas.current!);
    return () => size.disconnect();
  }, [draw, theme]);
  const choose = ({ nativeEvent: { offsetX, offsetY } }: MouseEvent<HTMLCanvasElement>) => {
    const [x0, x1, y0, y1] = surface.bounds;
    const { clientWidth, clientHeight } = canvas.current!;
    onStart([x0 + (offsetX / clientWidth) * (x1 - x0), y1 - (offsetY / clientHeight) * (y1 - y0)]);
  };
  const said = words.race.summary(words.race.surfaces[surface.name], at, racing.map(({ name }, i) => words.race.place(name, formatValue(paths[i]?.values[at] ?? NaN))).join(', '));
  return (
    <figure className="card race">
      <figcaption className="gs-caption"><span className="gs-title">{words.race.surfaces[surface.name]}</span><span className="gs-place">f = {surface.formula}</span></figcaption>
      <canvas ref={canvas} role="img" aria-label={said} onClick={choose} />
      <p className="note">{said}</p>
    </figure>
  );
}

/** Bands: the value above the least in the picture, on a logarithmic scale, in 22 steps. */
function paintGround({ value, bounds: [x0, x1, y0, y1] }: DescentSurface, width: number, height: number, { surface, lines }: Palette): OffscreenCanvas {
  const image = new OffscreenCanvas(width, height);
  const context = image.getContext('2d')!;
  const pixels = context.createImageData(width, height);
  const levels = new Float64Array(width * height);
  let [least, greatest] = [Infinity, -Infinity];
  for (let i = 0; i < levels.length; i++) {
    const z = value(x0 + ((i % width) + 0.5) * (x1 - x0) / width, y1 - (Math.floor(i / width) + 0.5) * (y1 - y0) / height);
    levels[i] = z;
    if (z < least) least = z;
    if (z > greatest) greatest = z;
  }
  const floor = (greatest - least) * 2e-5;
  const [low, high] = [Math.log(floor), Math.log(greatest - least + floor)];
  const [ground, ink] = [rgbOf(surface), rgbOf(lines[0])];
  for (let i = 0; i < levels.length; i++) {
    const band = Math.floor(22 * (1 - (Math.log(levels[i] - least + floor) - low) / (high - low))) / 22;
    for (let k = 0; k < 3; k++) pixels.data[i * 4 + k] = ground[k] + (ink[k] - ground[k]) * band * 0.5;
    pixels.data[i * 4 + 3] = 255;
  }
  context.putImageData(pixels, 0, 0);
  return image;
}

function paintPaths(context: CanvasRenderingContext2D, { surface: { bounds: [x0, x1, y0, y1], minimum }, racing }: RaceSettings, paths: readonly Path[], at: number, width: number, height: number, palette: Palette): void {
  const ratio = devicePixelRatio;
  const px = (x: number) => ((x - x0) / (x1 - x0)) * width;
  const py = (y: number) => ((y1 - y) / (y1 - y0)) * height;
  if (minimum) {
    context.strokeStyle = palette.text;
    context.lineWidth = 1.5 * ratio;
    const [x, y, r] = [px(minimum[0]), py(minimum[1]), 5 * ratio];
    context.beginPath();
    context.moveTo(x - r, y);
    context.lineTo(x + r, y);
    context.moveTo(x, y - r);
    context.lineTo(x, y + r);
    context.stroke();
  }
  paths.forEach(({ places }, i) => {
    // There are more racers than colours: those of a second round are dashed.
    const { color, dash } = lineStyle(palette, racing[i].color);
    context.lineJoin = 'round';
    for (const [stroke, lineWidth] of [[palette.surface, 4], [color, 2]] as const) {
      context.strokeStyle = stroke;
      context.lineWidth = lineWidth * ratio;
      context.setLineDash(stroke === color ? dash.map((length) => length * ratio) : []);
      context.beginPath();
      for (let step = 0; step <= at && Number.isFinite(places[2 * step]); step++) {
        if (step === 0) context.moveTo(px(places[0]), py(places[1]));
        else context.lineTo(px(places[2 * step]), py(places[2 * step + 1]));
      }
      context.stroke();
    }
  });
  context.setLineDash([]);
  paths.forEach(({ places }, i) => {
    if (!Number.isFinite(places[2 * at])) return;
    context.beginPath();
    context.arc(px(places[2 * at]), py(places[2 * at + 1]), 5 * ratio, 0, 2 * Math.PI);
    context.fillStyle = palette.lines[racing[i].color % palette.lines.length];
    context.strokeStyle = palette.surface;
    context.lineWidth = 2 * ratio;
    context.fill();
    context.stroke();
  });
}
