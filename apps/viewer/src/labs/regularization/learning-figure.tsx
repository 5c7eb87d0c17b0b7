import { formatValue, paletteOf, ticksOf } from '@gradstream/charts';
import { useWords } from '../../words/words.tsx';
import { pathOf, scaleOf } from '../axes.tsx';
import { LabFigure } from '../lab-figure.tsx';
import { Multiples, panel } from './multiples.tsx';
import type { Training } from './training.store.ts';

interface LearningFigureProps {
  readonly training: Training;
  readonly epochs: number;
  /** The epoch that is shown elsewhere. */
  readonly at: number;
  readonly measure: 'loss' | 'error';
  readonly busy: boolean;
  readonly onMeasure: (measure: 'loss' | 'error') => void;
}

/** Train and validation of each arm against epochs, on one scale. */
export function LearningFigure({ training: { epochs: all }, epochs, at, measure, busy, onMeasure }: LearningFigureProps) {
  const words = useWords().regularization;
  const palette = paletteOf(document.documentElement);
  const names = all.at(-1)?.standings.map(({ name }) => name) ?? [];
  const valuesOf = (arm: number, split: 'train' | 'validation') => all.map(({ standings }) => standings[arm][split][measure]);
  const sorted = names.flatMap((_, arm) => [...valuesOf(arm, 'train'), ...valuesOf(arm, 'validation')]).filter(Number.isFinite).sort((a, b) => a - b);
  const top = (sorted[Math.floor(0.99 * (sorted.length - 1))] ?? 1) * 1.1;
  const x = scaleOf([0, epochs], [panel.left, panel.width - panel.right]);
  const y = scaleOf([0, Math.max(top, 1e-6)], [panel.height - panel.bottom, panel.top]);
  const px = all.map(({ epoch }) => x(epoch));
  const last = all.at(-1)?.standings ?? [];
  const best = last.reduce<(typeof last)[number] | undefined>((a, b) => (a && a.validation[measure] <= b.validation[measure] ? a : b), undefined);
  const none = last.find(({ name }) => name === 'none');
  const said = best ? words.learningSaid(words.measures[measure], words.arms[best.name], formatValue(best.validation[measure]), none && formatValue(none.validation[measure]), !busy) : words.starting;
  return (
    <LabFigure
      title={words.learning} said={said} busy={busy} className="multiples"
      table={{ head: [words.arm, words.epoch, words.trainLoss, words.validationLoss, words.trainError, words.validationError], rows: last.map(({ name, epoch, train, validation }) => [words.arms[name], epoch, train.loss, validation.loss, train.error, validation.error]) }}
      actions={(['loss', 'error'] as const).map((each) => <button key={each} type="button" className="gs-quiet" aria-pressed={measure === each} onClick={() => onMeasure(each)}>{words.measures[each]}</button>)}
    >
      <Multiples names={names.map((name) => words.arms[name])} label={said} palette={palette}>
        {(arm) => (
          <>
            <g className="axes" fontSize={9} fill={palette.faint}>
              {ticksOf(y.domain, false).filter((_, i, { length }) => length < 5 || i % 2 === 0).map(({ at, label }) => <g key={at}><path d={`M${panel.left} ${y(at)}H${panel.width - panel.right}`} stroke={palette.grid} /><text x={panel.left - 4} y={y(at) + 3} textAnchor="end">{label}</text></g>)}
              <text x={panel.left} y={panel.height - 8}>0</text><text x={panel.width - panel.right} y={panel.height - 8} textAnchor="end">{epochs}</text>
            </g>
            <path d={`M${x(Math.min(at, epochs))} ${panel.top}V${panel.height - panel.bottom}`} stroke={palette.faint} strokeDasharray="2 3" />
            {none && names[arm] !== 'none' && <path d={pathOf(px, valuesOf(names.indexOf('none'), 'validation').map((value) => Math.max(panel.top, y(value))))} fill="none" stroke={palette.faint} strokeWidth={1} strokeOpacity={0.7} />}
            <path d={pathOf(px, valuesOf(arm, 'train').map((value) => Math.max(panel.top, y(value))))} fill="none" stroke={palette.lines[0]} strokeWidth={1.5} />
            <path d={pathOf(px, valuesOf(arm, 'validation').map((value) => Math.max(panel.top, y(value))))} fill="none" stroke={palette.lines[1]} strokeWidth={1.8} strokeDasharray="6 3" />
            {arm === 0 && (
              <g fontSize={9} fill={palette.text}>
                <path d={`M${panel.width - 128} 10h12`} stroke={palette.lines[0]} strokeWidth={1.5} /><text x={panel.width - 113} y={13}>{words.train}</text>
                <path d={`M${panel.width - 86} 10h16`} stroke={palette.lines[1]} strokeWidth={1.8} strokeDasharray="6 3" /><text x={panel.width - 67} y={13}>{words.validation}</text>
              </g>
            )}
          </>
        )}
      </Multiples>
    </LabFigure>
  );
}
