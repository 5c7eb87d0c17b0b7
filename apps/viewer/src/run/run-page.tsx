import { Crosshair, formatSeconds, lineStyle, paletteOf } from '@gradstream/charts';
import { useMemo } from 'react';
import type { RunSource } from '../server/source.ts';
import { useKeys } from '../shell/keys.ts';
import { Link } from '../shell/link.tsx';
import { useNow } from '../shell/now.ts';
import { useStore } from '../view/store.ts';
import { goTo, type View } from '../view/view.model.ts';
import { touch } from '../view/view.store.ts';
import { ago } from '../words/ago.ts';
import { useWords } from '../words/words.tsx';
import { AsidePanels } from './aside-panels.tsx';
import { CurvePanels } from './curve-panels.tsx';
import { DifferencesPanel, SpecPanel } from './spec-panel.tsx';
import { labelOf } from '../runs/fields.model.ts';
import { chartedGroups } from './group.model.ts';
import { GroupSelect } from './group-select.tsx';
import { pointsInFull } from './large-runs.model.ts';
import { type ChartedRun, distinctNames } from './lines.model.ts';
import { PipelineFigure } from './pipeline-figure.tsx';
import { ReplayBar } from './replay-bar.tsx';
import { SteerBar } from './steer-bar.tsx';
import { TagsBar } from './tags-bar.tsx';
import { TimingPanels } from './timing-panels.tsx';
import { Toolbar } from './toolbar.tsx';
import { type Watched, type WatchedRun, watchRuns } from './watch.store.ts';

/** The live curves of a run, or of several side by side, with their documents. */
export function RunPage({ source, view }: { readonly source: RunSource; readonly view: View }) {
  const words = useWords();
  const store = useMemo(() => watchRuns(source, view.runs), [source, view.runs.join()]);
  const watched = useStore(store);
  const found = watched.runs.filter(({ state }) => state !== 'missing');
  const grouped = view.group !== '' && found.length > 1;
  const charted = useMemo(
    () => {
      if (grouped) return chartedGroups(found, view.group, (value, n) => words.run.groupLabel(value ?? words.runs.withoutValue, n));
      const names = distinctNames(found.map(({ id, detail }) => ({ id, name: detail?.name ?? id })));
      return found.map(({ id, curves }, i) => ({ id, name: names[i], curves }));
    },
    [view.group, words, ...found.flatMap(({ id, curves, detail }) => [id, curves, detail?.name, grouped ? detail?.spec : undefined])],
  );
  const crosshair = useMemo(() => new Crosshair(), []);
  const annotations = useMemo(() => found.flatMap(({ touches }) => touches.map(({ step, label }) => ({ x: step, label }))), found.map(({ touches }) => touches));
  const toggleSpec = () => touch({ spec: !view.spec });
  useKeys({ s: toggleSpec });
  const alone = watched.runs.length === 1;
  if (alone && watched.runs[0].state === 'missing') {
    return <div className="blank"><h1>{words.run.missing(watched.runs[0].id)}</h1><Link to={goTo(view, 'runs')} className="button">{words.run.back}</Link></div>;
  }
  const lastX = () => Math.max(1, ...charted.flatMap(({ curves }) => curves.names.map((name) => curves.curve(name, view.axis).end || 0)));
  const points = charted.reduce((n, { curves }) => n + curves.points, 0);
  return (
    <>
      <nav className="back"><Link to={goTo(view, 'runs')}>‹ {words.run.back}</Link></nav>
      {alone ? <RunHead run={watched.runs[0]} watched={watched} /> : <CompareHead watched={watched} view={view} grouped={grouped ? charted : undefined} />}
      {watched.connection === 'lost' && watched.lostAt !== undefined && <Lost since={watched.lostAt} failure={watched.failure} />}
      {alone && <TagsBar run={watched.runs[0]} source={source} />}
      {alone && <PipelineFigure run={watched.runs[0]} at={view.axis === 'step' ? view.at : undefined} />}
      {alone && <SteerBar run={watched.runs[0]} source={source} />}
      <Toolbar view={view} followWidth={() => Math.max(20, lastX() / 4)}>
        {!alone && <GroupSelect runs={found} view={view} />}
        <button type="button" aria-pressed={view.spec} onClick={toggleSpec}>{alone ? words.run.spec : words.run.differences}</button>
      </Toolbar>
      <ReplayBar view={view} last={Math.max(0, ...found.map(({ curves }) => curves.lastStep))} />
      {found.some(({ large }) => large) && <p className="note large-runs">{words.run.large(found.filter(({ large }) => large).length, found.length, pointsInFull)}</p>}
      <div className="with-aside">
        <div>
          {points === 0
            ? <p className="blank" role="status">{watched.runs.every(({ state }) => state === 'finished' || state === 'failed' || state === 'stopped') ? words.run.noPoints : words.run.waiting}</p>
            : <CurvePanels runs={charted} view={view} annotations={annotations} crosshair={crosshair} source={source} only="others" />}
          {alone && <AsidePanels asides={watched.runs[0].asides} view={view} crosshair={crosshair} />}
          <TimingPanels runs={charted} view={view} annotations={annotations} crosshair={crosshair} source={source} />
        </div>
        {view.spec && (alone ? <SpecPanel spec={watched.runs[0].detail?.spec} /> : <DifferencesPanel runs={found} />)}
      </div>
    </>
  );
}

