import { formatValue, paletteOf } from '@gradstream/charts';
import { type KeyboardEvent, type MouseEvent, useRef } from 'react';
import { useWords } from '../../words/words.tsx';
import { Axes, pathOf, scaleOf } from '../axes.tsx';
import { LabFigure } from '../lab-figure.tsx';
import { type BiasVarianceSettings, nearestCapacity } from './bias-variance.settings.ts';
import { descentOf, type Measures, type Population, standardError } from './population.model.ts';

interface StackFigureProps {
  readonly settings: BiasVarianceSettings;
  readonly measured: { readonly population: Population; readonly measures: readonly Measures[] };
  readonly busy: boolean;
  readonly onCapacity: (capacity: number) => void;
  readonly onScale: (scale: 'linear' | 'log') => void;
}

const [width, height, left, right, top, bottom] = [1_080, 340, 56, 14, 30, 40];

/** Noise, bias² and variance on top of each other against capacity; the measured test error as dots, which must lie on the edge. */
export function StackFigure({ settings: { capacity, scale }, measured: { population, measures }, busy, onCapacity, onScale }: StackFigureProps) {
  const own = useWords().biasVariance;
  const palette = paletteOf(document.documentElement);
  const svg = useRef<SVGSVGElement>(null);
  const noise = population.noise ** 2;
  const sum = ({ bias2, variance }: Measures) => noise + bias2 + variance;
  const { before, peak, beyond, share } = descentOf(measures, population.points);
  const greatest = measures.reduce((most, { test, train }) => Math.max(most, test, train), 0);
  const ceiling = Math.min(greatest * 1.08, 1.5 * Math.max(measures[0].test, 3 * before.test));
  const floor = Math.max(1e-4, Math.min(noise / 2 || Infinity, before.test / 4));
  const log = scale === 'log';
  const x = scaleOf([1, 10 * population.points], [left, width - right], true);
  const y = scaleOf(log ? [floor, Math.max(greatest, 2 * floor) * 1.5] : [0, Math.max(ceiling, 1e-9)], [height - bottom, top], log);
  const shown = (value: number) => y(Math.max(value, log ? floor : 0));
  const difference = measures.reduce((most, each) => Math.max(most, Math.abs(each.test - sum(each))), 0);
  const error = standardError(population);
  const px = measures.map((each) => x(each.capacity));
  const area = (low: (of: Measures) => number, high: (of: Measures) => number) => `${pathOf(px, measures.map((each) => shown(high(each))))}${pathOf([...px].reverse(), [...measures].reverse().map((each) => shown(low(each)))).replace('M', 'L')}Z`;
  const areas = [
    { label: own.noiseArea, color: palette.lines[7], pattern: undefined, d: area(() => (log ? floor : 0), () => noise) },
    { label: own.bias2, color: palette.lines[1], pattern: 'M0 8L8 0', d: area(() => noise, ({ bias2 }) => noise + bias2) },
    { label: own.variance, color: palette.lines[0], pattern: 'M2 2h1.6M6 6h1.6', d: area(({ bias2 }) => noise + bias2, sum) },
  ];
  const capacities = measures.map((each) => each.capacity);
  const chosen = measures.find((each) => each.capacity === capacity);
  const choose = ({ clientX }: MouseEvent) => {
    const box = svg.current!.getBoundingClientRect();
    const share = (((clientX - box.left) / box.width) * width - left) / (width - left - right);
    onCapacity(nearestCapacity(capacities, (10 * population.points) ** Math.max(0, Math.min(1, share))));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const by = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
    if (by === undefined) return;
    onCapacity(capacities[Math.max(0, Math.min(capacities.length - 1, capacities.indexOf(capacity) + by))]);
    event.preventDefault();
    event.stopPropagation();
  };
  const clipped = log ? [] : measures.filter((each) => each.test > ceiling);
  const coincide = own.coincide(formatValue(difference), error === 0 ? '0' : (difference / error).toFixed(2));
  const descent = own.descent(formatValue(before.test), before.capacity, formatValue(peak.test), peak.capacity, formatValue(beyond.test), beyond.capacity, beyond.capacity > peak.capacity ? percent(share) : undefined, beyond.test < before.test);
  return (
    <LabFigure
      title={own.stack} busy={busy} className="stack" keys={own.stackKeys} onKeyDown={onKeyDown}
      said={`${coincide} ${descent}${clipped.length > 0 ? ` ${own.clipped(clipped.length, formatValue(ceiling))}` : ''}`}
      table={{ head: [own.capacity, own.bias2, own.variance, own.noiseArea, own.sum, own.test, own.train], rows: measures.map((each) => [each.capacity, each.bias2, each.variance, noise, sum(each), each.test, each.train]) }}
      actions={<button type="button" className="gs-quiet" aria-pressed={log} onClick={() => onScale(log ? 'linear' : 'log')}>{own.log}</button>}
    >
      <svg ref={svg} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`${coincide} ${descent}`} onClick={choose}>
        <clipPath id="stack-clip"><rect x={left} y={top} width={width - left - right} height={height - top - bottom} /></clipPath>
        <Axes x={x} y={y} xLabel={own.capacityAxis} yLabel={own.errorAxis} palette={palette} />
        <g clipPath="url(#stack-clip)">
          {areas.map(({ label, color, pattern, d }, i) => (
            <g key={label}>
              {pattern && <pattern id={`stack-${i}`} width={8} height={8} patternUnits="userSpaceOnUse"><path d={pattern} stroke={color} strokeWidth={1.6} strokeOpacity={0.7} /></pattern>}
              <path d={d} fill={color} fillOpacity={0.22} stroke={color} strokeWidth={1} />
              {pattern && <path d={d} fill={`url(#stack-${i})`} />}
            </g>
          ))}
          <path d={`M${x(population.points)} ${top}V${height - bottom}`} stroke={palette.text} strokeDasharray="6 4" />
          {chosen && <path d={`M${x(capacity)} ${top}V${height - bottom}`} stroke={palette.lines[1]} strokeWidth={2} />}
          <path d={pathOf(px, measures.map(({ train }) => shown(train)))} fill="none" stroke={palette.lines[2]} strokeWidth={1.8} strokeDasharray="7 3 2 3" />
          {measures.map(({ capacity, test }) => test <= (log ? Infinity : ceiling) && <circle key={capacity} data-test={capacity} cx={x(capacity)} cy={shown(test)} r={3.4} fill={palette.surface} stroke={palette.text} strokeWidth={1.6} />)}
        </g>
        {clipped.map(({ capacity }) => <path key={capacity} d={`M${x(capacity) - 4} ${top + 8}l4 -7l4 7Z`} fill={palette.text} />)}
        <g fontSize={11} fill={palette.text}>
          <text x={x(population.points) + 5} y={height - bottom - 8} stroke={palette.surface} strokeWidth={3} paintOrder="stroke">{own.threshold(population.points)}</text>
          {areas.map(({ label, color }, i) => <g key={label}><rect x={left + 210 + i * 100} y={5} width={14} height={10} fill={color} fillOpacity={0.22} stroke={color} />{i > 0 && <rect x={left + 210 + i * 100} y={5} width={14} height={10} fill={`url(#stack-${i})`} />}<text x={left + 230 + i * 100} y={14}>{label}</text></g>)}
          <circle cx={left + 520} cy={10} r={3.4} fill={palette.surface} stroke={palette.text} strokeWidth={1.6} /><text x={left + 530} y={14}>{own.test}</text>
          <path d={`M${left + 690} 10h22`} stroke={palette.lines[2]} strokeWidth={1.8} strokeDasharray="7 3 2 3" /><text x={left + 718} y={14}>{own.train}</text>
        </g>
      </svg>
    </LabFigure>
  );
}

/** A share in percent, never rounded up to all of it. */
const percent = (share: number): string => (share > 0.995 ? (Math.floor(share * 1e6) / 1e4).toFixed(4).replace(/0+$/, '') : (100 * share).toFixed(0));
