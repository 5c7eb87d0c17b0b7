/** Measures how momentum converges, in float64: the plane row by row, and between two rows the way of whoever asks. */
import type { Path } from './place.ts';
import { plane } from './plane.ts';
import { measureRow, ratePerStep, trajectory } from './stability.model.ts';

export interface StabilityRequest {
  readonly rate: number;
  readonly beta: number;
}

export type StabilityAnswer =
  | { readonly type: 'row'; readonly row: number; readonly rates: readonly number[] }
  | { readonly type: 'path'; readonly request: StabilityRequest; readonly path: Path; readonly perStep: number };

const answer = (message: StabilityAnswer): void => postMessage(message);

self.onmessage = ({ data: request }: MessageEvent<StabilityRequest>) => {
  const path = trajectory(request.rate, request.beta);
  answer({ type: 'path', request, path, perStep: ratePerStep(path) });
};

const measure = (row: number): void => {
  answer({ type: 'row', row, rates: measureRow(row) });
  if (row + 1 < plane.rows) setTimeout(measure, 0, row + 1);
};
setTimeout(measure, 0, 0);
