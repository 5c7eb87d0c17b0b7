/** Runs a race of optimizers in float64. */
import { isInputError } from '@gradstream/numerics';
import { formulasOf, optimizers, type Transformation } from '@gradstream/optimizers';
import type { Path } from './place.ts';
import { descend } from './race.model.ts';
import { surfaceOf } from './surfaces.ts';

export interface RaceRequest {
  readonly surface: string;
  readonly start: readonly [number, number];
  readonly steps: number;
  readonly racing: readonly { readonly name: string; readonly rate: number }[];
}

export interface RaceAnswer {
  readonly request: RaceRequest;
  readonly paths: readonly (Path & { readonly rules: readonly string[] })[];
  readonly error?: string;
}

self.onmessage = ({ data: request }: MessageEvent<RaceRequest>) => {
  try {
    const paths = request.racing.map(({ name, rate }) => {
      const optimizer = (optimizers[name] as unknown as (options: { learningRate: number }) => Transformation)({ learningRate: rate });
      return { ...descend(optimizer, surfaceOf(request.surface), request.start, request.steps), rules: formulasOf(optimizer).flatMap(({ lines }) => lines) };
    });
    postMessage({ request, paths } satisfies RaceAnswer);
  } catch (error) {
    if (!isInputError(error)) throw error;
    postMessage({ request, paths: [], error: error.message } satisfies RaceAnswer);
  }
};
