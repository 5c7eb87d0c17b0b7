import { registry, type Registry } from '@gradstream/numerics';
import type { Data } from './data.ts';
import { digits } from './digits.ts';
import { blobs, circles, linear, moons, sinusoid, spirals, xor } from './synthetic.ts';

/** The data sets that need no file, by the name a document uses. `@gradstream/datasets/node` has the ones on disk beside them. */
export const datasets: Registry<Data | Promise<Data>> = registry(digits, moons, circles, spirals, blobs, xor, sinusoid, linear);
