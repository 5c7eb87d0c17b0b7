import { useDeferredValue, useMemo, useRef, useState } from 'react';
import type { RunSource } from '../server/source.ts';
import { useKeys } from '../shell/keys.ts';
import { Link } from '../shell/link.tsx';
import { useNow } from '../shell/now.ts';
import { useStore } from '../view/store.ts';
import { goTo, type View } from '../view/view.model.ts';
import { show, touch } from '../view/view.store.ts';
import { useWords } from '../words/words.tsx';
import { metricColumns } from './columns.model.ts';
import { parseFilter, sortRuns } from './filter.model.ts';
import { type RunsState, runsStore } from './runs.store.ts';
import { RunsTable } from './runs-table.tsx';

/** The list of runs: filter, sort, open one, compare several. */
export function RunsPage({ source, view }: { readonly source: RunSource; readonly view: View }) {
  const words = useWords();
  const store = useMemo(() => runsStore(source), [source]);
  const state = useStore(store);
  const filter = useDeferredValue(view.filter);
  const shown = useMemo(() => sortRuns(state.runs.filter(parseFilter(filter)), view.sort), [state.runs, filter, view.sort]);
  const columns = useMemo(() => metricColumns(state.runs), [state.runs]);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const search = useRef<HTMLInputElement>(null);
  const compare = () => {
    const ids = state.runs.map(({ id }) => id).filter((id) => chosen.has(id));
    if (ids.length > 1) show(goTo(view, 'run', ids));
  };
  useKeys({ '/': () => search.current?.focus(), c: compare });
  const running = state.runs.filter((run) => run.state === 'running').length;
  return (
    <>
      <div className="head">
        <h1>{words.runs.title}</h1>
        <span className="count number" role="status">{words.runs.shown(shown.length, state.runs.length)}{running > 0 && ` · ${words.runs.running(running)}`}</span>
      </div>
      {state.status === 'failed' && state.at !== undefined && <Stale at={state.at} />}
      <div className="runs-tools" role="search">
        <input
          ref={search} type="search" aria-label={words.runs.filter} aria-describedby="filter-help" placeholder={words.runs.filterHint} spellCheck={false}
          value={view.filter} onChange={(event) => touch({ filter: event.target.value })}
          onKeyDown={(event) => { if (event.key === 'Escape' || event.key === 'Enter') event.currentTarget.blur(); }}
        />
        <span className="unseen" id="filter-help">{words.runs.filterHelp}</span>
        {chosen.size > 0 && (
          <>
            <button type="button" className="primary" disabled={chosen.size < 2} title={chosen.size < 2 ? words.runs.chooseTwo : undefined} onClick={compare}>{words.runs.compare(chosen.size)}</button>
            <button type="button" className="quiet" onClick={() => setChosen(new Set())}>{words.runs.clearSelection}</button>
          </>
        )}
      </div>
      <Body state={state} view={view} empty={shown.length === 0}>
        <RunsTable runs={shown} columns={columns} view={view} chosen={chosen} onChoose={setChosen} />
      </Body>
    </>
  );
}

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
