import { useEffect, useMemo, useState } from 'react';
import type { Plane } from '../../train/messages.ts';
import type { RegularizationSettings } from './regularization.settings.ts';
import type { ArmPicture, Standing } from './side-by-side.model.ts';
import type { TrainQuestion, TrainReport } from './side-by-side.worker.ts';

const worker = new Worker(new URL('./side-by-side.worker.ts', import.meta.url), { type: 'module' });
let runs = 0;

/** How long nobody may touch a slider before training begins anew. */
const quietMs = 150;
/** Reports are shown at most this often. */
const showMs = 100;

/** A training of all arms as far as it has come. */
export interface Training {
  readonly plane?: Plane;
  readonly engine: string;
  readonly skipped: string;
  /** Epoch by epoch, arm by arm. */
  readonly epochs: readonly { readonly epoch: number; readonly standings: readonly Standing[] }[];
  readonly frames: readonly { readonly epoch: number; readonly pictures: readonly ArmPicture[] }[];
  readonly done: boolean;
  readonly difference: number;
  readonly error?: string;
}

const idle: Training = { engine: '', skipped: '', epochs: [], frames: [], done: false, difference: NaN };

/** Trains the arms of some settings in the worker; other settings begin anew. */
export function useTraining(settings: RegularizationSettings): Training {
  const [{ key: shown, training }, setShown] = useState<{ readonly key: string; readonly training: Training }>({ key: '', training: idle });
  const key = JSON.stringify(settings);
  const question = useMemo(() => settings, [key]);
  useEffect(() => {
    const run = ++runs;
    let latest: Training = idle;
    let due: ReturnType<typeof setTimeout> | undefined;
    const show = () => {
      due = undefined;
      setShown({ key, training: latest });
    };
    const onMessage = ({ data: report }: MessageEvent<TrainReport>) => {
      if (report.run !== run) return;
      if (report.type === 'ready') latest = { ...latest, plane: report.plane, engine: report.engine, skipped: report.skipped };
      else if (report.type === 'progress') {
        const { epoch, standings, pictures } = report.progress;
        latest = { ...latest, epochs: [...latest.epochs, { epoch, standings }], frames: pictures ? [...latest.frames, { epoch, pictures }] : latest.frames };
      } else if (report.type === 'done') latest = { ...latest, done: true, difference: report.difference };
      else latest = { ...latest, done: true, error: report.message };
      due ??= setTimeout(show, showMs);
    };
    worker.addEventListener('message', onMessage);
    const begin = setTimeout(() => worker.postMessage({ run, settings: question, wasmPath: new URL('wasm/', document.baseURI).href } satisfies TrainQuestion), quietMs);
    return () => {
      clearTimeout(begin);
      clearTimeout(due);
      worker.removeEventListener('message', onMessage);
    };
  }, [question]);
  return shown === key ? training : { ...training, done: false };
}
