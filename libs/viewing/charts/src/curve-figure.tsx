import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import type { Crosshair } from './crosshair.ts';
import { type Annotation, type ChartView, type CurveBand, CurveChart, type CurveLine, type XAxis } from './curve-chart.ts';
import { toCsv, toJson, toSvg } from './export.ts';
import { formatSeconds, formatValue } from './format.ts';
import type { Drawable, FrameLoop } from './frame-loop.ts';
import type { Range } from './range.ts';
import { type Files, SaveMenu } from './save-menu.tsx';
import { type CurveSummary, Summariser } from './summary.ts';
import { tableOf } from './table.model.ts';

/** What a figure says in words, in the reader's language. */
export interface ChartWords {
  summary(title: string, lines: readonly { readonly label: string; readonly summary: CurveSummary }[], axis: XAxis): string;
  at(x: string, values: readonly { readonly label: string; readonly value: string }[]): string;
  notFinite(count: number): string;
  readonly empty: string;
  readonly keys: string;
  readonly table: string;
  tableOf(title: string): string;
  readonly save: string;
  saveOf(title: string): string;
  /** Of `places` in the window so many rows are shown; they stand for so many points, more where a place is a bucket. */
  tableCaption(title: string, rows: number, places: number, points: number): string;
  axis(axis: XAxis): string;
  readonly everything: string;
  /** Of so many further lines neither name nor value is shown. */
  more(lines: number): string;
}

export interface CurveFigureProps {
  readonly title: string;
  readonly lines: readonly CurveLine[];
  /** Areas under the lines. */
  readonly bands?: readonly CurveBand[];
  readonly view: ChartView;
  /** A sentence that the summary ends with, shown beside the title as well. */
  readonly remark?: string;
  readonly annotations?: readonly Annotation[];
  readonly words: ChartWords;
  readonly crosshair: Crosshair;
  readonly loop: FrameLoop;
  /** Calls back whenever points have come, until the function it returns is called. */
  readonly changes: (listener: () => void) => () => void;
  /** Anything that differs when the theme does. */
  readonly theme: string;
  readonly onWindow: (x: Range | undefined) => void;
  /** The chart was drawn: the window on the screen, and its width in CSS pixels. */
  readonly onDrawn?: (x: Range, pixels: number) => void;
  /** What is to be known of the points that are drawn, under the title. */
  readonly note?: ReactNode;
  readonly actions?: ReactNode;
}

const noAnnotations: readonly Annotation[] = [];
const noBands: readonly CurveBand[] = [];

/** Lines that are named and put into words, at most; of more, those with the greatest values at the crosshair. */
const mostNamed = 8;
/** Up to so many lines keep their order; more are sorted by their value. */
const unsorted = 4;

/** Text for a place on the x axis. */
export const formatX = (x: number, axis: XAxis): string => (axis === 'step' ? String(Math.round(x)) : axis === 'relative' ? formatSeconds(x) : new Date(x).toLocaleTimeString());

/**
 * A chart that everybody can read: a focusable figure with a canvas, values under a crosshair that all charts of a
 * page share, a summary in words, a table, and arrow keys that walk from point to point.
 */
