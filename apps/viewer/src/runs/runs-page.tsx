import { useDeferredValue, useMemo, useRef, useState } from 'react';
import type { RunSource } from '../server/source.ts';
import { useKeys } from '../shell/keys.ts';
import { Link } from '../shell/link.tsx';
import { useNow } from '../shell/now.ts';
import { useStore } from '../view/store.ts';
import { goTo, type View } from '../view/view.model.ts';
import { show, touch } from '../view/view.store.ts';
import { useWords } from '../words/words.tsx';
import { columnsOf } from './columns.model.ts';
import { ColumnsMenu } from './columns-menu.tsx';
import { CoordinatesPanel } from './coordinates-panel.tsx';
import { DeletionStore } from './deletions.ts';
import { fieldsOf, labelOf } from './fields.model.ts';
import { parseFilter, sortRuns } from './filter.model.ts';
import { GroupsTable } from './groups-table.tsx';
import { type RunsState, runsStore } from './runs.store.ts';
import { RunsTable } from './runs-table.tsx';

/** The list of runs: filter, sort, group, open one, compare several, delete. */
export function RunsPage({ source, view }: { readonly source: RunSource; readonly view: View }) {
  const words = useWords();
  const store = useMemo(() => runsStore(source), [source]);
  const bin = useMemo(() => new DeletionStore(source), [source]);
  const state = useStore(store);
  const { ids: deleted, pending, failure } = useStore(bin);
  const filter = useDeferredValue(view.filter);
  const present = useMemo(() => (deleted.size === 0 ? state.runs : state.runs.filter(({ id }) => !deleted.has(id))), [state.runs, deleted]);
  const shown = useMemo(() => sortRuns(present.filter(parseFilter(filter)), view.sort), [present, filter, view.sort]);
  const fields = useMemo(() => fieldsOf(present), [present]);
  const columns = useMemo(() => columnsOf(present, fields, view.columns), [present, fields, view.columns]);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const search = useRef<HTMLInputElement>(null);
  const chosenIds = present.map(({ id }) => id).filter((id) => chosen.has(id));
  const compare = () => {
    if (chosenIds.length > 1) show(goTo(view, 'run', chosenIds));
  };
  const remove = () => {
    if (chosenIds.length === 0) return;
    bin.delete(chosenIds);
    setChosen(new Set());
  };
  useKeys({ '/': () => search.current?.focus(), c: compare, '#': remove, u: () => bin.undo() });
  const running = present.filter((run) => run.state === 'running').length;
  return (
    <>
      <div className="head">
        <h1>{words.runs.title}</h1>
        <span className="count number" role="status">{words.runs.shown(shown.length, present.length)}{running > 0 && ` · ${words.runs.running(running)}`}</span>
      </div>
      {state.status === 'failed' && state.at !== undefined && <Stale at={state.at} />}
      <div className="runs-tools" role="search">
        <input
          ref={search} type="search" aria-label={words.runs.filter} aria-describedby="filter-help" placeholder={words.runs.filterHint} spellCheck={false}
          value={view.filter} onChange={(event) => touch({ filter: event.target.value })}
          onKeyDown={(event) => { if (event.key === 'Escape' || event.key === 'Enter') event.currentTarget.blur(); }}
        />
        <span className="unseen" id="filter-help">{words.runs.filterHelp}</span>
        <label className="field">
          {words.runs.group}
          <select value={view.group} onChange={(event) => touch({ group: event.target.value })}>
            <option value="">{words.runs.ungrouped}</option>
            {view.group !== '' && !fields.groups.includes(view.group) && !groupable.includes(view.group) && <option value={view.group}>{labelOf(view.group)}</option>}
            {groupable.map((key) => <option key={key} value={key}>{words.runs.columns[key as 'project' | 'state']}</option>)}
            {fields.groups.map((key) => <option key={key} value={key}>{labelOf(key)}</option>)}
          </select>
        </label>
        <ColumnsMenu fields={fields} columns={columns} chosen={view.columns} />
        <button type="button" aria-pressed={view.coordinates} onClick={() => touch({ coordinates: !view.coordinates })}>{words.runs.coordinates}</button>
        {chosenIds.length > 0 && (
          <>
            <button type="button" className="primary" disabled={chosenIds.length < 2} title={chosenIds.length < 2 ? words.runs.chooseTwo : undefined} onClick={compare}>{words.runs.compare(chosenIds.length)}</button>
            <button type="button" onClick={remove}>{words.runs.remove(chosenIds.length)}</button>
            <button type="button" className="quiet" onClick={() => setChosen(new Set())}>{words.runs.clearSelection}</button>
          </>
        )}
      </div>
      {failure && <p className="notice danger" role="alert">{words.runs.notRemoved(failure)}</p>}
      <Body state={state} view={view} empty={shown.length === 0}>
        {view.coordinates && <CoordinatesPanel runs={shown} columns={columns} view={view} />}
        {view.group === ''
          ? <RunsTable runs={shown} columns={columns} view={view} chosen={chosen} onChoose={setChosen} />
          : <GroupsTable runs={shown} columns={columns} view={view} />}
      </Body>
      {pending.length > 0 && (
        <div className="toast" role="status">
          {words.runs.removed(pending.length)}
          <button type="button" aria-keyshortcuts="u" onClick={() => bin.undo()}>{words.runs.undo}</button>
        </div>
      )}
    </>
  );
}

const groupable = ['project', 'state'] as readonly string[];

function Body({ state, view, empty, children }: { readonly state: RunsState; readonly view: View; readonly empty: boolean; readonly children: React.ReactNode }) {
  const words = useWords();
  if (state.status === 'loading') return <p className="blank" role="status">{words.runs.loading}</p>;
  if (state.status === 'failed' && state.at === undefined) {
    return <div className="blank" role="alert"><h2>{words.runs.failed}</h2><p>{words.runs.failedHint}</p><code>{state.error}</code></div>;
  }
  if (state.runs.length === 0) {
    return (
      <div className="blank">
        <h2>{words.runs.empty}</h2>
        <p>{words.runs.emptyHint}</p>
        <code>{`run$.pipe(publish('${location.origin}')).subscribe(report());`}</code>
        <Link to={goTo(view, 'train')} className="button primary">{words.runs.emptyAction}</Link>
      </div>
    );
  }
  if (empty) return <div className="blank"><h2>{words.runs.none}</h2><button type="button" onClick={() => touch({ filter: '' })}>{words.runs.clear}</button></div>;
  return children;
}

function Stale({ at }: { readonly at: number }) {
  const words = useWords();
  return <p className="notice" role="status">{words.runs.stale(Math.max(0, (useNow() - at) / 1_000))}</p>;
}
