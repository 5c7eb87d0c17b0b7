/** Changes of tables [features] and series [time, channels]; they take any shape, and know no black or white. */
import { factory, fold, integerAt, nonNegative, normals, positiveInteger, sizeOf, uniforms, unitHalfOpen, wholeNumber, type Examples, type Targets } from '@gradstream/numerics';
import type { Augmentation } from './augmentation.ts';
import { refuseTokens } from './image.ts';

export interface JitterOptions {
  /** Standard deviation, in the unit of the inputs (for bytes, white is 1). Default 0.03. */
  readonly deviation?: number;
}

/** Adds normal noise to each number: Um et al. 2017, "Data Augmentation of Wearable Sensor Data", section 3. */
export const jitter = factory<JitterOptions, Augmentation<Float32Array, 'same'>>('jitter', { deviation: nonNegative }, ({ deviation = 0.03 }) => ({
  name: 'jitter',
  targets: 'same',
  sample: (key, shape) => normals(key, sizeOf(shape)),
  apply: (examples, noise) => changed('jitter', examples, (values) => {
    if (values instanceof Float32Array) for (let i = 0; i < values.length; i++) values[i] += deviation * noise[i];
    else for (let i = 0; i < values.length; i++) values[i] = Math.min(255, Math.max(0, values[i] + 255 * deviation * noise[i])) + 0.5;
  }),
}));

export interface FeatureDropoutOptions {
  /** Share of the numbers that become 0. Default 0.1. */
  readonly rate?: number;
}

/** Sets single numbers to 0 (the mean, of standardised columns) and leaves the others as they are: no scaling, unlike dropout. */
export const featureDropout = factory<FeatureDropoutOptions, Augmentation<Float32Array, 'same'>>('featureDropout', { rate: unitHalfOpen }, ({ rate = 0.1 }) => ({
  name: 'featureDropout',
  targets: 'same',
  sample: (key, shape) => uniforms(key, sizeOf(shape)),
  apply: (examples, drawn) => changed('featureDropout', examples, (values) => {
    for (let i = 0; i < values.length; i++) if (drawn[i] < rate) values[i] = 0;
  }),
}));

export interface TimeMaskOptions {
  /** Spans in each example. Default 1. */
  readonly count?: number;
  /** Longest span, in steps; its length is drawn evenly from 0 … width. Default 10. */
  readonly width?: number;
}

/** First step and length of each span: [size * count * 2]. */
export type TimeMaskDraw = Int32Array;

/** Sets spans of the first axis to 0: the time masks of Park et al. 2019, "SpecAugment", section 2. */
export const timeMask = factory<TimeMaskOptions, Augmentation<TimeMaskDraw, 'same'>>('timeMask', { count: positiveInteger, width: wholeNumber }, ({ count = 1, width = 10 }) => ({
  name: 'timeMask',
  targets: 'same',
  sample: (key, [size, steps]) => {
    const spans = new Int32Array(size * count * 2);
    for (let i = 0; i < size * count; i++) {
      const length = integerAt(fold(key, 'length'), i, Math.min(width, steps) + 1);
      spans[2 * i] = integerAt(fold(key, 'first'), i, steps - length + 1);
      spans[2 * i + 1] = length;
    }
    return spans;
  },
  apply: (examples, spans) => changed('timeMask', examples, (values) => {
    const [, steps, ...rest] = examples.inputShape;
    const step = sizeOf(rest);
    for (let i = 0; i < spans.length / 2; i++) {
      const start = (Math.floor(i / count) * steps + spans[2 * i]) * step;
      values.fill(0, start, start + spans[2 * i + 1] * step);
    }
  }),
}));

/** The examples with a changed copy of their inputs. */
function changed<T extends Targets>(name: string, examples: Examples<T>, change: (values: Uint8Array | Float32Array) => void): Examples<T> {
  refuseTokens(name, examples.inputs);
  const inputs = examples.inputs.slice() as Uint8Array | Float32Array;
  change(inputs);
  return { ...examples, inputs };
}
