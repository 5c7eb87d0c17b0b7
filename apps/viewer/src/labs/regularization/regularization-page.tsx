import { formatValue } from '@gradstream/charts';
import { useMemo } from 'react';
import type { View } from '../../view/view.model.ts';
import { useWords } from '../../words/words.tsx';
import { LabNotes } from '../lab-notes.tsx';
import { numberIn } from '../options.ts';
import { setOptions } from '../set-options.ts';
import { armNames, armOf, strengthAt } from './arms.ts';
import { LearningFigure } from './learning-figure.tsx';
import { MixingFigure } from './mixing-figure.tsx';
import { backendNames, bounds, dataNames, parseRegularization } from './regularization.settings.ts';
import { percent, SurfacesFigure } from './surfaces-figure.tsx';
import { useTraining } from './training.store.ts';
import { WeightsFigure } from './weights-figure.tsx';
import './regularization.css';

/** One small network with each regularizer, side by side: the same data, first weights and batches. */
export default function RegularizationPage({ view }: { readonly view: View }) {
  const words = useWords();
  const own = words.regularization;
  const settings = useMemo(() => parseRegularization(view.options), [view.options]);
  const training = useTraining(settings);
  const { plane, engine, skipped, epochs, frames, done, difference, error } = training;
  const { chosen } = settings;
  const names = chosen.map(({ name }) => name);
  const at = Math.round(numberIn(view.options.at, 1, settings.epochs) ?? settings.epochs);
  const measure = view.options.measure === 'error' ? 'error' : 'loss';
  const set = setOptions(view);
  const frame = frames.findLast(({ epoch }) => epoch <= at) ?? frames[0];
  const standings = frame && epochs.find(({ epoch }) => epoch === frame.epoch)!.standings;
  const slider = (name: keyof typeof bounds & ('noise' | 'points' | 'epochs' | 'width'), label: string, step: number) => (
    <label className="field">{label}
      <input type="range" min={bounds[name][0]} max={bounds[name][1]} step={step} value={settings[name]} onChange={(event) => set({ [name]: event.target.value, at: undefined })} />
      <output>{settings[name]}</output>
    </label>
  );
  const computed = done && !error ? own.computed(engine, formatValue(difference), difference <= 1e-3) : own.training(epochs.at(-1)?.epoch ?? 0, settings.epochs);
  return (
    <>
      <div className="head"><h1>{own.title}</h1>{engine && <span className="chip">{engine}</span>}</div>
      <p className="intro">{own.intro}</p>
      <div className="tools controls">
        <label className="field">{words.train.data}
          <select value={settings.data} onChange={(event) => set({ data: event.target.value, noise: undefined, at: undefined })}>{dataNames.map((name) => <option key={name} value={name}>{words.train.dataNames[name]}</option>)}</select>
        </label>
        {slider('noise', words.train.noise, 0.02)}
        {slider('points', own.points, 10)}
        {slider('width', own.width, 1)}
        {slider('epochs', words.train.epochs, 10)}
        <label className="field">{words.train.seed}
          <input type="number" className="seed" min={bounds.seed[0]} max={bounds.seed[1]} value={settings.seed} onChange={(event) => set({ seed: event.target.value, at: undefined })} />
        </label>
        <label className="field">{words.train.backend}
          <select value={settings.backend} onChange={(event) => set({ backend: event.target.value })}>{backendNames.map((name) => <option key={name} value={name}>{name}</option>)}</select>
        </label>
        <label className="field rate">{own.epoch}
          <input type="range" aria-label={own.playhead} min={1} max={settings.epochs} value={at} onChange={(event) => set({ at: Number(event.target.value) === settings.epochs ? undefined : event.target.value })} />
          <output>{frame?.epoch ?? 0} / {settings.epochs}</output>
        </label>
      </div>
      {skipped && <p className="notice">{words.train.fallback(skipped)}</p>}
      {error && <p className="notice danger" role="alert">{error}</p>}
      <div className="regularization-grid">
        <div className="regularization-left">
          <table className="card leaderboard">
            <thead><tr>{[own.arm, own.strength].map((name) => <th key={name} scope="col">{name}</th>)}{[own.trainShort, own.validationShort, own.lossShort].map((name) => <th key={name} scope="col" className="value">{name}</th>)}</tr></thead>
            <tbody>
              {armNames.map((name) => {
                const arm = armOf(name);
                const taken = chosen.find((each) => each.name === name);
                const standing = standings?.find((each) => each.name === name);
                return (
                  <tr key={name}>
                    <th scope="row"><label title={own.about[name]}><input type="checkbox" checked={taken !== undefined} disabled={names.length === 1 && taken !== undefined} onChange={() => set({ arms: armNames.filter((each) => (each === name ? !taken : names.includes(each))).join(','), at: undefined })} />{own.arms[name]}</label></th>
                    <td>{taken && arm.strength && (
                      <span className="strength">
                        <input type="range" aria-label={own.strengthOf(own.arms[name])} min={arm.strength.least} max={arm.strength.greatest} step={arm.strength.step} value={taken.place} aria-valuetext={`${own.units[name]} ${formatValue(Number(strengthAt(arm, taken.place).toPrecision(2)))}`} onChange={(event) => set({ [name]: event.target.value, at: undefined })} />
                        <output>{own.units[name]} {formatValue(Number(strengthAt(arm, taken.place).toPrecision(2)))}</output>
                      </span>
                    )}</td>
                    <td className="value">{standing ? `${percent(standing.train.error)} %` : ''}</td>
                    <td className="value">{standing ? `${percent(standing.validation.error)} %` : ''}</td>
                    <td className="value">{standing ? formatValue(Number(standing.validation.loss.toPrecision(3))) : ''}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
          <MixingFigure options={view.options} seed={settings.seed} theme={view.theme} onChange={set} />
        </div>
        {plane && frame && standings
          ? <SurfacesFigure plane={plane} pictures={frame.pictures} standings={standings} epoch={frame.epoch} said={`${own.surfacesSaid(frame.epoch)} ${computed}`} busy={!done} theme={view.theme} />
          : !error && <p className="card blank" role="status">{own.starting}</p>}
      </div>
      {frame && (
        <>
          <LearningFigure training={training} epochs={settings.epochs} at={frame.epoch} measure={measure} busy={!done} onMeasure={(next) => set({ measure: next === 'error' ? 'error' : undefined })} />
          <WeightsFigure pictures={frame.pictures} epoch={frame.epoch} busy={!done} />
        </>
      )}
      <dl className="card rules apart">{names.map((name) => <div key={name}><dt>{own.arms[name]}</dt><dd>{own.about[name]}</dd></div>)}</dl>
      <LabNotes view={view} recipe="regularizer-table" limits={own.limits} formula={own.formula} />
    </>
  );
}
