import { formatValue } from '@gradstream/charts';
import type { RunInfo } from '@gradstream/protocol';
import { useEffect, useRef, useState } from 'react';
import { useKeys } from '../shell/keys.ts';
import { Link } from '../shell/link.tsx';
import { useNow } from '../shell/now.ts';
import { goTo, type View } from '../view/view.model.ts';
import { touch } from '../view/view.store.ts';
import { useWords } from '../words/words.tsx';
import { ago } from '../words/ago.ts';
import { sliceOf } from './columns.model.ts';
import { fieldOf, labelOf, stepOf } from './fields.model.ts';

const rowHeight = 36;

interface RunsTableProps {
  readonly runs: readonly RunInfo[];
  readonly columns: readonly string[];
  readonly view: View;
  readonly chosen: ReadonlySet<string>;
  readonly onChoose: (chosen: ReadonlySet<string>) => void;
}

/** Draws the rows in sight; ten thousand runs scroll as ten do. */
export function RunsTable({ runs, columns, view, chosen, onChoose }: RunsTableProps) {
  const words = useWords();
  const now = useNow(10_000);
  const scroller = useRef<HTMLDivElement>(null);
  const [sight, setSight] = useState({ top: 0, height: 800 });
  const [active, setActive] = useState(-1);
  /** The row that a key has asked for, until it has the focus: a list that changes by itself takes the focus from nobody. */
  const [sought, setSought] = useState<number>();
  const { from, to, above, below } = sliceOf(runs.length, rowHeight, sight.top, sight.height);
  useEffect(() => {
    const element = scroller.current!;
    const look = () => setSight({ top: element.scrollTop, height: element.clientHeight });
    const size = new ResizeObserver(look);
    size.observe(element);
    element.addEventListener('scroll', look, { passive: true });
    return () => {
      size.disconnect();
      element.removeEventListener('scroll', look);
    };
  }, []);
  useEffect(() => {
    if (sought === undefined) return;
    const element = scroller.current!;
    const top = sought * rowHeight;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + 2 * rowHeight > element.scrollTop + element.clientHeight) element.scrollTop = top + 2 * rowHeight - element.clientHeight;
    const link = element.querySelector<HTMLElement>(`[data-row="${sought}"] .name a`);
    if (!link) return;
    link.focus({ preventScroll: true });
    setSought(undefined);
  }, [sought, from, to]);
  const choose = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    onChoose(next);
  };
  const move = (by: number) => setSought((row = active) => Math.max(0, Math.min(runs.length - 1, row + by)));
  useKeys({ j: () => move(1), k: () => move(-1), x: () => { if (runs[active]) choose(runs[active].id); } });
  return (
    <div className="runs-scroll" ref={scroller}>
      <table className="runs" aria-rowcount={runs.length + 1} style={{ minWidth: 660 + 130 * columns.length }}>
        <colgroup><col style={{ width: 40 }} /><col /><col style={{ width: 140 }} /><col style={{ width: 110 }} /><col style={{ width: 90 }} />{columns.map((metric) => <col key={metric} style={{ width: 130 }} />)}<col style={{ width: 120 }} /></colgroup>
        <thead>
          <tr aria-rowindex={1}>
            <th scope="col" className="check"><span className="unseen">{words.runs.columns.select}</span></th>
            {(['name', 'project', 'state', 'step'] as const).map((key) => <Heading key={key} field={key} label={words.runs.columns[key]} sort={view.sort} value={key === 'step'} />)}
            {columns.map((key) => <Heading key={key} field={key} label={labelOf(key)} sort={view.sort} value />)}
            <Heading field="created" label={words.runs.columns.created} sort={view.sort} value />
          </tr>
        </thead>
        <tbody>
          {above > 0 && <tr className="spacer" aria-hidden="true"><td colSpan={6 + columns.length} style={{ height: above }} /></tr>}
          {runs.slice(from, to).map((run, i) => (
            <tr key={run.id} data-row={from + i} aria-rowindex={from + i + 2} aria-selected={chosen.has(run.id)} onFocus={() => setActive(from + i)}>
              <td className="check"><input type="checkbox" checked={chosen.has(run.id)} onChange={() => choose(run.id)} aria-label={words.runs.select(run.name)} /></td>
              <th scope="row" className="name" title={run.name}><Link to={goTo(view, 'run', [run.id])}>{run.name}</Link></th>
              <td title={run.project}>{run.project}</td>
              <td><span className="state" data-state={run.state}>{words.states[run.state]}</span></td>
              <td className="value">{stepOf(run)?.toLocaleString(words.locale) ?? '–'}</td>
              {columns.map((key) => <Value key={key} of={run} field={key} />)}
              <td className="value" title={new Date(run.created).toLocaleString(words.locale)}>{ago(run.created, now, words.locale)}</td>
            </tr>
          ))}
          {below > 0 && <tr className="spacer" aria-hidden="true"><td colSpan={6 + columns.length} style={{ height: below }} /></tr>}
        </tbody>
      </table>
    </div>
  );
}

function Value({ of: run, field }: { readonly of: RunInfo; readonly field: string }) {
  const value = fieldOf(run, field);
  if (value === undefined) return <td className="value">–</td>;
  if (typeof value === 'string') return <td className="value" title={value}>{value}</td>;
  return <td className={Number.isFinite(value) ? 'value' : 'value strange'}>{formatValue(value)}</td>;
}

function Heading({ field, label, sort, value = false }: { readonly field: string; readonly label: string; readonly sort: string; readonly value?: boolean }) {
  const descending = sort === `-${field}`;
  const direction = descending ? 'descending' : sort === field ? 'ascending' : 'none';
  // The first click sorts texts upwards and numbers downwards.
  const next = direction === 'none' ? (value ? `-${field}` : field) : descending ? field : `-${field}`;
  return (
    <th scope="col" className={value ? 'value' : undefined} aria-sort={direction}>
      <button type="button" title={label} onClick={() => touch({ sort: next })}><span className="label">{label}</span>{direction !== 'none' && <span aria-hidden="true">{descending ? '↓' : '↑'}</span>}</button>
    </th>
  );
}
