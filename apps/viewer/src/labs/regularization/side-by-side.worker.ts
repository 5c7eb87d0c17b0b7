/** Trains the arms of the lab. A new question ends the training of the one before. */
import { useBackend } from '@gradstream/engine';
import { isInputError } from '@gradstream/numerics';
import { Subscription } from 'rxjs';
import type { Plane } from '../../train/messages.ts';
import { planeOf } from '../../train/surface.ts';
import type { RegularizationSettings } from './regularization.settings.ts';
import { contendersOf, dataOf, differenceOf, type Progress, sideBySide } from './side-by-side.model.ts';

export interface TrainQuestion {
  /** Tells the reports of one question from those of another. */
  readonly run: number;
  readonly settings: RegularizationSettings;
  readonly wasmPath: string;
}

export type TrainReport = { readonly run: number } & (
  | { readonly type: 'ready'; readonly plane: Plane; readonly engine: string; readonly skipped: string }
  | { readonly type: 'progress'; readonly progress: Progress }
  /** The end; by how much the engine's surfaces differ at most from those in float64. */
  | { readonly type: 'done'; readonly difference: number }
  | { readonly type: 'failed'; readonly message: string }
);

const say = (report: TrainReport) => postMessage(report);
let training = new Subscription();
let newest = -1;

self.onmessage = ({ data: { run, settings, wasmPath } }: MessageEvent<TrainQuestion>) => {
  training.unsubscribe();
  newest = run;
  start(run, settings, wasmPath).catch((error: unknown) => {
    if (run === newest) say({ run, type: 'failed', message: error instanceof Error ? error.message : String(error) });
    if (!isInputError(error)) throw error;
  });
};

/** The backend that was asked for; where it does not start, the plain one, and why. */
async function backendOf(backend: RegularizationSettings['backend'], wasmPath: string): Promise<string> {
  try {
    await useBackend({ backend, wasmPath });
    return '';
  } catch (error) {
    if (!isInputError(error)) throw error;
    await useBackend({ backend: 'cpu', wasmPath });
    return error.message;
  }
}

async function start(run: number, settings: RegularizationSettings, wasmPath: string): Promise<void> {
  const skipped = await backendOf(settings.backend, wasmPath);
  const data = await dataOf(settings);
  if (run !== newest) return;
  const plane = planeOf(data);
  const contenders = contendersOf(settings, data);
  say({ run, type: 'ready', plane, skipped, engine: [...new Set(contenders.map(({ trainer }) => trainer.engine))].join(', ') });
  let difference = 0;
  training = sideBySide(settings, data, plane, contenders).subscribe({
    next: (progress) => {
      if (progress.epoch === settings.epochs) difference = differenceOf(contenders, plane);
      say({ run, type: 'progress', progress });
    },
    error: (error: unknown) => say({ run, type: 'failed', message: error instanceof Error ? error.message : String(error) }),
    complete: () => say({ run, type: 'done', difference }),
  });
}
