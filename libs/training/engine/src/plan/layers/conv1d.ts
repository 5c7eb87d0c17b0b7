import type { Activation } from '@gradstream/models';
import { outputOf, paramsOf, type Planner } from '../site.ts';
import { convolution, windowOf } from './conv2d.ts';

interface Conv1d {
  readonly size: number;
  readonly stride: number;
  readonly padding: 'same' | 'valid' | 'causal';
  readonly activation: Activation;
}

/** A convolution of images one pixel wide; `causal` puts all zeros in front. */
export const conv1d: Planner = (site, layer, input) => {
  const { size, stride, padding, activation } = layer.layer as unknown as Conv1d;
  const { kernel, bias } = paramsOf(site, layer);
  const column = ([positions, channels]: readonly number[]): readonly number[] => [positions, 1, channels];
  const w = windowOf(site.batch, column(layer.inputShape), column(layer.outputShape), [size, 1], [stride, 1], padding === 'same' ? 'same' : 'valid');
  const output = outputOf(site, layer, input, { gated: activation === 'relu', trained: true });
  return convolution(site, input, padding === 'causal' ? { ...w, top: size - 1 } : w, output, kernel, bias, activation);
};
