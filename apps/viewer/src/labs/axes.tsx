import { type Palette, type Range, ticksOf } from '@gradstream/charts';

/** A place on the page for each value of a range. */
export type Scale = ((value: number) => number) & { readonly domain: Range; readonly log: boolean };

export function scaleOf(domain: Range, range: Range, log = false): Scale {
  const of = log ? Math.log : (value: number) => value;
  const [a, b] = domain.map(of);
  return Object.assign((value: number) => range[0] + ((of(value) - a) / (b - a)) * (range[1] - range[0]), { domain, log });
}

/** A path through points; what is not finite is left out, and what is far off the page is brought near. */
export function pathOf(xs: ArrayLike<number>, ys: ArrayLike<number>): string {
  let out = '';
  for (let i = 0; i < xs.length; i++) if (Number.isFinite(xs[i]) && !Number.isNaN(ys[i])) out += `${out === '' ? 'M' : 'L'}${xs[i].toFixed(1)} ${Math.max(-9_999, Math.min(9_999, ys[i])).toFixed(1)}`;
  return out;
}

interface AxesProps {
  readonly x: Scale;
  readonly y: Scale;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly palette: Palette;
}

/** Grid, ticks and names of two axes. */
export function Axes({ x, y, xLabel, yLabel, palette: { grid, faint } }: AxesProps) {
  const [[left, right], [bottom, top]] = [x.domain.map(x), y.domain.map(y)];
  return (
    <g className="axes" fontSize={11} fill={faint} aria-hidden="true">
      {ticksOf(y.domain, y.log).map(({ at, label }) => (
        <g key={at}><path d={`M${left} ${y(at)}H${right}`} stroke={grid} /><text x={left - 6} y={y(at) + 4} textAnchor="end">{label}</text></g>
      ))}
      {(x.log ? wholeTicks(x.domain) : ticksOf(x.domain, false)).map(({ at, label }) => (
        <g key={at}><path d={`M${x(at)} ${bottom}v4`} stroke={faint} /><text x={x(at)} y={bottom + 16} textAnchor="middle">{label}</text></g>
      ))}
      <path d={`M${left} ${bottom}H${right}`} stroke={faint} />
      <text x={right} y={bottom + 32} textAnchor="end">{xLabel}</text>
      <text x={left} y={top - 8} textAnchor="start">{yLabel}</text>
    </g>
  );
}

/** 1, 2, 5, 10 … on a logarithmic axis of counts. */
const wholeTicks = ([low, high]: Range) => [1, 2, 5, 10, 20, 50, 100, 200, 500].filter((at) => at >= low && at <= high).map((at) => ({ at, label: String(at) }));
