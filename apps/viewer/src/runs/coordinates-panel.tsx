import { CoordinatesFigure, type CoordinateScale } from '@gradstream/charts';
import type { RunInfo } from '@gradstream/protocol';
import { useMemo } from 'react';
import type { View } from '../view/view.model.ts';
import { touch } from '../view/view.store.ts';
import { useWords } from '../words/words.tsx';
import { fieldOf, labelOf } from './fields.model.ts';
import { conditionsOf, withCondition } from './filter.model.ts';

/** Lines that are drawn, at most. */
const mostRuns = 10_000;

/** The runs of the list over its columns; a brush writes itself into the filter. */
export function CoordinatesPanel({ runs, columns, view }: { readonly runs: readonly RunInfo[]; readonly columns: readonly string[]; readonly view: View }) {
  const words = useWords();
  const drawn = useMemo(() => runs.slice(0, mostRuns), [runs]);
  const axes = useMemo(() => [...columns].reverse().sort(metricsLast(drawn)).map((key) => ({ key, label: labelOf(key), values: drawn.map((run) => fieldOf(run, key)) })), [drawn, columns]);
  const names = useMemo(() => drawn.map(({ name }) => name), [drawn]);
  const brush = (key: string, brushed: ReturnType<CoordinateScale['between']>) => touch({ filter: withCondition(view.filter, conditionsOf(key, brushed)) });
  return (
    <div className="card coordinates">
      <CoordinatesFigure axes={axes} names={names} words={words.charts} theme={view.theme} onBrush={brush} />
      {runs.length > mostRuns && <p className="note">{words.runs.coordinatesCap(mostRuns, runs.length)}</p>}
    </div>
  );
}

/** Hyper-parameters on the left, what came of them on the right. */
const metricsLast = (runs: readonly RunInfo[]) => (a: string, b: string): number => Number(isMetric(runs, a)) - Number(isMetric(runs, b));
const isMetric = (runs: readonly RunInfo[], key: string): boolean => runs.some(({ summary }) => Object.hasOwn(summary, key));
