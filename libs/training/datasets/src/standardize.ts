import { InputError, specOf, describable, type Examples, type Split, type Targets } from '@gradstream/numerics';
import type { ChannelMoments, Data } from './data.ts';
import { makeSplit } from './split.ts';

/** Moments of the last axis over all examples of a split, read in stretches of 1,024. Not of a test split, whose reads count. */
export function channelMoments(split: Split): ChannelMoments {
  const channels = split.inputShape.at(-1) ?? 1;
  const [sum, squares] = [new Float64Array(channels), new Float64Array(channels)];
  let count = 0;
  for (let from = 0; from < split.size; from += 1_024) {
    const { inputs } = split.gather(Uint32Array.from({ length: Math.min(1_024, split.size - from) }, (_, i) => from + i));
    const scale = scaleOf(split, inputs);
    for (let i = 0; i < inputs.length; i++) {
      const value = inputs[i] * scale;
      sum[i % channels] += value;
      squares[i % channels] += value * value;
    }
    count += inputs.length / channels;
  }
  const mean = Array.from(sum, (s) => s / count);
  return { mean, deviation: mean.map((m, c) => Math.sqrt(Math.max(0, squares[c] / count - m * m)) || 1) };
}

/**
 * The same data as float32 with mean 0 and variance 1 in each channel, by the moments of the training part alone.
 * Changes of light and colour come before a normalisation: put them on data as they are, and normalise in the model instead.
 */
export function standardized<D extends Data>(data: D): D {
  const moments = channelMoments(data.train);
  const { train, validation, test } = data;
  return {
    ...data,
    train: scaled(train, moments),
    ...(validation ? { validation: scaled(validation, moments) } : {}),
    ...(test ? { test: scaled(test, moments) } : {}),
    info: { ...data.info, moments },
  };
}

function scaled<T extends Targets>(split: Split<T>, { mean, deviation }: ChannelMoments): Split<T> {
  const change = (examples: Examples<T>): Examples<T> => {
    const { inputs } = examples;
    const scale = scaleOf(split, inputs);
    const channels = mean.length;
    const out = new Float32Array(inputs.length);
    for (let i = 0; i < inputs.length; i++) out[i] = (inputs[i] * scale - mean[i % channels]) / deviation[i % channels];
    return { ...examples, inputs: out };
  };
  const { store: _, ...rest } = Object.getOwnPropertyDescriptors(split);
  const changed = Object.defineProperties({}, { ...rest, gather: { value: (indices: ArrayLike<number>) => change(split.gather(indices)), enumerable: true } }) as Split<T>;
  const spec = specOf(split);
  return makeSplit(spec ? describable(changed, spec) : changed);
}

function scaleOf({ dataset }: Split, inputs: Examples['inputs']): number {
  if (inputs instanceof Int32Array) throw new InputError(`${dataset}: tokens have no mean; only bytes and numbers are standardised`);
  return inputs instanceof Uint8Array ? 1 / 255 : 1;
}
