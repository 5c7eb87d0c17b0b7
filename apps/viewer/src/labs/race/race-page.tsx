import { formatValue, lineStyle, paletteOf } from '@gradstream/charts';
import { useEffect, useMemo, useState } from 'react';
import { CurvePanels } from '../../run/curve-panels.tsx';
import { RunCurves } from '../../run/run-curves.ts';
import type { View } from '../../view/view.model.ts';
import { touch } from '../../view/view.store.ts';
import { useWords } from '../../words/words.tsx';
import type { RaceAnswer, RaceRequest } from './race.worker.ts';
import { stepPerGradient, stepsTo } from './place.ts';
import { parsePlane, parseRace, racers, type RaceSettings } from './race.settings.ts';
import { LabNotes } from '../lab-notes.tsx';
import { setOptions } from '../set-options.ts';
import { FamilyFigure } from './family-figure.tsx';
import { RaceFigure } from './race-figure.tsx';
import { StabilityFigure } from './stability-figure.tsx';
import { surfaces } from './surfaces.ts';

/** Optimizers side by side on a surface of two parameters. */
export default function RacePage({ view }: { readonly view: View }) {
  const words = useWords();
  const settings = useMemo(() => parseRace(view.options), [view.options]);
  const answer = useRace(settings);
  const [playing, setPlaying] = useState(false);
  const { surface, racing, start, steps, at } = settings;
  const paths = answer?.paths.length === racing.length ? answer.paths : [];
  const set = setOptions(view);
  useEffect(() => {
    if (!playing) return undefined;
    let frame: number;
    const begun = performance.now();
    const from = at >= steps ? 0 : at;
    const tick = (now: number) => {
      const step = Math.min(steps, Math.round(from + ((now - begun) / 4_000) * steps));
      set({ at: String(step) });
      if (step < steps) frame = requestAnimationFrame(tick);
      else setPlaying(false);
    };
    frame = requestAnimationFrame(tick);
    return () => cancelAnimationFrame(frame);
  }, [playing]);
  const palette = paletteOf(document.documentElement);
  const charted = useMemo(() => racing.map(({ name, color }, i) => {
    const curves = new RunCurves();
    paths[i]?.values.forEach((value, step) => { if (step === 0 || !Number.isNaN(paths[i].values[step - 1])) curves.add('loss', step, step, value); });
    return { id: name, name, curves, color, dash: lineStyle(palette, color).dash };
  }), [answer]);
  const names = racing.map(({ name }) => name);
  const toggle = (name: string) => set({ who: (names.includes(name as never) ? names.filter((other) => other !== name) : [...names, name]).join(',') });
  return (
    <>
      <div className="head"><h1>{words.race.title}</h1></div>
      <p className="intro">{words.race.intro}</p>
      <div className="tools controls">
        <label className="field">{words.race.surface}
          <select value={surface.name} onChange={(event) => { setPlaying(false); touch({ options: { on: event.target.value, ...(view.options.who === undefined ? {} : { who: view.options.who }) } }); }}>
            {surfaces.map(({ name }) => <option key={name} value={name}>{words.race.surfaces[name]}</option>)}
          </select>
        </label>
        <label className="field">{words.race.start}
          <input type="text" className="place" key={start.join()} defaultValue={start.map((x) => Number(x.toPrecision(4))).join(', ')} onBlur={(event) => set({ from: event.target.value.replaceAll(' ', '') })} onKeyDown={(event) => { if (event.key === 'Enter') event.currentTarget.blur(); }} />
        </label>
        <button type="button" className="primary" onClick={() => setPlaying(!playing)}>{playing ? words.race.pause : words.race.play}</button>
        <label className="field rate">{words.race.playhead}
          <input type="range" min={0} max={steps} value={at} onChange={(event) => { setPlaying(false); set({ at: event.target.value }); }} />
          <output>{at} / {steps}</output>
        </label>
      </div>
      {answer?.error && <p className="notice danger" role="alert">{answer.error}</p>}
      <div className="race-grid">
        <RaceFigure settings={settings} paths={paths} at={at} theme={view.theme} onStart={(start) => set({ from: start.map((x) => x.toPrecision(4)).join(','), at: undefined })} />
        <div>
          <div className="sideways">
            <table className="card leaderboard">
              <thead><tr><th scope="col">{words.race.optimizer}</th><th scope="col">{words.race.rate}</th><th scope="col" className="value">{words.race.value}</th><th scope="col" className="value">{words.race.distance}</th><th scope="col" className="value">{words.race.arrives}</th><th scope="col" className="value">{words.race.worth}</th></tr></thead>
              <tbody>
                {racers.map(({ name }, color) => {
                  const i = names.indexOf(name);
                  const path = i < 0 ? undefined : paths[i];
                  const place = path && surface.minimum && Math.hypot(path.places[2 * at] - surface.minimum[0], path.places[2 * at + 1] - surface.minimum[1]);
                  const worth = path && stepPerGradient(path, surface.gradient, at);
                  const arrives = path && surface.minimum && stepsTo(path, surface.minimum, 0.01);
                  return (
                    <tr key={name}>
                      <th scope="row">
                        <label>
                          <input type="checkbox" checked={i >= 0} aria-label={words.race.take(name)} onChange={() => toggle(name)} />
                          <span className="swatch" style={{ background: palette.lines[color % palette.lines.length] }} />{name}
                        </label>
                      </th>
                      <td>{i >= 0 && <input type="text" inputMode="decimal" className="number" aria-label={words.race.rateOf(name)} defaultValue={racing[i].rate} key={`${surface.name} ${racing[i].rate}`} onBlur={(event) => set({ [`rate-${name}`]: event.target.value })} onKeyDown={(event) => { if (event.key === 'Enter') event.currentTarget.blur(); }} />}</td>
                      <td className="value">{path ? (Number.isFinite(path.values[at]) ? formatValue(path.values[at]) : words.race.left) : ''}</td>
                      <td className="value">{place === undefined || !Number.isFinite(place) ? '' : formatValue(place)}</td>
                      <td className="value">{path && surface.minimum ? (arrives ?? words.race.never) : ''}</td>
                      <td className="value">{worth?.map((each) => formatValue(Number(each.toPrecision(2)))).join(' · ')}</td>
                    </tr>
                  );
                })}
              </tbody>
            </table>
          </div>
          {paths.length > 0 && <CurvePanels runs={charted} view={{ ...view, log: ['*'] }} annotations={[{ x: at, label: '' }]} />}
        </div>
      </div>
      <FamilyFigure racing={new Map(racing.map(({ name, color }) => [name, color]))} onToggle={toggle} />
      <section className="card rules" aria-labelledby="rules-title">
        <h2 id="rules-title">{words.race.rules}</h2>
        <p className="note">{words.race.rulesHint}</p>
        <dl>{racing.map(({ name }, i) => paths[i] && <div key={name}><dt>{name}</dt><dd>{paths[i].rules.map((rule) => <code key={rule}>{rule}</code>)}</dd></div>)}</dl>
      </section>
      <StabilityFigure {...parsePlane(view.options)} theme={view.theme} onChoose={({ rate, beta }) => set({ alpha: String(rate), beta: String(beta) })} />
      <LabNotes view={view} recipe="quadratic-race" limits={words.race.caveat} formula={<><code>f = {surface.formula}</code>; <code>m ← β·m + g, w ← w − α·m</code>; <code>0 &lt; α &lt; 2(1 + β)/λ</code></>} />
    </>
  );
}

const worker = new Worker(new URL('./race.worker.ts', import.meta.url), { type: 'module' });

/** The race, run in a worker; the answer to an older question is not shown. */
function useRace({ surface: { name: surface }, start, steps, racing }: RaceSettings): RaceAnswer | undefined {
  const [answer, setAnswer] = useState<RaceAnswer>();
  const request: RaceRequest = { surface, start, steps, racing: racing.map(({ name, rate }) => ({ name, rate })) };
  const key = JSON.stringify(request);
  useEffect(() => {
    worker.onmessage = ({ data }: MessageEvent<RaceAnswer>) => { if (JSON.stringify(data.request) === key) setAnswer(data); };
    worker.postMessage(request);
  }, [key]);
  return answer;
}
