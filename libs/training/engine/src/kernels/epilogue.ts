import type { TensorInfo } from '@tensorflow/tfjs-core';
import { sizeOf } from '@gradstream/numerics';
import { ACTIVATIONS, BIAS, RELU } from './flags.ts';
import type { KernelCall } from './register.ts';
import type { TfjsHeap } from './tfjs-heap.ts';

/** What a fused operation does behind its products: bias and activation, as far as the tile can do it itself. */
export interface Epilogue {
  readonly flags: number;
  readonly bias: number;
  /** What is left to do on the finished output. */
  finish(out: TensorInfo): void;
}

const none: Epilogue = { flags: 0, bias: 0, finish: () => undefined };

/** Bias and activation of a fused kernel with `width` output channels; undefined for a bias that is not one number per channel. */
export function epilogueOf({ heap, inputs, attrs }: KernelCall, width: number): Epilogue | undefined {
  const { bias, preluActivationWeights: slopes } = inputs;
  const activation = (attrs.activation as string | null | undefined) ?? 'linear';
  if (!bias && activation === 'linear') return none;
  if (bias && sizeOf(bias.shape) !== width) return undefined;
  return {
    flags: (bias ? BIAS : 0) | (activation === 'relu' ? RELU : 0),
    bias: bias ? heap.at(bias) : 0,
    finish: (out) => activate(heap, activation, out, slopes, attrs.leakyreluAlpha as number | undefined),
  };
}

function activate(heap: TfjsHeap, activation: string, out: TensorInfo, slopes: TensorInfo | undefined, alpha: number | undefined): void {
  if (activation === 'linear' || activation === 'relu') return;
  if (Object.hasOwn(ACTIVATIONS, activation)) {
    const at = heap.at(out);
    heap.kernels.activate(ACTIVATIONS[activation as keyof typeof ACTIVATIONS], at, sizeOf(out.shape), at);
    return;
  }
  const values = heap.floats(out);
  if (activation === 'relu6') for (let i = 0; i < values.length; i++) values[i] = Math.min(6, Math.max(0, values[i]));
  else if (activation === 'leakyrelu') for (let i = 0; i < values.length; i++) values[i] = values[i] > 0 ? values[i] : values[i] * (alpha ?? 0.2);
  else if (activation === 'prelu' && slopes) {
    const by = heap.floats(slopes);
    for (let i = 0; i < values.length; i++) values[i] = values[i] > 0 ? values[i] : values[i] * by[i % by.length];
  } else throw new Error(`${activation} is not a fused activation`);
}
