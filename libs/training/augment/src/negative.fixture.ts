import { factory, wholeNumber } from '@gradstream/numerics';
import type { Augmentation } from './augmentation.ts';

/** An augmentation as a user would write it in a module of their own: inverts bytes below a level. */
export const negative = factory<{ readonly below: number }, Augmentation<undefined, 'same'>>('negative', { below: wholeNumber }, ({ below }) => ({
  name: 'negative',
  targets: 'same',
  sample: () => undefined,
  apply: (examples) => ({ ...examples, inputs: examples.inputs.map((v) => (v < below ? 255 - v : v)) as typeof examples.inputs }),
}), ['below']);
