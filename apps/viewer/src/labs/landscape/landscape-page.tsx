import { formatValue } from '@gradstream/charts';
import { useMemo } from 'react';
import type { View } from '../../view/view.model.ts';
import { useWords } from '../../words/words.tsx';
import { LabNotes } from '../lab-notes.tsx';
import { useAnswer } from '../answers.ts';
import type { LandscapeQuestion, LandscapeReport, PathReport } from './landscape.answer.ts';
import { computeNames, parseLandscape, splitNames, viewNames, zooms } from './landscape.settings.ts';
import './landscape.css';
import { setOptions } from '../set-options.ts';
import { PlaneFigure } from './plane-figure.tsx';
import { planeKinds } from './plane.model.ts';
import { SliceFigure, type SliceLine } from './slice-figure.tsx';
import { ChoiceField, TextField, TrainingFields } from './training-fields.tsx';

const worker = new Worker(new URL('./landscape.worker.ts', import.meta.url), { type: 'module' });
const wasmPath = () => new URL('./wasm/', document.baseURI).href;

/** The loss of a network trained here, on lines and planes of its weights. */
export default function LandscapePage({ view }: { readonly view: View }) {
  const words = useWords();
  const settings = useMemo(() => parseLandscape(view.options), [view.options]);
  const { training, kind, other, directions, zoom, compute, split, log } = settings;
  const question: LandscapeQuestion = { training, kind, other: kind === 'between' ? other : 0, directions: kind === 'random' ? directions : 0, zoom, compute, wasmPath: wasmPath() };
  const { progress, plane, line, grid, done, failed, isNew } = useAnswer<LandscapeQuestion, LandscapeReport>(worker, question);
  const set = setOptions(view);
  const busy = !isNew || (!done && !failed);
  const lines = useMemo<readonly SliceLine[]>(() => (line ? splitNames.map((name, color) => ({ label: words.landscape.splits[name], split: name, values: line[name], color })) : []), [line, words]);
  const marks = useMemo(() => (kind === 'between' ? [{ x: 0, label: words.landscape.seedMark(training.seed) }, { x: 100, label: words.landscape.seedMark(other) }] : [{ x: 0, label: words.landscape.end }]), [kind, training.seed, other, words]);
  const title = words.landscape.titles[kind];
  return (
    <>
      <div className="head">
        <h1>{words.labs.landscape.title}</h1>
        {grid && isNew && <span className="chip" data-computed={grid.on}>{words.landscape.computedOn(grid.on, Math.round(grid.ms))}</span>}
      </div>
      <p className="intro">{words.landscape.intro}</p>
      <div className="tools controls">
        <span className="segments" role="group" aria-label={words.landscape.view}>
          {viewNames.map((name) => <button key={name} type="button" aria-pressed={settings.view === name} onClick={() => set({ view: name })}>{words.landscape.views[name]}</button>)}
        </span>
        <span className="segments" role="group" aria-label={words.landscape.loss}>
          {splitNames.map((name) => <button key={name} type="button" aria-pressed={split === name} disabled={settings.view === '1'} onClick={() => set({ split: name })}>{words.landscape.splits[name]}</button>)}
        </span>
        <button type="button" className="quiet" aria-pressed={log} onClick={() => set({ log: log ? '0' : undefined })}>{words.landscape.log}</button>
        <span className="state" data-state={failed ? 'failed' : busy ? 'running' : 'finished'} role="status">
          {failed && isNew ? words.states.failed : !busy ? words.landscape.ready : grid && isNew ? words.landscape.refining(grid.grid.side) : progress && isNew ? words.landscape.training(progress.seed, progress.epoch, progress.epochs) : words.states.loading}
        </span>
      </div>
      <div className="with-settings">
        <form className="card settings" aria-label={words.train.settings} onSubmit={(event) => event.preventDefault()}>
          <ChoiceField label={words.landscape.directions} value={kind} names={planeKinds} said={(name) => words.landscape.kinds[name]} onChange={(on) => set({ on, cell: undefined })} />
          {kind === 'random' && <TextField label={words.landscape.directionSeed} value={directions} onChange={(directions) => set({ directions })} />}
          {kind === 'between' && <TextField label={words.landscape.otherSeed} value={other} onChange={(other) => set({ other })} />}
          <ChoiceField label={words.landscape.zoom} value={String(zoom)} names={zooms.map(String)} said={(name) => `${name}×`} onChange={(zoom) => set({ zoom })} />
          <ChoiceField label={words.landscape.compute} value={compute} names={computeNames} said={(name) => words.landscape.computes[name]} onChange={(compute) => set({ compute })} />
          <hr />
          <TrainingFields training={training} set={set} />
        </form>
        <div className="landscape" data-view={settings.view}>
          {failed && isNew && <p className="notice danger" role="alert">{failed.message}</p>}
          {grid?.instead && isNew && <p className="notice">{words.landscape.instead(grid.instead)}</p>}
          {settings.view === '1'
            ? line ? <div className="card"><SliceFigure title={title} percent={line.percent} lines={lines} log={log} view={view} marks={marks} /></div> : !failed && <p className="card blank">{words.landscape.waiting}</p>
            : grid && plane ? <PlaneFigure title={title} grid={grid.grid} paths={plane.paths} settings={settings} theme={view.theme} busy={busy} onCell={(column, row) => set({ cell: `${column},${row}` })} onCamera={(turn, tilt) => set({ turn: String(turn), tilt: String(tilt) })} /> : !failed && <p className="card blank">{words.landscape.waiting}</p>}
          {plane && (
            <section className="card" aria-labelledby="facts-title">
              <h2 id="facts-title">{words.landscape.facts}</h2>
              <ul className="said">
                <li>{words.landscape.probed(plane.params, ...plane.probed)}</li>
                {plane.shares && <li data-shares={plane.shares.join()}>{words.landscape.shares(percentOf(plane.shares[0]), percentOf(plane.shares[1]))}</li>}
                {plane.paths.map((path) => <li key={path.seed} data-off={Math.max(...path.share)}>{words.landscape.residual(path.seed, percentOf(Math.max(...path.share)), formatValue(Number(Math.max(...path.off).toPrecision(3))))}</li>)}
                {grid?.check && <li data-difference={grid.check.difference}>{words.landscape.difference(formatValue(Number(grid.check.difference.toPrecision(3))), grid.check.places)}</li>}
              </ul>
              {plane.paths.map((path) => <PathTable key={path.seed} path={path} />)}
            </section>
          )}
        </div>
      </div>
      <LabNotes view={view} formula={<><code>L(w + α·d₁ + β·d₂)</code> {words.landscape.formula}</>} recipe="batch-slice" limits={words.landscape.limits} />
    </>
  );
}

const percentOf = (share: number): string => formatValue(Number((100 * share).toPrecision(3)));

/** The checkpoints of a way: where their shadows fall, how far off the plane they are, and their own losses. */
function PathTable({ path: { seed, steps, alpha, beta, share, train, validation } }: { readonly path: PathReport }) {
  const words = useWords();
  const text = (x: number) => formatValue(Number(x.toPrecision(4)));
  return (
    <details>
      <summary>{words.landscape.pathTitle(seed)}</summary>
      <div className="gs-table" tabIndex={0} role="region" aria-label={words.landscape.pathTitle(seed)}>
        <table>
          <thead><tr>{words.landscape.pathColumns.map((name) => <th key={name} scope="col">{name}</th>)}</tr></thead>
          <tbody>{steps.map((step, i) => <tr key={step}><th scope="row">{step}</th><td>{text(alpha[i])}</td><td>{text(beta[i])}</td><td>{percentOf(share[i])}</td><td>{text(train[i])}</td><td>{text(validation[i])}</td></tr>)}</tbody>
        </table>
      </div>
    </details>
  );
}
