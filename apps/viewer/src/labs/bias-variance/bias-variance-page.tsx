import { formatValue } from '@gradstream/charts';
import { useMemo } from 'react';
import type { View } from '../../view/view.model.ts';
import { useWords } from '../../words/words.tsx';
import { useAsked } from '../asked.ts';
import { LabNotes } from '../lab-notes.tsx';
import { setOptions } from '../set-options.ts';
import { bounds, familyNames, formatMoved, frame, parseBiasVariance, truthNames } from './bias-variance.settings.ts';
import { truths } from './families.ts';
import { FitsFigure } from './fits-figure.tsx';
import { capacitiesFor, inputs, noiseOf } from './population.model.ts';
import type { PopulationAnswer, PopulationQuestion } from './population.worker.ts';
import { StackFigure } from './stack-figure.tsx';
import { TargetFigure } from './target-figure.tsx';
import './bias-variance.css';

const worker = new Worker(new URL('./population.worker.ts', import.meta.url), { type: 'module' });

/** A population of models on one task: bias, variance and noise through the interpolation threshold. */
export default function BiasVariancePage({ view }: { readonly view: View }) {
  const words = useWords();
  const own = words.biasVariance;
  const settings = useMemo(() => parseBiasVariance(view.options), [view.options]);
  const { population, capacity, at } = settings;
  const { answer: { fits, measured }, done, error } = useAsked<PopulationQuestion, PopulationAnswer>(worker, { population, capacity });
  const set = setOptions(view);
  const capacities = capacitiesFor(population.points);
  const move = (index: number, to?: { readonly x: number; readonly y: number }) => {
    const others = population.moved.filter((each) => each.index !== index);
    if (!to) return set({ moved: formatMoved(others) });
    const within = (value: number, [least, greatest]: readonly [number, number]) => Math.min(greatest, Math.max(least, value));
    const [x, y] = [within(to.x, frame.x), within(to.y, frame.y)];
    return set({ moved: formatMoved([...others, { index, x, offset: y - truths[population.truth](x) - noiseOf(population, 0)[index] }]) });
  };
  const slider = (name: 'points' | 'noise' | 'models', label: string, step: number, value: number) => (
    <label className="field">{label}
      <input type="range" min={bounds[name][0]} max={bounds[name][1]} step={step} value={value} onChange={(event) => set({ [name]: event.target.value, ...(name === 'points' ? { moved: undefined } : {}) })} />
      <output>{value}</output>
    </label>
  );
  const predictions = fits?.predictions ?? [];
  return (
    <>
      <div className="head"><h1>{own.title}</h1></div>
      <p className="intro">{own.intro}</p>
      <div className="tools controls">
        <label className="field">{own.truth}
          <select value={population.truth} onChange={(event) => set({ truth: event.target.value, moved: undefined })}>{truthNames.map((name) => <option key={name} value={name}>{own.truths[name]}</option>)}</select>
        </label>
        <label className="field">{own.family}
          <select value={population.family} onChange={(event) => set({ family: event.target.value })}>{familyNames.map((name) => <option key={name} value={name}>{own.families[name]}</option>)}</select>
        </label>
        <label className="field rate">{own.capacity}
          <input type="range" min={0} max={capacities.length - 1} value={capacities.indexOf(capacity)} aria-valuetext={String(capacity)} onChange={(event) => set({ capacity: String(capacities[Number(event.target.value)]) })} />
          <output>p = {capacity}</output>
        </label>
        {slider('points', own.points, 1, population.points)}
        {slider('noise', own.noise, 0.05, population.noise)}
        {slider('models', own.models, 1, population.models)}
        <label className="field">{own.seed}
          <input type="number" className="seed" min={bounds.seed[0]} max={bounds.seed[1]} value={population.seed} onChange={(event) => set({ seed: event.target.value })} />
        </label>
        {([0, 1] as const).map((k) => (
          <label key={k} className="field">{own.targetInput(k + 1)}
            <input type="range" min={0} max={96} value={at[k]} aria-valuetext={formatValue(inputs[at[k]])} onChange={(event) => set({ at: at.map((place, i) => inputs[i === k ? Number(event.target.value) : place].toFixed(2)).join(',') })} />
            <output>{formatValue(inputs[at[k]])}</output>
          </label>
        ))}
        <button type="button" disabled={population.moved.length === 0} onClick={() => set({ moved: undefined })}>{own.putBack}</button>
      </div>
      {error && <p className="notice danger" role="alert">{error}</p>}
      <div className="bias-variance-grid">
        <FitsFigure settings={settings} predictions={predictions} busy={!done} onMove={move} />
        <TargetFigure settings={settings} predictions={predictions} busy={!done} />
      </div>
      {measured
        ? <StackFigure settings={settings} measured={measured} busy={!done} onCapacity={(next) => set({ capacity: String(next) })} onScale={(scale) => set({ scale: scale === 'log' ? 'log' : undefined })} />
        : <p className="card blank" role="status">{own.computing}</p>}
      <LabNotes view={view} recipe="bias-variance-identity" limits={own.limits} formula={<>{own.formula} <code>E(t − f̂)² = (f − E f̂)² + E(f̂ − E f̂)² + σ²</code></>} />
    </>
  );
}
