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

/** Bias and activation of a fused kernel with `width` output channels. The tile adds a bias of one number per channel; any other is added behind it. */
export function epilogueOf({ heap, inputs, attrs }: KernelCall, width: number): Epilogue {
  const { bias, preluActivationWeights: slopes } = inputs;
  const activation = (attrs.activation as string | null | undefined) ?? 'linear';
  if (!bias && activation === 'linear') return none;
  const perChannel = bias !== undefined && bias.shape[bias.shape.length - 1] === width && sizeOf(bias.shape) === width;
  const inTile = activation === 'relu' && (perChannel || !bias);
  return {
    flags: (perChannel ? BIAS : 0) | (inTile ? RELU : 0),
    bias: perChannel ? heap.at(bias) : 0,
    finish: (out) => {
      if (bias && !perChannel) addBroadcast(heap, bias, out);
      if (!inTile) activate(heap, activation, out, slopes, attrs.leakyreluAlpha as number | undefined);
    },
  };
}

/** out += bias, where the bias repeats along leading axes only. */
function addBroadcast(heap: TfjsHeap, bias: TensorInfo, out: TensorInfo): void {
  const trailing = bias.shape.slice(bias.shape.findIndex((d) => d !== 1));
  if (sizeOf(bias.shape) > 1 && trailing.join() !== out.shape.slice(out.shape.length - trailing.length).join()) {
    throw new Error(`a bias of shape [${bias.shape}] cannot be added to [${out.shape}]`);
  }
  const [by, values] = [heap.floats(bias), heap.floats(out)];
  for (let i = 0; i < values.length; i++) values[i] += by[i % by.length];
}

function activate(heap: TfjsHeap, activation: string, out: TensorInfo, slopes: TensorInfo | undefined, alpha: number | undefined): void {
  if (activation === 'linear') return;
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
