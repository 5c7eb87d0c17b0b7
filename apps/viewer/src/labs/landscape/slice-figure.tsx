import { type Annotation, Crosshair, Curve, CurveFigure, type CurveLine, splitStyle } from '@gradstream/charts';
import { useMemo } from 'react';
import { loop } from '../../run/curve-panels.tsx';
import type { View } from '../../view/view.model.ts';
import { touch } from '../../view/view.store.ts';
import { useWords } from '../../words/words.tsx';

/** A line of losses over places along a direction. */
export interface SliceLine {
  readonly label: string;
  readonly split: 'train' | 'validation';
  readonly values: ArrayLike<number>;
  /** Place in the palette. */
  readonly color: number;
  readonly beside?: boolean;
}

interface SliceFigureProps {
  readonly title: string;
  /** Percent of the direction: 100 is its end. */
  readonly percent: readonly number[];
  readonly lines: readonly SliceLine[];
  readonly log: boolean;
  readonly view: View;
  readonly marks?: readonly Annotation[];
}

const never = () => () => undefined;

/** Losses along a line of weights. */
export function SliceFigure({ title, percent, lines, log, view, marks }: SliceFigureProps) {
  const words = useWords();
  const crosshair = useMemo(() => new Crosshair(), []);
  const drawn = useMemo(() => lines.map(({ label, split, values, color, beside }): CurveLine => {
    const curve = new Curve();
    percent.forEach((x, i) => curve.append(x, values[i]));
    return { id: `${label} ${split}`, label, curve, color, dash: splitStyle[split].dash, mark: 'none', ...(beside ? { beside } : {}) };
  }), [lines, percent]);
  const chart = useMemo(() => ({ x: view.x, axis: 'step' as const, log, smoothing: 0 }), [view.x, log]);
  const said = useMemo(() => ({ ...words.charts, axis: () => words.landscape.percent }), [words]);
  return <CurveFigure title={title} lines={drawn} view={chart} words={said} crosshair={crosshair} loop={loop} changes={never} theme={view.theme} annotations={marks} onWindow={(x) => touch({ x, last: undefined })} />;
}
