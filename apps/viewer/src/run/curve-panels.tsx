import { type Annotation, Crosshair, CurveFigure, formatValue, formatX, FrameLoop, type Panel, panelsOf, type Range } from '@gradstream/charts';
import { memo, useCallback, useMemo } from 'react';
import type { View } from '../view/view.model.ts';
import { touch } from '../view/view.store.ts';
import { useWords } from '../words/words.tsx';
import { gapOf } from './gap.model.ts';
import type { RunSource } from '../server/source.ts';
import { bandsOf, type ChartedRun, constantOf, linesOf } from './lines.model.ts';
import { RunCurves } from './run-curves.ts';
import { timingMetrics } from './stage-times.model.ts';
import { ZoomNote } from './zoom-note.tsx';
import { type Zoomed, zoomOf } from './zoom.store.ts';

/** One budget per frame for all charts of the page. */
export const loop = new FrameLoop();

export interface CurvePanelsProps {
  readonly runs: readonly ChartedRun[];
  readonly view: View;
  readonly annotations?: readonly Annotation[];
  /** Shared by other figures of the page; by default the panels have one of their own. */
  readonly crosshair?: Crosshair;
  /** Where more is read of runs that are too large for the page. */
  readonly source?: Pick<RunSource, 'curves'>;
  /** Where the time goes, or everything else; by default all there is. */
  readonly only?: 'timings' | 'others';
}

/** A panel for each measure of some runs, with one crosshair and one window for all. */
export function CurvePanels({ runs, view, annotations, crosshair: given, source, only }: CurvePanelsProps) {
  const own = useMemo(() => new Crosshair(), []);
  const crosshair = given ?? own;
  const names = runs.map(({ curves }) => curves.names);
  const sections = useMemo(() => panelsOf(names.flat().filter((name) => only === undefined || timingMetrics.has(name) === (only === 'timings'))), names);
  const words = useWords();
  const constants = sections.flatMap(({ panels }) => panels.map((panel) => ({ panel, value: constantOf(panel, runs) }))).filter(({ value }) => value !== undefined);
  const isConstant = (panel: Panel) => constants.some((constant) => constant.panel === panel);
  return (
    <>
      {sections.map(({ title, panels }) => panels.some((panel) => !isConstant(panel)) && (
        <section key={title} className="section">
          {title !== '' && <h2>{title}</h2>}
          <div className="panels">
            {panels.map((panel) => !isConstant(panel) && <CurvePanel key={panel.id} panel={panel} runs={runs} view={view} annotations={annotations} crosshair={crosshair} source={source} />)}
          </div>
        </section>
      ))}
      {constants.length > 0 && (
        <section className="section constants">
          <h2>{words.run.constants}</h2>
          <dl className="facts">{constants.map(({ panel, value }) => <div key={panel.id}><dt>{panel.measure}</dt><dd>{formatValue(value!)}</dd></div>)}</dl>
        </section>
      )}
    </>
  );
}

type CurvePanelProps = Omit<CurvePanelsProps, 'crosshair' | 'only'> & { readonly panel: Panel; readonly crosshair: Crosshair };

/** Points reach the canvas by themselves: of several runs nothing is rendered anew for them. A single run's gap is a text that follows them. */
const CurvePanel = memo(CurvePanelOf, (a, b) => a.runs.length > 1 && a.runs === b.runs && a.panel === b.panel && a.view === b.view && a.annotations === b.annotations);

function CurvePanelOf({ panel, runs, view, annotations, crosshair, source }: CurvePanelProps) {
  const words = useWords();
  const { axis, smoothing, x, last, log } = view;
  const isLog = log.includes('*') || log.includes(panel.measure);
  const parts = [panel, axis, ...runs.flatMap(({ id, name, curves }) => [id, name, curves, curves.names])];
  const lines = useMemo(() => linesOf(panel, runs, axis), parts);
  const zoom = useMemo(() => {
    const zoomed = source ? zoomedOf(panel, runs) : [];
    return source && zoomed.length > 0 ? zoomOf(source, zoomed) : undefined;
  }, [source, ...parts]);
  const onDrawn = useCallback((window: Range, pixels: number) => zoom?.look({ axis, window, pixels }), [zoom, axis]);
  const at = axis === 'step' ? view.at : undefined;
  // Of a single run the gap between its splits; of groups how far their members lie apart.
  const gap = view.gap && runs.length === 1 ? gapOf(panel, runs[0].curves, axis, at) : undefined;
  const bands = useMemo(() => (gap ? [gap.band] : bandsOf(panel, runs, axis)), [...parts, gap?.band.low, gap?.band.high]);
  const chart = useMemo(() => ({ x, last, axis, log: isLog, smoothing, at }), [x, last, axis, isLog, smoothing, at]);
  const changes = useCallback((listener: () => void) => {
    const leave = runs.map(({ curves }) => curves.listen(listener));
    return () => leave.forEach((f) => f());
  }, runs.map(({ curves }) => curves));
  const setWindow = useCallback((x: Range | undefined) => touch({ x, last: undefined }), []);
  const toggleLog = () => {
    const others = log.filter((measure) => measure !== '*' && measure !== panel.measure);
    touch({ log: isLog ? others : [...others, panel.measure] });
  };
  return (
    <CurveFigure
      title={panel.measure} lines={lines} bands={bands} view={chart} remark={gap && words.run.gap(formatValue(Number(gap.value.toPrecision(2))), formatX(gap.at, axis))} annotations={axis === 'step' ? annotations : undefined} words={words.charts} crosshair={crosshair} loop={loop}
      changes={changes} theme={view.theme} onWindow={setWindow} onDrawn={onDrawn}
      note={zoom && <ZoomNote zoom={zoom} />}
      actions={<button type="button" className="gs-quiet" aria-pressed={isLog} aria-label={words.run.logOf(panel.measure)} onClick={toggleLog}>{words.run.log}</button>}
    />
  );
}

/** The runs of a panel that are drawn from buckets. Groups are drawn from the overviews of their members. */
function zoomedOf({ metrics }: Panel, runs: readonly ChartedRun[]): readonly Zoomed[] {
  return runs.flatMap(({ id, curves }) => {
    if (!(curves instanceof RunCurves)) return [];
    const large = metrics.map(({ name }) => name).filter((name) => curves.large(name));
    return large.length > 0 ? [{ run: id, curves, metrics: large }] : [];
  });
}
