import { formatValue } from '@gradstream/charts';
import { useEffect, useMemo, useRef, useState } from 'react';
import { CurvePanels } from '../run/curve-panels.tsx';
import { ReplayBar } from '../run/replay-bar.tsx';
import { Toolbar } from '../run/toolbar.tsx';
import { useStore } from '../view/store.ts';
import type { View } from '../view/view.model.ts';
import { touch } from '../view/view.store.ts';
import { useWords } from '../words/words.tsx';
import { type CsvFile, readCsvFile } from './csv-file.ts';
import { GalleryFigure } from './gallery-figure.tsx';
import { PlaneFigure } from './plane-figure.tsx';
import { bounds, canFork, codeOf, formatSettings, parseSettings, specOf, startSettings, type TrainSettings } from './settings.model.ts';
import { SettingsForm } from './settings-form.tsx';
import { Trainer, type Training, type TrainWorker } from './trainer.store.ts';
import { UnitsFigure } from './units-figure.tsx';

/** Lives as long as the page: a run goes on while somebody looks at another view. */
const trainer = new Trainer(
  () => new Worker(new URL('./train.worker.ts', import.meta.url), { type: 'module' }) as unknown as TrainWorker,
  new URL('./wasm/', document.baseURI).href,
);

/** Trains in this tab, on charts like those of any other run. */
export default function TrainPage({ view }: { readonly view: View }) {
  const words = useWords();
  const training = useStore(trainer);
  const settings = useMemo(() => parseSettings(view.train), [view.train]);
  const [started, setStarted] = useState<TrainSettings>();
  const changed = started !== undefined && JSON.stringify(started) !== JSON.stringify(settings);
  const [csv, setCsv] = useState<CsvFile>();
  const [unread, setUnread] = useState<string>();
  const ready = settings.data !== 'csv' || csv !== undefined;
  const begin = (paused = false) => {
    setStarted(settings);
    trainer.start(settings, paused, csv?.text);
  };
  const fork = () => {
    if (trainer.fork(settings, view.at)) setStarted(settings);
  };
  const take = (file: File) => {
    setUnread(undefined);
    readCsvFile(file).then((read) => {
      setCsv(read);
      const target = read.columns.includes(settings.target) ? settings.target : (read.columns.at(-1) ?? '');
      touch({ train: formatSettings({ ...(settings.data === 'csv' ? settings : { ...startSettings('csv'), seed: settings.seed }), file: read.name, target }) });
    }, (error: Error) => setUnread(error.message));
  };
  const charted = useMemo(() => {
    const here = { id: 'here', name: training.original ? words.train.here : words.shell.train, curves: training.curves };
    return training.original ? [here, { id: 'original', name: words.train.original, curves: training.original.curves }] : [here];
  }, [training.curves, training.original, words]);
  useDroppedFile(take);
  // With a playhead the pictures are those of its step.
  const surface = view.at === undefined ? training.surface : trainer.surfaces.at(view.at);
  const guesses = view.at === undefined ? training.guesses : trainer.guesses.at(view.at);
  const active = training.phase === 'running' || training.phase === 'paused' || training.phase === 'starting';
  useEffect(() => void (document.documentElement.dataset.backend = training.backend ?? ''), [training.backend]);
  return (
    <>
      <div className="head">
        <h1>{words.train.title}</h1>
        <span className="state" data-state={training.phase} role="status">{words.train.phases[training.phase]}</span>
        {training.backend && <BackendName training={training} />}
        <span className="spring" />
        <Copy label={words.train.copyCode} text={() => codeOf(settings)} />
        <Copy label={words.train.copySpec} text={() => JSON.stringify(specOf(settings), null, 2)} />
      </div>
      <Facts training={training} />
      <div className="tools controls">
        {training.phase !== 'idle' && <button type="button" className={!active || changed ? 'primary' : undefined} onClick={() => begin()}>{words.train.restart}</button>}
        {training.phase === 'paused'
          ? <button type="button" onClick={() => trainer.play()}>{words.train.resume}</button>
          : <button type="button" disabled={training.phase !== 'running'} onClick={() => trainer.pause()}>{words.train.pause}</button>}
        <button type="button" disabled={!ready} onClick={() => { if (!active) begin(true); trainer.step(); }}>{words.train.step}</button>
        <button type="button" disabled={!active} onClick={() => trainer.stop()}>{words.train.stop}</button>
        <Rate value={active ? training.rate : settings.learningRate} onValue={(rate) => (active ? trainer.setRate(rate) : touch({ train: formatSettings({ ...settings, learningRate: rate }) }))} />
        {started && canFork(started, settings) && training.snapshot !== undefined && <button type="button" title={words.train.forkHint} onClick={fork}>{words.train.fork}</button>}
        {changed && active && <span className="changed">{words.train.changed}</span>}
      </div>
      {training.phase === 'failed' && <p className="notice danger" role="alert">{words.train.failed}: {training.message}</p>}
      {unread && <p className="notice danger" role="alert">{unread}</p>}
      {training.lost && <p className="notice" role="status">{training.lost.from < 0 ? words.train.lostAtStart : words.train.lost(training.lost.step, training.lost.from)}</p>}
      <div className="with-settings">
        <SettingsForm settings={settings} onChange={(train) => touch({ train })} csv={csv} onFile={take} />
        <div>
          {training.phase === 'idle' ? <div className="blank"><p>{words.train.idle}</p><button type="button" className="primary" disabled={!ready} onClick={() => begin()}>{words.train.start}</button></div> : (
            <>
              <Toolbar view={view} followWidth={() => Math.max(20, training.step / 4)} />
              <ReplayBar view={view} last={training.step} />
              <div className="with-picture">
                <div className="picture-column">
                  {training.plane && <PlaneFigure plane={training.plane} surface={surface} theme={view.theme} />}
                  {surface?.units && surface.units.length > 0 && <UnitsFigure layers={surface.units} step={surface.step} theme={view.theme} />}
                  {training.gallery && <GalleryFigure gallery={training.gallery} guesses={guesses} theme={view.theme} />}
                </div>
                <div><CurvePanels runs={charted} view={view} annotations={training.touches} /></div>
              </div>
            </>
          )}
        </div>
      </div>
    </>
  );
}

