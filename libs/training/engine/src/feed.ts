import { tensor, type Tensor } from '@tensorflow/tfjs-core';
import type { Examples } from '@gradstream/numerics';
import type { TargetTensor } from '@gradstream/losses';

const bytesAsUnit = Float32Array.from({ length: 256 }, (_, byte) => byte / 255);

/** Bytes as numbers in [0, 1]: value / 255, rounded to float32. */
export function unitFromBytes(bytes: Uint8Array, out = new Float32Array(bytes.length)): Float32Array {
  for (let i = 0; i < bytes.length; i++) out[i] = bytesAsUnit[bytes[i]];
  return out;
}

/** The inputs of a batch as a tensor; the caller owns it. The array is copied, so a later change of it is not seen. */
export function feedInputs({ inputs, inputShape }: Pick<Examples, 'inputs' | 'inputShape'>): Tensor {
  if (inputs instanceof Uint8Array) return tensor(unitFromBytes(inputs), [...inputShape], 'float32');
  return tensor(inputs.slice(), [...inputShape], inputs instanceof Int32Array ? 'int32' : 'float32');
}

/** The targets of a batch as tensors; the caller owns them. */
export function feedTargets({ targets }: Pick<Examples, 'targets'>): TargetTensor {
  const { kind, width, shape, values } = targets;
  return { kind, width, values: tensor(values.slice(), [...shape], kind === 'classes' ? 'int32' : 'float32') };
}