export function CurveFigure({ title, lines, bands = noBands, view, remark, annotations = noAnnotations, words, crosshair, loop, changes, theme, onWindow, onDrawn, note, actions }: CurveFigureProps) {
  const id = useId();
  const host = useRef<HTMLDivElement>(null);
  const readout = useRef<HTMLUListElement>(null);
  const place = useRef<HTMLSpanElement>(null);
  const spoken = useRef<HTMLParagraphElement>(null);
  const chart = useRef<CurveChart>(undefined);
  const summarisers = useRef<readonly Summariser[]>([]);
  const refresh = useRef(() => undefined as void);
  const callbacks = useRef({ onWindow, onDrawn, lines, view });
  const [summaries, setSummaries] = useState<readonly CurveSummary[]>([]);
  const [table, setTable] = useState(false);
  useEffect(() => void (callbacks.current = { onWindow, onDrawn, lines, view }));

  useEffect(() => {
    const made = new CurveChart(host.current!, loop, { onWindow: (x) => callbacks.current.onWindow(x), onCursor: (x) => crosshair.set(x), onDrawn: (x, pixels) => callbacks.current.onDrawn?.(x, pixels) });
    chart.current = made;
    const values = () => {
      const { lines, view } = callbacks.current;
      const at = crosshair.x ?? view.at;
      const valued = lines.map((line) => {
        const curve = made.shown({ line });
        const point = at === undefined ? curve.length - 1 : crosshair.x === undefined ? curve.indexAfter(at) - 1 : curve.nearest(at);
        return { line, value: point < 0 ? undefined : curve.y[point] };
      });
      if (lines.length > unsorted) valued.sort((a, b) => rank(b.value) - rank(a.value));
      valued.slice(0, mostNamed).forEach(({ line, value }, i) => fillEntry(readout.current?.children[i], line, value, made.palette.lines));
      if (place.current) place.current.textContent = at === undefined ? '' : formatX(at, view.axis);
    };
    refresh.current = values;
    const unlisten = crosshair.listen((x) => {
      made.showCursor(x);
      values();
    });
    let due: ReturnType<typeof setTimeout> | undefined;
    // Words and numbers are laid out anew: one figure in a frame, whatever came for all of them at once.
    const review: Drawable = {
      visible: true,
      last: true,
      draw: () => {
        due = undefined;
        setSummaries(summarisers.current.map((summariser) => summariser.read()));
        values();
      },
    };
    const unsubscribe = changes(() => {
      made.invalidate();
      due ??= setTimeout(() => loop.request(review), callbacks.current.lines.length > mostNamed ? 2_000 : 500);
    });
    return () => {
      clearTimeout(due);
      loop.forget(review);
      unsubscribe();
      unlisten();
      made.destroy();
      chart.current = undefined;
    };
  }, [changes, crosshair, loop]);

  useEffect(() => {
    chart.current!.setLines(lines);
    summarisers.current = lines.map(({ curve }) => summarisers.current.find((known) => known.curve === curve) ?? new Summariser(curve));
    setSummaries(summarisers.current.map((summariser) => summariser.read()));
    refresh.current();
  }, [lines]);
  useEffect(() => {
    chart.current!.setView(view);
    refresh.current();
  }, [view]);
  useEffect(() => chart.current!.setBands(bands), [bands]);
  useEffect(() => chart.current!.setAnnotations(annotations), [annotations]);
  useEffect(() => {
    chart.current!.restyle();
    refresh.current();
  }, [theme]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const curve = lines[0]?.curve;
    if (!curve || curve.length === 0) return;
    const move = (by: number) => {
      const now = crosshair.x === undefined ? (by > 0 ? -1 : curve.length) : curve.nearest(crosshair.x);
      crosshair.set(curve.x[Math.max(0, Math.min(curve.length - 1, now + by))]);
      const at = crosshair.x!;
      spoken.current!.textContent = words.at(formatX(at, view.axis), lines.map((line) => {
        const shown = chart.current!.shown({ line });
        return { label: line.label, value: formatValue(shown.y[shown.nearest(at)]) };
      }));
    };
    const keys: Readonly<Record<string, () => void>> = {
      ArrowLeft: () => move(event.shiftKey ? -10 : -1),
      ArrowRight: () => move(event.shiftKey ? 10 : 1),
      Home: () => move(-curve.length),
      End: () => move(curve.length),
      '+': () => chart.current!.zoom(0.5, crosshair.x),
      '=': () => chart.current!.zoom(0.5, crosshair.x),
      '-': () => chart.current!.zoom(2, crosshair.x),
      '0': () => onWindow(undefined),
      Escape: () => crosshair.set(undefined),
    };
    if (!Object.hasOwn(keys, event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    keys[event.key]();
  };

  const files: Files = {
    csv: () => toCsv(view.axis, lines, chart.current!.window),
    json: () => toJson(lines, chart.current!.window),
    svg: () => toSvg(chart.current!.picture(title)),
    png: () => chart.current!.toPng(),
  };
  const strange = summaries.reduce((n, { nan, infinite }) => n + nan + infinite, 0);
  const described = useMemo(
    () => [
      words.summary(title, lines.slice(0, mostNamed).flatMap(({ label }, i) => (summaries[i] ? [{ label, summary: summaries[i] }] : [])), view.axis),
      ...(lines.length > mostNamed ? [words.more(lines.length - mostNamed)] : []), ...(remark ? [`${remark}.`] : []),
    ].join(' '),
    [words, title, lines, summaries, view.axis, remark],
  );
  const empty = summaries.every(({ points }) => points === 0);
  return (
    <figure className="gs-figure" tabIndex={0} aria-labelledby={`${id}-title`} aria-describedby={`${id}-summary ${id}-keys`} onKeyDown={onKeyDown} data-measure={title} onPointerLeave={() => crosshair.set(undefined)}>
      <figcaption className="gs-caption">
        <span className="gs-title" id={`${id}-title`}>{title}</span>
        {strange > 0 && <span className="gs-strange">{words.notFinite(strange)}</span>}
        {remark && <span className="gs-remark" aria-hidden="true" title={remark}>{remark}</span>}
        <span className="gs-place" ref={place} aria-hidden="true" />
        <span className="gs-actions">
          {view.x && <button type="button" className="gs-quiet" onClick={() => onWindow(undefined)}>{words.everything}</button>}
          {actions}
          <button type="button" className="gs-quiet" aria-expanded={table} aria-label={words.tableOf(title)} onClick={() => setTable(!table)}>{words.table}</button>
          <SaveMenu title={title} words={words} files={files} />
        </span>
      </figcaption>
      {note}
      <div className="gs-plot" ref={host} aria-hidden="true" />
      {empty && <p className="gs-empty" aria-hidden="true">{words.empty}</p>}
      <ul className="gs-readout" ref={readout} aria-hidden="true">
        {lines.slice(0, mostNamed).map((_, i) => (
          <li key={i}>
            <svg width="18" height="8" aria-hidden="true"><line x1="0" x2="18" y1="4" y2="4" /></svg>
            <span className="gs-label" />
            <span className="gs-value" />
          </li>
        ))}
        {lines.length > mostNamed && <li className="gs-more">{words.more(lines.length - mostNamed)}</li>}
      </ul>
      <p className="gs-unseen" id={`${id}-summary`}>{described}</p>
      <p className="gs-unseen" id={`${id}-keys`}>{words.keys}</p>
      <p className="gs-unseen" aria-live="polite" ref={spoken} />
      {table && <ChartTable title={title} lines={lines} words={words} axis={view.axis} window={chart.current?.window ?? [0, 1]} />}
    </figure>
  );
}

/** NaN and what is absent come last. */
const rank = (value = -Infinity): number => (Number.isNaN(value) ? -Infinity : value);

/** An entry of the readout: the look of a line, its name and its value. */
function fillEntry(entry: Element | undefined, { label, color, dash, beside }: CurveLine, value: number | undefined, colors: readonly string[]): void {
  if (!entry) return;
  const [swatch, name, shown] = entry.children as unknown as readonly [SVGElement, HTMLElement, HTMLElement];
  entry.classList.toggle('gs-beside', beside ?? false);
  const look = swatch.firstElementChild!;
  for (const [key, text] of [['stroke', colors[color % colors.length]], ['stroke-width', beside ? '1.5' : '2.5'], ['stroke-dasharray', dash?.join(' ') ?? '']] as const) if (look.getAttribute(key) !== text) look.setAttribute(key, text);
  if (name.textContent !== label) name.textContent = name.title = label;
  const text = value === undefined ? '–' : formatValue(value);
  if (shown.textContent !== text) shown.textContent = text;
}

interface ChartTableProps extends Pick<CurveFigureProps, 'title' | 'lines' | 'words'> {
  readonly axis: XAxis;
  /** The window of x on the screen. */
  readonly window: Range;
}

/** A window of the lines as a table, as it was when somebody opened it or changed the window. */
function ChartTable({ title, lines, words, axis, window }: ChartTableProps) {
  const { rows, places, points } = useMemo(() => tableOf(lines, window), [lines, window]);
  const caption = words.tableCaption(title, rows.length, places, points);
  return (
    <div className="gs-table" tabIndex={0} role="region" aria-label={caption}>
      <table>
        <caption>{caption}</caption>
        <thead><tr><th scope="col">{words.axis(axis)}</th>{lines.map(({ id, label }) => <th key={id} scope="col">{label}</th>)}</tr></thead>
        <tbody>{rows.map(({ x, cells }) => <tr key={x}><th scope="row">{formatX(x, axis)}</th>{cells.map((y, i) => <td key={lines[i].id}>{y === undefined ? '' : formatValue(y)}</td>)}</tr>)}</tbody>
      </table>
    </div>
  );
}