/** Takes the first file that is dropped anywhere on the page. */
function useDroppedFile(onFile: (file: File) => void): void {
  const latest = useRef(onFile);
  useEffect(() => void (latest.current = onFile));
  useEffect(() => {
    const over = (event: DragEvent) => event.preventDefault();
    const drop = (event: DragEvent) => {
      event.preventDefault();
      const file = event.dataTransfer?.files[0];
      if (file) latest.current(file);
    };
    document.addEventListener('dragover', over);
    document.addEventListener('drop', drop);
    return () => {
      document.removeEventListener('dragover', over);
      document.removeEventListener('drop', drop);
    };
  }, []);
}

function BackendName({ training: { backend = '', engine, skipped } }: { readonly training: Training }) {
  const words = useWords();
  const why = skipped.map(({ name, reason }) => `${name} (${reason})`).join(', ');
  return <span className="chip" data-backend={backend} title={why ? words.train.fallback(why) : engine}>{engine ?? backend}{why && <span className="unseen"> {words.train.fallback(why)}</span>}</span>;
}

function Facts({ training: { step, totalSteps, epoch, stepsPerSecond, params, examples, phase } }: { readonly training: Training }) {
  const words = useWords();
  const shown = (n: number) => n.toLocaleString(words.locale);
  if (phase === 'idle') return <p className="intro">{words.train.intro}</p>;
  const facts: readonly (readonly [string, string])[] = [
    [words.run.steps, `${shown(step + 1)}${totalSteps === undefined ? '' : ` / ${shown(totalSteps)}`}`],
    [words.train.epoch, shown(epoch + 1)],
    [words.train.perSecond, stepsPerSecond === undefined ? '–' : formatValue(Math.round(stepsPerSecond * 10) / 10)],
    [words.train.params, params === undefined ? '–' : shown(params)],
    [words.train.examples, examples === undefined ? '–' : `${shown(examples.train)} + ${shown(examples.validation)}`],
  ];
  return <dl className="facts">{facts.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>;
}

/** A logarithmic slider. */
function Rate({ value, onValue }: { readonly value: number; readonly onValue: (value: number) => void }) {
  const words = useWords();
  const [least, greatest] = bounds.learningRate.map(Math.log10);
  return (
    <label className="field rate">
      {words.train.rate}
      <input type="range" min={least} max={greatest} step={0.01} value={Math.log10(value)} aria-valuetext={formatValue(value)} onChange={(event) => onValue(Number((10 ** event.target.valueAsNumber).toPrecision(3)))} />
      <output>{formatValue(value)}</output>
    </label>
  );
}

function Copy({ label, text }: { readonly label: string; readonly text: () => string }) {
  const words = useWords();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), 2_000);
    return () => clearTimeout(timer);
  }, [copied]);
  return <button type="button" className="quiet" onClick={() => void navigator.clipboard.writeText(text()).then(() => setCopied(true))}>{copied ? words.shell.copied : label}</button>;
}
