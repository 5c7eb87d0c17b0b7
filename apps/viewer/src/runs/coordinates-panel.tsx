import { type Coordinate, CoordinatesFigure, type CoordinateScale } from '@gradstream/charts';
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
  const axes = useMemo(() => metricsLast([...columns].reverse(), drawn).map((key) => axisOf(key, drawn)), [drawn, columns]);
  const names = useMemo(() => drawn.map(({ name }) => name), [drawn]);
  const brush = (key: string, brushed: ReturnType<CoordinateScale['between']>) => touch({ filter: withCondition(view.filter, conditionsOf(key, brushed)) });
  return (
    <div className="card coordinates">
      <CoordinatesFigure axes={axes} names={names} words={words.charts} theme={view.theme} onBrush={brush} />
      {runs.length > mostRuns && <p className="note">{words.runs.coordinatesCap(mostRuns, runs.length)}</p>}
    </div>
  );
}

/** An axis whose values are read when they are drawn: those of many runs one axis at a time. */
function axisOf(key: string, runs: readonly RunInfo[]): Coordinate {
  let values: Coordinate['values'] | undefined;
  return {
    key,
    label: labelOf(key),
    get values() {
      return (values ??= runs.map((run) => fieldOf(run, key)));
    },
  };
}

/** Hyper-parameters on the left, what came of them on the right. */
function metricsLast(keys: readonly string[], runs: readonly RunInfo[]): readonly string[] {
  const isMetric = new Set(keys.filter((key) => runs.some(({ summary }) => Object.hasOwn(summary, key))));
  return [...keys.filter((key) => !isMetric.has(key)), ...keys.filter((key) => isMetric.has(key))];
}
