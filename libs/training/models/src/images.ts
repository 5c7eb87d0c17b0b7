import { either, InputError, oneOf, positiveInteger, type Rule } from '@gradstream/numerics';

/** Height and width, or one number for both. */
export type Extent = number | readonly [height: number, width: number];

export type Padding = 'same' | 'valid';

/** Option rules. */
export const extent: Rule = either(positiveInteger, {
  says: 'a pair [height, width] of such',
  accepts: (x) => Array.isArray(x) && x.length === 2 && x.every(positiveInteger.accepts),
  schema: { type: 'array', items: positiveInteger.schema, minItems: 2, maxItems: 2 },
});
export const padding = oneOf('same', 'valid');

export const pair = (extent: Extent): [number, number] => (typeof extent === 'number' ? [extent, extent] : [...extent]);

/** [height, width, channels], or an error. */
export function imageShape(inputShape: readonly number[]): readonly [number, number, number] {
  if (inputShape.length !== 3) throw new InputError(`expects images [height, width, channels], received [${inputShape}]`);
  return inputShape as readonly [number, number, number];
}

/** Height and width after a window has slid over an image, in TensorFlow's convention of `same`: ceil(size / stride). */
export function windowed(inputShape: readonly number[], size: Extent, stride: Extent, padding: Padding): [number, number] {
  const [height, width] = imageShape(inputShape);
  const [windowHeight, windowWidth] = pair(size);
  const [down, right] = pair(stride);
  if (padding === 'same') return [Math.ceil(height / down), Math.ceil(width / right)];
  if (windowHeight > height || windowWidth > width) {
    throw new InputError(`its window of ${windowHeight} x ${windowWidth} is larger than the image of ${height} x ${width}; use padding 'same' or fewer layers before it`);
  }
  return [Math.floor((height - windowHeight) / down) + 1, Math.floor((width - windowWidth) / right) + 1];
}

/** What `same` adds around images [batch, height, width, channels], for `tf.pad`: the odd one at the end. */
export function samePadding([, height, width]: readonly number[], size: Extent, stride: Extent): [number, number][] {
  const around = (length: number, window: number, step: number): [number, number] => {
    const total = Math.max((Math.ceil(length / step) - 1) * step + window - length, 0);
    return [total >> 1, total - (total >> 1)];
  };
  const [windowHeight, windowWidth] = pair(size);
  const [down, right] = pair(stride);
  return [[0, 0], around(height, windowHeight, down), around(width, windowWidth, right), [0, 0]];
}
