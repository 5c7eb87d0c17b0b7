import { formatValue, paletteOf } from '@gradstream/charts';
import { type KeyboardEvent, type PointerEvent, useRef } from 'react';
import { useWords } from '../../words/words.tsx';
import { Axes, pathOf, scaleOf } from '../axes.tsx';
import { LabFigure } from '../lab-figure.tsx';
import { type BiasVarianceSettings, frame } from './bias-variance.settings.ts';
import { truths } from './families.ts';
import { inputs, placesOf, targetsOf } from './population.model.ts';

interface FitsFigureProps {
  readonly settings: BiasVarianceSettings;
  /** What each model says at `inputs`. */
  readonly predictions: readonly Float64Array[];
  readonly busy: boolean;
  /** Puts a point of the data elsewhere; without a place it goes back. */
  readonly onMove: (index: number, to?: { readonly x: number; readonly y: number }) => void;
}

const [width, height, left, right, top, bottom] = [640, 400, 44, 12, 22, 40];

/** All fits of one capacity with their mean and the truth, over one data set whose points can be moved. */
export function FitsFigure({ settings: { population, capacity, at }, predictions, busy, onMove }: FitsFigureProps) {
  const words = useWords();
  const own = words.biasVariance;
  const palette = paletteOf(document.documentElement);
  const svg = useRef<SVGSVGElement>(null);
  const dragged = useRef<number>(undefined);
  const x = scaleOf(frame.x, [left, width - right]);
  const y = scaleOf(frame.y, [height - bottom, top]);
  const truth = truths[population.truth];
  const places = placesOf(population);
  const targets = targetsOf(population, places, 0).map((value) => Math.max(frame.y[0], Math.min(frame.y[1], value)));
  const order = Array.from(places.keys()).sort((a, b) => places[a] - places[b]);
  const px = inputs.map(x);
  const means = predictions.length > 0 ? inputs.map((_, i) => predictions.reduce((sum, row) => sum + row[i], 0) / predictions.length) : new Float64Array();
  const place = ({ clientX, clientY }: PointerEvent) => {
    const box = svg.current!.getBoundingClientRect();
    const [u, v] = [((clientX - box.left) / box.width) * width, ((clientY - box.top) / box.height) * height];
    return { x: (u - left) / (width - left - right), y: frame.y[1] - ((v - top) / (height - top - bottom)) * (frame.y[1] - frame.y[0]) };
  };
  const onKeyDown = (event: KeyboardEvent<SVGGElement>, index: number) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const by = event.shiftKey ? 5 : 1;
    const [dx, dy] = ({ ArrowLeft: [-0.01, 0], ArrowRight: [0.01, 0], ArrowUp: [0, 0.05], ArrowDown: [0, -0.05] } as Readonly<Record<string, readonly [number, number]>>)[event.key] ?? [0, 0];
    const turn = { PageUp: -1, PageDown: 1 }[event.key];
    if (dx !== 0 || dy !== 0) onMove(index, { x: places[index] + by * dx, y: targets[index] + by * dy });
    else if (event.key === 'Delete' || event.key === 'Backspace') onMove(index);
    else if (turn) svg.current!.querySelector<SVGGElement>(`[data-point="${order[(order.indexOf(index) + turn + order.length) % order.length]}"]`)!.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const spread = (i: number) => Math.sqrt(predictions.reduce((sum, row) => sum + (row[i] - means[i]) ** 2, 0) / predictions.length);
  const said = predictions.length === 0 ? own.computing : own.fitsSaid(population.models, capacity, ...([0, 1] as const).map((k) => own.fitAt(formatValue(inputs[at[k]]), formatValue(means[at[k]]), formatValue(spread(at[k])), formatValue(truth(inputs[at[k]])))) as [string, string]);
  return (
    <LabFigure
      title={own.fits} said={said} busy={busy} className="fits" keys={own.fitsKeys}
      table={{ head: [own.input, own.truthLine, own.mean, own.deviation, own.oneFit], rows: Array.from(inputs, (at, i) => [at, truth(at), means[i] ?? NaN, means.length > 0 ? spread(i) : NaN, predictions[0]?.[i] ?? NaN]) }}
    >
      <svg ref={svg} viewBox={`0 0 ${width} ${height}`} role="group" aria-label={own.fits}>
        <clipPath id="fits-clip"><rect x={left} y={top} width={width - left - right} height={height - top - bottom} /></clipPath>
        <Axes x={x} y={y} xLabel={own.input} yLabel={own.output} palette={palette} />
        <g clipPath="url(#fits-clip)" fill="none" strokeLinejoin="round" aria-hidden="true">
          {([0, 1] as const).map((k) => <path key={k} d={`M${px[at[k]]} ${top}V${height - bottom}`} stroke={palette.faint} strokeDasharray={k === 0 ? '1 4' : '5 4'} />)}
          <path className="many" d={predictions.map((row) => pathOf(px, row.map(y))).join('')} stroke={palette.lines[0]} strokeWidth={0.8} strokeOpacity={0.28} />
          {predictions.length > 0 && <path d={pathOf(px, predictions[0].map(y))} stroke={palette.lines[1]} strokeWidth={1.6} />}
          <path d={pathOf(px, inputs.map((at) => y(truth(at))))} stroke={palette.text} strokeWidth={2} strokeDasharray="2 4" />
          {means.length > 0 && <path className="mean" d={pathOf(px, means.map(y))} stroke={palette.lines[0]} strokeWidth={2.6} strokeDasharray="9 4" />}
        </g>
        {order.map((index, rank) => (
          <g
            key={index} data-point={index} className="point" role="slider" tabIndex={rank === 0 ? 0 : -1} aria-label={own.point(rank + 1)} aria-orientation="vertical"
            aria-valuemin={frame.y[0]} aria-valuemax={frame.y[1]} aria-valuenow={Number(targets[index].toFixed(3))} aria-valuetext={own.pointAt(formatValue(Number(places[index].toFixed(3))), formatValue(Number(targets[index].toFixed(3))))}
            onKeyDown={(event) => onKeyDown(event, index)}
            onPointerDown={(event) => { dragged.current = index; event.currentTarget.setPointerCapture(event.pointerId); }}
            onPointerMove={(event) => { if (dragged.current === index) onMove(index, place(event)); }}
            onPointerUp={() => { dragged.current = undefined; }}
            onDoubleClick={() => onMove(index)}
          >
            <circle cx={x(places[index])} cy={y(targets[index])} r={11} fill="transparent" />
            {population.moved.some((each) => each.index === index)
              ? <rect x={x(places[index]) - 5} y={y(targets[index]) - 5} width={10} height={10} transform={`rotate(45 ${x(places[index])} ${y(targets[index])})`} fill={palette.lines[1]} stroke={palette.surface} strokeWidth={1.5} />
              : <circle cx={x(places[index])} cy={y(targets[index])} r={4.5} fill={palette.lines[1]} stroke={palette.surface} strokeWidth={1.5} />}
          </g>
        ))}
        <g fontSize={11} fill={palette.text} aria-hidden="true">
          {([[own.truthLine, palette.text, '2 4', 2], [own.mean, palette.lines[0], '9 4', 2.6], [own.eachFit, palette.lines[0], '', 0.8], [own.oneFit, palette.lines[1], '', 1.6]] as const).map(([label, stroke, dash, strokeWidth], i) => (
            <g key={label}><path d={`M${left + 100 + i * 120} ${top - 11}h22`} stroke={stroke} strokeWidth={strokeWidth} strokeDasharray={dash} /><text x={left + 127 + i * 120} y={top - 7}>{label}</text></g>
          ))}
        </g>
      </svg>
    </LabFigure>
  );
}
