import { fold, InputError, uniforms, type Examples, type InputValues, type Key, type Targets } from '@gradstream/numerics';
import type { Augmentation } from './augmentation.ts';

/** Sides of an image. */
export interface ImageShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** One image, [height, width, channels]: bytes 0 … 255, numbers 0 … 1, or the class numbers of a mask. */
export interface Image extends ImageShape {
  readonly values: InputValues;
}

/** The value that means white: 255 for bytes, 1 for numbers. */
export const whiteOf = (values: InputValues): number => (values instanceof Float32Array ? 1 : 255);

/** Reads [size, height, width, channels], or says who wanted images. */
export function imageShape(name: string, shape: readonly number[]): ImageShape {
  if (shape.length !== 4) throw new InputError(`${name}: takes images [height, width, channels], received examples of shape [${shape.slice(1)}]`);
  return { height: shape[1], width: shape[2], channels: shape[3] };
}

/** An empty array of the same type. */
export const zerosLike = <V extends InputValues>(like: V, length = like.length): V =>
  (like instanceof Uint8Array ? new Uint8Array(length) : like instanceof Int32Array ? new Int32Array(length) : new Float32Array(length)) as InputValues as V;

/** Tokens are no quantities: nothing can be added to them. */
export function refuseTokens(name: string, inputs: InputValues): void {
  if (inputs instanceof Int32Array) throw new InputError(`${name}: takes bytes or numbers, received tokens`);
}

/** How one image is changed; the builder below does it for a batch. */
export interface ImageMethod<D> {
  /** Draws for one image. */
  draw(key: Key, shape: ImageShape): D;
  /** Paints the changed image on zeros. */
  paint(from: Image, to: Image, draw: D): void;
  /** Paints the moved mask on zeros, without blending classes. `stays` for a change of the picture alone. */
  readonly masks: 'stays' | ((from: Image, to: Image, draw: D) => void);
  /** Height and width of what comes out, where they change; every image is then changed (probability 1). */
  readonly resized?: readonly [number, number];
}

/** For each image its draw; undefined where it stays as it is. */
export type ImageDraws<D> = readonly (D | undefined)[];

/**
 * An augmentation that changes each image by itself, each with the given probability.
 * The draw of image i depends on the key, on i and on the sides alone, not on the size of the batch.
 */
export function perImage<D>(name: string, probability: number, { draw, paint, masks, resized }: ImageMethod<D>): Augmentation<ImageDraws<D>, 'same'> {
  const run = <V extends InputValues>(from: V, shape: readonly number[], draws: ImageDraws<D>, painter: ImageMethod<D>['paint']): { readonly values: V; readonly shape: readonly number[] } => {
    const { height, width, channels } = imageShape(name, shape);
    const [outHeight, outWidth] = resized ?? [height, width];
    const [length, outLength] = [height * width * channels, outHeight * outWidth * channels];
    const to = zerosLike(from, shape[0] * outLength);
    draws.forEach((drawn, n) => {
      const source = from.subarray(n * length, (n + 1) * length);
      if (drawn === undefined) to.set(source, n * outLength);
      else painter({ height, width, channels, values: source }, { height: outHeight, width: outWidth, channels, values: to.subarray(n * outLength, (n + 1) * outLength) }, drawn);
    });
    return { values: to, shape: [shape[0], outHeight, outWidth, channels] };
  };
  return {
    name,
    targets: 'same',
    sample: (key, shape) => {
      const sides = imageShape(name, shape);
      const coins = probability < 1 ? uniforms(fold(key, 'coin'), shape[0]) : undefined;
      return Array.from({ length: shape[0] }, (_, n) => (coins && coins[n] >= probability ? undefined : draw(fold(key, n), sides)));
    },
    apply: <T extends Targets>(examples: Examples<T>, draws: ImageDraws<D>): Examples<T> => {
      refuseTokens(name, examples.inputs);
      const { values, shape } = run(examples.inputs, examples.inputShape, draws, paint);
      return { ...examples, inputs: values, inputShape: shape };
    },
    ...(masks === 'stays' ? {} : { applyToMasks: ({ values, shape }, draws) => run(values, shape, draws, masks) }),
  };
}
