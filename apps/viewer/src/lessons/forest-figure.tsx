import { formatValue } from '@gradstream/charts';
import { useWords } from '../words/words.tsx';
import type { Forest } from './lesson.model.ts';

const rowHeight = 24;
const left = 190;
const width = 760;
const right = 130;

/** A forest plot: a row for each arm with its seeds as dots, its mean and interval, and what the recipe accepts behind them. */
export function ForestFigure({ forest: { metric, minus, rows, domain: [from, to] } }: { readonly forest: Forest }) {
  const words = useWords();
  const x = (value: number): number => left + ((Math.min(to, Math.max(from, value)) - from) / (to - from)) * (width - left - right);
  const height = rows.length * rowHeight + 34;
  const title = minus === undefined ? metric : words.lessons.difference(metric, minus);
  const said = rows.map(({ arm, mean, low, high, values }) => `${arm} ${formatValue(mean)}${values.length > 1 ? ` [${formatValue(low)}, ${formatValue(high)}]` : ''}`).join('; ');
  return (
    <figure className="forest card">
      <figcaption>{title}</figcaption>
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`${title}: ${said}`}>
        {minus !== undefined && <line className="zero" x1={x(0)} x2={x(0)} y1={4} y2={rows.length * rowHeight + 4} />}
        {rows.map(({ arm, mean, low, high, values, band }, i) => {
          const y = i * rowHeight + rowHeight / 2 + 4;
          return (
            <g key={arm}>
              {band && <rect className="band" x={x(band[0] ?? from)} width={Math.max(2, x(band[1] ?? to) - x(band[0] ?? from))} y={y - 9} height={18} rx={3} />}
              <text className="arm" x={left - 10} y={y + 4} textAnchor="end">{arm.length > 28 ? `${arm.slice(0, 27)}…` : arm}</text>
              {values.length > 1 && <line className="interval" x1={x(low)} x2={x(high)} y1={y} y2={y} />}
              {values.map((value, seed) => <circle key={seed} className="seed" cx={x(value)} cy={y + 5} r={2} />)}
              <rect className="mean" x={x(mean) - 4} y={y - 4} width={8} height={8} transform={`rotate(45 ${x(mean)} ${y})`} />
              <text className="number" x={width} y={y + 4} textAnchor="end">{formatValue(mean)}</text>
            </g>
          );
        })}
        {[from, (from + to) / 2, to].map((value, i) => <text key={i} className="tick" x={x(value)} y={height - 8} textAnchor="middle">{formatValue(Number(value.toPrecision(2)))}</text>)}
      </svg>
    </figure>
  );
}
