import { tap } from 'rxjs';
import { checkOptions, InputError, positiveInteger, type Examples, type Split } from '@gradstream/numerics';
import { Crossing, epochs, type Every } from './every.ts';
import { contactSheet } from './contact-sheet.ts';
import { RUN } from './run.ts';
import { stage, type Stage } from './stage.ts';
import type { Step } from './step.ts';

export interface SampleImagesOptions {
  /** How often. Default once an epoch. */
  readonly every?: Every;
  /** Images of a batch that are shown. Default 16. */
  readonly count?: number;
}

/**
 * Shows the first images of a batch as they lie in the data (`batch/before`) and as augmentation made them (`batch/after`),
 * each as one small PNG. Stands between `optimize` and `metrics`; `asides` puts what it says into the stream.
 *
 * @param train the split that `batches` reads
 * @throws InputError for data that are no images [height, width, 1 or 3]
 */
export function sampleImages(train: Split, { every = epochs(1), count = 16 }: SampleImagesOptions = {}): Stage<Step, Step> {
  checkOptions('sampleImages', { count }, { count: positiveInteger });
  if (!isImage(train.inputShape)) throw new InputError(`sampleImages: examples must be images [height, width, 1 or 3], received [${train.inputShape.join(', ')}]`);
  return stage(() => ({ stage: 'sampleImages', every, count }), (source) => {
    const crossing = new Crossing(every);
    return source.pipe(tap((step) => {
      const { batch } = step;
      if (!crossing.crossed({ step: step.step, batchesPerEpoch: batch.batchesPerEpoch })) return;
      const wall = Date.now();
      const before = train.gather(Array.from(batch.ids.subarray(0, Math.min(count, batch.size))));
      for (const [name, examples] of [['batch/before', before], ['batch/after', batch]] as const) {
        step[RUN].say({ type: 'image', wall, name, step: step.step, png: contactSheet(pixelsOf(examples, before.size), examples.inputShape) });
      }
    }));
  });
}

/** Whether examples of a shape can be shown as images. */
export const isImage = (inputShape: readonly number[]): boolean => inputShape.length === 3 && (inputShape[2] === 1 || inputShape[2] === 3);

/** Bytes of the first images. Values that are no bytes are spread from their least to their greatest over 0 … 255. */
function pixelsOf({ inputs, inputShape }: Examples, count: number): Uint8Array {
  const length = inputShape.slice(1).reduce((a, b) => a * b, count);
  if (inputs instanceof Uint8Array) return inputs.subarray(0, length);
  const shown = Float32Array.from(inputs.subarray(0, length));
  const [least, greatest] = [shown.reduce((a, b) => Math.min(a, b), Infinity), shown.reduce((a, b) => Math.max(a, b), -Infinity)];
  // What already lies in [0, 1] keeps its brightness, so that before and after can be compared.
  const [low, high] = least >= 0 && greatest <= 1 ? [0, 1] : [least, Math.max(greatest, least + 1e-12)];
  return Uint8Array.from(shown, (value) => Math.round((255 * (value - low)) / (high - low)));
}