function RunHead({ run: { id, detail, state, reason, curves }, watched }: { readonly run: WatchedRun; readonly watched: Watched }) {
  const words = useWords();
  const now = useNow();
  const running = state === 'running' || state === 'paused';
  const start = detail?.created;
  const last = Math.max(...curves.names.map((name) => curves.lastWall(name) ?? -Infinity));
  const seconds = start === undefined || curves.points === 0 ? undefined : Math.max(0, ((running ? now : last) - start) / 1_000);
  const facts: readonly (readonly [string, string | undefined])[] = [
    [words.run.steps, curves.lastStep < 0 ? '–' : (curves.lastStep + 1).toLocaleString(words.locale)],
    [words.run.points, curves.points.toLocaleString(words.locale)],
    [words.run.duration, seconds === undefined ? undefined : formatSeconds(seconds)],
    [words.run.started, start === undefined ? undefined : ago(start, now, words.locale)],
    [words.run.project, detail?.project],
  ];
  return (
    <>
      <div className="head">
        <h1>{detail?.name ?? id}</h1>
        <span className="state" data-state={state} role="status">{words.states[state]}</span>
        {reason && <span className="state-reason">{reason}</span>}
        <span className="spring" />
        <Connection watched={watched} running={running} />
      </div>
      <dl className="facts">{facts.map(([name, value]) => value !== undefined && <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>
    </>
  );
}

function CompareHead({ watched, view, grouped }: { readonly watched: Watched; readonly view: View; readonly grouped?: readonly ChartedRun[] }) {
  const words = useWords();
  return (
    <>
      <div className="head">
        <h1>{words.run.compared(watched.runs.length)}</h1>
        <span className="spring" />
        <Connection watched={watched} running={watched.runs.some(({ state }) => state === 'running')} />
      </div>
      {grouped ? <GroupLegend groups={grouped} field={view.group} /> : <RunLegend watched={watched} view={view} />}
    </>
  );
}

function GroupLegend({ groups, field }: { readonly groups: readonly ChartedRun[]; readonly field: string }) {
  const words = useWords();
  const palette = paletteOf(document.documentElement);
  return (
    <ul className="legend" aria-label={words.runs.groupTitle(labelOf(field))}>
      {groups.map(({ id, name }, i) => <li key={id}><span className="swatch" style={{ background: lineStyle(palette, i).color }} />{name}</li>)}
    </ul>
  );
}

/** Made anew only when a name or a state changes: it stands above a hundred runs that go on. */
function RunLegend({ watched: { runs }, view }: { readonly watched: Watched; readonly view: View }) {
  const words = useWords();
  return useMemo(() => {
    const palette = paletteOf(document.documentElement);
    const found = runs.filter(({ state }) => state !== 'missing');
    const names = distinctNames(runs.map(({ id, detail }) => ({ id, name: detail?.name ?? id })));
    return (
      <ul className="legend">
        {runs.map((run, i) => {
          const index = found.indexOf(run);
          return (
            <li key={run.id}>
              {index >= 0 && <span className="swatch" style={{ background: lineStyle(palette, index).color }} />}
              <Link to={goTo(view, 'run', [run.id])}>{names[i]}</Link>
              <span className="state" data-state={run.state}>{words.states[run.state]}</span>
              <button type="button" className="icon" aria-label={words.run.remove(names[i])} onClick={() => touch({ runs: view.runs.filter((other) => other !== run.id) })}>×</button>
            </li>
          );
        })}
      </ul>
    );
  }, [view, words, ...runs.flatMap(({ id, state, detail }) => [id, state, detail?.name])]);
}

function Connection({ watched, running }: { readonly watched: Watched; readonly running: boolean }) {
  const words = useWords();
  if (watched.connection === 'connecting') return <span className="state">{words.run.connecting}</span>;
  return watched.connection === 'live' && running ? <span className="state" data-state="running">{words.run.live}</span> : null;
}

function Lost({ since, failure }: { readonly since: number; readonly failure?: string }) {
  const words = useWords();
  return <p className="notice danger" role="status">{words.run.lost(Math.max(0, (useNow() - since) / 1_000))}{failure && `: ${failure}`}</p>;
}
