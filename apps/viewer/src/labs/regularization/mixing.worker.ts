/** Mixes batches of digits. */
import { digits } from '@gradstream/datasets';
import { fold, key, permutation } from '@gradstream/numerics';
import type { Told } from '../asked.ts';
import { mixedOf, type MixedBatch, type MixingName } from './mixing.model.ts';

export interface MixingQuestion {
  readonly name: MixingName;
  readonly alpha: number;
  readonly seed: number;
  /** Which batch. */
  readonly draw: number;
}

export interface MixingAnswer {
  readonly batch: MixedBatch;
}

const shown = 8;
const data = digits();

self.onmessage = async ({ data: { name, alpha, seed, draw } }: MessageEvent<MixingQuestion>) => {
  const { train } = await data;
  const from = fold(fold(key(seed), 'batch'), draw);
  const batch = mixedOf(name, alpha, train.gather([...permutation(from, train.size).subarray(0, shown)]), from);
  postMessage({ part: { batch } } satisfies Told<MixingAnswer>);
  postMessage({ done: true } satisfies Told<MixingAnswer>);
};
