import { InputError, type InputValues, type Targets, type Examples } from '@gradstream/numerics';

/** Sides of a batch of images. */
export interface ImageShape {
  readonly size: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** Reads [size, height, width, channels], or says who wanted images. */
export function imageShape(name: string, shape: readonly number[]): ImageShape {
  if (shape.length !== 4) throw new InputError(`${name}: takes images [height, width, channels], received examples of shape [${shape.slice(1)}]`);
  const [size, height, width, channels] = shape;
  return { size, height, width, channels };
}

/** An empty array of the same type: bytes stay bytes. Tokens are no pictures. */
export function blank<V extends InputValues>(name: string, like: V, length = like.length): V {
  if (like instanceof Int32Array) throw new InputError(`${name}: takes bytes or numbers, received tokens`);
  return (like instanceof Uint8Array ? new Uint8Array(length) : new Float32Array(length)) as InputValues as V;
}

/** The examples with other inputs, and a new shape where it changed. */
export const withInputs = <T extends Targets>(examples: Examples<T>, inputs: InputValues, inputShape: readonly number[] = examples.inputShape): Examples<T> =>
  ({ ...examples, inputs, inputShape });
