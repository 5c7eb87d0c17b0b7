import { formatValue, SaveMenu } from '@gradstream/charts';
import { useMemo, useState } from 'react';
import type { View } from '../../view/view.model.ts';
import { useWords } from '../../words/words.tsx';
import { useAnswer } from '../answers.ts';
import '../landscape/landscape.css';
import { setOptions } from '../set-options.ts';
import { SliceFigure, type SliceLine } from '../landscape/slice-figure.tsx';
import { ChoiceField, TextField, TrainingFields } from '../landscape/training-fields.tsx';
import { LabNotes } from '../lab-notes.tsx';
import type { FlatSharpQuestion, FlatSharpReport, Outcome, Slices, Which } from './flat-sharp.answer.ts';
import { canStretch, parseFlatSharp, rateRules, stretches } from './flat-sharp.settings.ts';
import './flat-sharp.css';
import { MeasuresTable } from './measures-table.tsx';

const worker = new Worker(new URL('./flat-sharp.worker.ts', import.meta.url), { type: 'module' });

/** Place of a solution in the palette. */
const colorOf = { small: 0, large: 1, stretched: 2, between: 0 } as const;

/** The solutions of a small and of a large batch, on a line, in a box, and in directions that are fair to both. */
export default function FlatSharpPage({ view }: { readonly view: View }) {
  const words = useWords();
  const settings = useMemo(() => parseFlatSharp(view.options), [view.options]);
  const { log, ...asked } = settings;
  const question: FlatSharpQuestion = { ...asked, wasmPath: new URL('./wasm/', document.baseURI).href };
  const { progress, outcomes, between, random, ascent, measures, same, done, failed, isNew } = useAnswer<FlatSharpQuestion, FlatSharpReport>(worker, question);
  const set = setOptions(view);
  const { training, large, rule, until, eps, rho, directions, stretch } = settings;
  const busy = !isNew || (!done && !failed);
  const able = canStretch(settings);
  const lines = (slices: Slices | undefined): readonly SliceLine[] => (slices?.lines ?? []).map(({ which, split, values }) => ({
    label: which === 'between' ? words.landscape.splits[split] : words.flatSharp.which[which], split, values, color: which === 'between' ? (split === 'train' ? 0 : 1) : colorOf[which],
  }));
  const [lineBetween, lineRandom, lineAscent] = [useMemo(() => lines(between), [between, words]), useMemo(() => lines(random), [random, words]), useMemo(() => lines(ascent), [ascent, words])];
  const ends = useMemo(() => [{ x: 0, label: words.flatSharp.which.small }, { x: 100, label: words.flatSharp.which.large }], [words]);
  const here = useMemo(() => [{ x: 0, label: 'w' }], []);
  const samMarks = useMemo(() => [{ x: 0, label: 'w' }, { x: 100, label: 'w + ρ·g/‖g‖' }], []);
  const [kept, setKept] = useState(stretches[1] as number);
  return (
    <>
      <div className="head"><h1>{words.labs['flat-sharp'].title}</h1><span className="chip">float64</span></div>
      <p className="intro">{words.flatSharp.intro}</p>
      <div className="tools controls">
        <label className="field rate">{words.flatSharp.eps}
          <input type="range" min={-5} max={-1} step={0.25} value={eps} aria-valuetext={formatValue(Number((10 ** eps).toPrecision(3)))} onChange={(event) => set({ eps: event.target.value })} />
          <output>{formatValue(Number((10 ** eps).toPrecision(3)))}</output>
        </label>
        <label className="field rate">{words.flatSharp.rho}
          <input type="range" min={-3} max={0} step={0.25} value={rho} aria-valuetext={formatValue(Number((10 ** rho).toPrecision(3)))} onChange={(event) => set({ rho: event.target.value })} />
          <output>{formatValue(Number((10 ** rho).toPrecision(3)))}</output>
        </label>
        <button type="button" aria-pressed={stretch !== 1} disabled={!able} title={able ? undefined : words.flatSharp.cannotStretch} onClick={() => set({ stretch: stretch === 1 ? String(kept) : undefined })}>{words.flatSharp.stretch}</button>
        <label className="field">c
          <select value={stretch === 1 ? kept : stretch} disabled={!able} onChange={(event) => { setKept(Number(event.target.value)); if (stretch !== 1) set({ stretch: event.target.value }); }}>
            {stretches.map((c) => <option key={c} value={c}>{c}</option>)}
          </select>
        </label>
        <button type="button" className="quiet" aria-pressed={log} onClick={() => set({ log: log ? '0' : undefined })}>{words.landscape.log}</button>
        <span className="state" data-state={failed ? 'failed' : busy ? 'running' : 'finished'} role="status">
          {failed && isNew ? words.states.failed : !busy ? words.landscape.ready : outcomes && isNew ? words.flatSharp.measuring : progress && isNew ? words.flatSharp.training(words.flatSharp.which[progress.which], progress.epoch, formatValue(progress.loss)) : words.states.loading}
        </span>
      </div>
      <div className="with-settings">
        <form className="card settings" aria-label={words.train.settings} onSubmit={(event) => event.preventDefault()}>
          <TextField label={words.flatSharp.small} value={training.batchSize} hint={words.train.outOf(1, 400)} onChange={(small) => set({ small })} />
          <TextField label={words.flatSharp.large} value={large} hint={words.train.outOf(1, 400)} onChange={(large) => set({ large })} />
          <ChoiceField label={words.flatSharp.rule} value={rule} names={rateRules} said={(name) => words.flatSharp.rules[name]} onChange={(rule) => set({ rule })} />
          <TextField label={words.flatSharp.until} value={until} hint={words.train.outOf(0.001, 1)} onChange={(until) => set({ until })} />
          <TextField label={words.landscape.directionSeed} value={directions} onChange={(directions) => set({ directions })} />
          <hr />
          <TrainingFields training={training} without={['batch']} set={set} />
        </form>
        <div className="flat-sharp">
          {failed && isNew && <p className="notice danger" role="alert">{failed.message}</p>}
          {outcomes
            ? (
              <section className="card">
                <div className="gs-caption"><h2>{words.flatSharp.measures}</h2><span className="gs-actions gs-place">{measures && <SaveMenu title={words.flatSharp.measures} words={words.charts} files={{ json: () => JSON.stringify({ outcomes, measures: measures.of, eps: 10 ** eps, rho: 10 ** rho }) }} />}</span></div>
                <ul className="said">
                  {(['small', 'large'] as const).map((which) => <li key={which} data-outcome={which}>{said(which, outcomes[which])}</li>)}
                  <li>{words.flatSharp.probed(outcomes.params, ...outcomes.probed)}</li>
                </ul>
                {measures?.of.small && measures.of.large && <p className="note seen">{words.flatSharp.seen(...(['lambdaMax', 'sharpness', 'validation'] as const).map((measure) => short(measures.of.large![measure] / measures.of.small![measure])) as [string, string, string])}</p>}
                {measures && <MeasuresTable of={measures.of} eps={10 ** eps} rho={10 ** rho} />}
                {same && stretch !== 1 && <p className="note same" data-function={same.function} data-slice={same.slice}>{words.flatSharp.same(stretch, short(same.function), short(same.slice))}</p>}
              </section>
            )
            : !failed && <p className="card blank">{words.flatSharp.waiting}</p>}
          {between && <div className="card"><SliceFigure title={words.flatSharp.between} percent={between.percent} lines={lineBetween} log={log} view={view} marks={ends} /></div>}
          {random && <div className="card"><SliceFigure title={words.flatSharp.random} percent={random.percent} lines={lineRandom} log={log} view={view} marks={here} /></div>}
          {ascent && <div className="card"><SliceFigure title={words.flatSharp.ascent} percent={ascent.percent} lines={lineAscent} log={log} view={view} marks={samMarks} /></div>}
        </div>
      </div>
      <LabNotes view={view} formula={<><code>φ = 100·(max f(w + y) − f(w)) / (1 + f(w))</code>, <code>|yᵢ| ≤ ε·(|wᵢ| + 1)</code>; {words.flatSharp.formula}</>} recipe="batch-sharpness" limits={words.flatSharp.limits} />
    </>
  );

  function said(which: Exclude<Which, 'stretched'>, { batchSize, learningRate, steps, epochs, reached }: Outcome): string {
    return words.flatSharp.outcome(words.flatSharp.which[which], batchSize, formatValue(learningRate), steps, epochs, reached);
  }
}

const short = (x: number): string => formatValue(Number(x.toPrecision(2)));
