import { formatValue, paletteOf } from '@gradstream/charts';
import { useWords } from '../../words/words.tsx';
import { LabFigure } from '../lab-figure.tsx';
import type { BiasVarianceSettings } from './bias-variance.settings.ts';
import { truths } from './families.ts';
import { inputs } from './population.model.ts';

interface TargetFigureProps {
  readonly settings: BiasVarianceSettings;
  readonly predictions: readonly Float64Array[];
  readonly busy: boolean;
}

const [side, middle, outer] = [400, 200, 168];

/** A dot for each model: what it says at two inputs, about the truth there. */
export function TargetFigure({ settings: { population, capacity, at: [a, b] }, predictions, busy }: TargetFigureProps) {
  const own = useWords().biasVariance;
  const palette = paletteOf(document.documentElement);
  const truth = [a, b].map((i) => truths[population.truth](inputs[i]));
  const dots = predictions.map((row) => [row[a] - truth[0], row[b] - truth[1]] as const);
  const mean = [0, 1].map((k) => dots.reduce((sum, dot) => sum + dot[k], 0) / Math.max(1, dots.length));
  const variance = dots.reduce((sum, dot) => sum + (dot[0] - mean[0]) ** 2 + (dot[1] - mean[1]) ** 2, 0) / Math.max(1, dots.length);
  const bias2 = mean[0] ** 2 + mean[1] ** 2;
  const ring = ringOf(dots.map((dot) => Math.hypot(...dot)));
  const outside = dots.filter((dot) => Math.hypot(...dot) > 3 * ring).length;
  const p = (value: number) => (value / (3 * ring)) * outer;
  const place = ([dx, dy]: readonly number[]) => ({ cx: middle + p(dx), cy: middle - p(dy) });
  const said = dots.length === 0 ? own.computing : own.targetSaid(dots.length, capacity, formatValue(bias2), formatValue(variance), formatValue(ring), outside);
  const shown = dots.filter((dot) => Math.hypot(...dot) <= 3 * ring);
  return (
    <LabFigure
      title={own.target} said={said} busy={busy} className="target"
      table={{ head: [own.model, own.outputAt(formatValue(inputs[a])), own.outputAt(formatValue(inputs[b]))], rows: predictions.map((row, i) => [i + 1, row[a], row[b]]) }}
    >
      <svg viewBox={`0 0 ${side} ${side}`} role="img" aria-label={said}>
        <g fill="none" stroke={palette.faint} strokeOpacity={0.7}>
          {[1, 2, 3].map((k) => <circle key={k} cx={middle} cy={middle} r={(k * outer) / 3} fill={palette.lines[0]} fillOpacity={0.05} />)}
          <path d={`M${middle - outer} ${middle}h${2 * outer}M${middle} ${middle - outer}v${2 * outer}`} strokeDasharray="2 4" />
        </g>
        <g fill={palette.lines[0]} fillOpacity={0.6}>{shown.map((dot, i) => <circle key={i} {...place(dot)} r={3.2} />)}</g>
        <path d={`M${middle - 7} ${middle}h14M${middle} ${middle - 7}v14`} stroke={palette.text} strokeWidth={2} />
        {dots.length > 0 && Math.hypot(...mean) <= 3 * ring && (
          <>
            <path d={`M${middle} ${middle}L${place(mean).cx} ${place(mean).cy}`} stroke={palette.lines[1]} strokeWidth={2} />
            <rect x={place(mean).cx - 6} y={place(mean).cy - 6} width={12} height={12} fill={palette.lines[1]} stroke={palette.surface} strokeWidth={2} transform={`rotate(45 ${place(mean).cx} ${place(mean).cy})`} />
          </>
        )}
        <g fontSize={11} fill={palette.text} textAnchor="middle">
          {[1, 2, 3].map((k) => <text key={k} x={middle} y={middle - (k * outer) / 3 + 4} stroke={palette.surface} strokeWidth={3} paintOrder="stroke">{formatValue(k * ring)}</text>)}
          <text x={middle} y={side - 6}>{own.outputAt(formatValue(inputs[a]))}</text>
          <text transform={`translate(14 ${middle}) rotate(-90)`}>{own.outputAt(formatValue(inputs[b]))}</text>
        </g>
      </svg>
    </LabFigure>
  );
}

/** A round distance of which three hold nineteen in twenty of the dots. */
function ringOf(distances: readonly number[]): number {
  const sorted = [...distances].filter(Number.isFinite).sort((a, b) => a - b);
  const needed = Math.max(1e-6, sorted[Math.ceil(0.95 * sorted.length) - 1] ?? 1) / 3;
  const power = 10 ** Math.floor(Math.log10(needed));
  return [1, 2, 5, 10].map((m) => m * power).find((step) => step >= needed)!;
}
