import { formatValue, paletteOf } from '@gradstream/charts';
import { type MouseEvent, useEffect, useMemo, useRef, useState } from 'react';
import { rgbOf } from '../../train/surface.model.ts';
import { useWords } from '../../words/words.tsx';
import { condition, greatestRate, plane, stabilityBowl, stabilitySteps } from './plane.ts';
import { RaceFigure } from './race-figure.tsx';
import type { StabilityAnswer, StabilityRequest } from './stability.worker.ts';

interface StabilityFigureProps {
  readonly rate: number;
  readonly beta: number;
  readonly theme: string;
  readonly onChoose: (chosen: StabilityRequest) => void;
}

/** The plane of learning rate and momentum: how fast momentum converges on a bowl, measured, and where theory says it no longer does. */
export function StabilityFigure({ rate, beta, theme, onChoose }: StabilityFigureProps) {
  const words = useWords();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [hovered, setHovered] = useState<StabilityRequest>();
  const shown = hovered ?? { rate, beta };
  const { rows, answer } = useStability(shown);
  useEffect(() => {
    const draw = () => paintPlane(canvas.current!, rows, shown);
    draw();
    const size = new ResizeObserver(draw);
    size.observe(canvas.current!);
    return () => size.disconnect();
  }, [rows, shown.rate, shown.beta, theme]);
  const placeOf = ({ nativeEvent: { offsetX, offsetY } }: MouseEvent<HTMLCanvasElement>): StabilityRequest => {
    const { clientWidth, clientHeight } = canvas.current!;
    const inside = (share: number) => Math.max(0, Math.min(1, share));
    return { beta: Number((plane.mostMomentum * inside(offsetX / clientWidth)).toFixed(3)), rate: Number((plane.mostRate * Math.max(0.002, inside(1 - offsetY / clientHeight))).toPrecision(3)) };
  };
  const settings = useMemo(() => ({ surface: stabilityBowl, start: stabilityBowl.start, steps: stabilitySteps, at: stabilitySteps, racing: [{ name: 'momentum', color: 1, rate: shown.rate }] }), [shown.rate]);
  const said = words.race.stability.said(formatValue(shown.rate), formatValue(shown.beta), answer && (answer.perStep < 1 ? formatValue(Number(answer.perStep.toPrecision(4))) : undefined), formatValue(Number(greatestRate(shown.beta).toPrecision(3))));
  return (
    <section className="stability" aria-labelledby="stability-title">
      <h2 id="stability-title">{words.race.stability.title}</h2>
      <p className="note">{words.race.stability.hint(condition)}</p>
      <div className="race-grid">
        <figure className="card race">
          <figcaption className="gs-caption"><span className="gs-title">{words.race.stability.plane}</span></figcaption>
          <canvas ref={canvas} role="img" aria-label={words.race.stability.plane} data-rows={rows.length} onPointerMove={(event) => setHovered(placeOf(event))} onPointerLeave={() => setHovered(undefined)} onClick={(event) => onChoose(placeOf(event))} />
          <div className="controls">
            <label className="field rate">β<input type="range" aria-label={words.race.stability.momentum} min={0} max={plane.mostMomentum} step={0.01} value={shown.beta} onChange={(event) => onChoose({ rate, beta: Number(event.target.value) })} /><output>{formatValue(shown.beta)}</output></label>
            <label className="field rate">α<input type="range" aria-label={words.race.rate} min={0.001} max={plane.mostRate} step={0.001} value={shown.rate} onChange={(event) => onChoose({ beta, rate: Number(event.target.value) })} /><output>{formatValue(shown.rate)}</output></label>
          </div>
          <p className="note" role="status">{said}</p>
        </figure>
        <RaceFigure settings={settings} paths={answer ? [answer.path] : []} at={stabilitySteps} theme={theme} onStart={() => undefined} />
      </div>
    </section>
  );
}

type PathAnswer = Extract<StabilityAnswer, { type: 'path' }>;

/** What the worker has measured so far, and the way of momentum at a place; the last answer stays until the next comes. */
function useStability({ rate, beta }: StabilityRequest): { readonly rows: readonly (readonly number[])[]; readonly answer: PathAnswer | undefined } {
  const [rows, setRows] = useState<readonly (readonly number[])[]>([]);
  const [answer, setAnswer] = useState<PathAnswer>();
  const worker = useRef<Worker>(undefined);
  useEffect(() => {
    const made = new Worker(new URL('./stability.worker.ts', import.meta.url), { type: 'module' });
    made.onmessage = ({ data }: MessageEvent<StabilityAnswer>) => (data.type === 'row' ? setRows((rows) => [...rows.slice(0, data.row), data.rates]) : setAnswer(data));
    worker.current = made;
    return () => made.terminate();
  }, []);
  useEffect(() => worker.current!.postMessage({ rate, beta } satisfies StabilityRequest), [rate, beta]);
  return { rows, answer };
}

/** Momentum to the right, learning rate upwards. The faster a cell converges the darker; what does not is left empty. */
function paintPlane(canvas: HTMLCanvasElement, rows: readonly (readonly number[])[], { rate, beta }: StabilityRequest): void {
  const palette = paletteOf(canvas);
  const ratio = devicePixelRatio;
  const [width, height] = [Math.round(canvas.clientWidth * ratio), Math.round(canvas.clientHeight * ratio)];
  if (width === 0) return;
  Object.assign(canvas, { width, height });
  const context = canvas.getContext('2d')!;
  const [ground, ink] = [rgbOf(palette.surface), rgbOf(palette.lines[0])];
  context.fillStyle = palette.surface;
  context.fillRect(0, 0, width, height);
  const [cellWidth, cellHeight] = [width / plane.columns, height / plane.rows];
  rows.forEach((rates, row) => rates.forEach((perStep, column) => {
    if (!(perStep < 1)) return;
    // Decades lost in ten steps, from none to three.
    const depth = 0.12 + 0.75 * Math.min(1, (-10 * Math.log10(Math.max(perStep, 1e-9))) / 3);
    context.fillStyle = `rgb(${ground.map((from, k) => Math.round(from + (ink[k] - from) * depth)).join(' ')})`;
    context.fillRect(Math.floor(column * cellWidth), Math.floor(height - (row + 1) * cellHeight), Math.ceil(cellWidth), Math.ceil(cellHeight));
  }));
  const px = (momentum: number) => (momentum / plane.mostMomentum) * width;
  const py = (learningRate: number) => height - (learningRate / plane.mostRate) * height;
  context.strokeStyle = palette.lines[1];
  context.lineWidth = 2.5 * ratio;
  context.beginPath();
  context.moveTo(px(0), py(greatestRate(0)));
  context.lineTo(px(plane.mostMomentum), py(greatestRate(plane.mostMomentum)));
  context.stroke();
  for (const [stroke, lineWidth] of [[palette.surface, 5], [palette.text, 2]] as const) {
    context.strokeStyle = stroke;
    context.lineWidth = lineWidth * ratio;
    context.beginPath();
    context.arc(px(beta), py(rate), 6 * ratio, 0, 2 * Math.PI);
    context.stroke();
  }
}
