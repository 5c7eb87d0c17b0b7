import type { Registries } from '@gradstream/numerics';
import { datasetsIn } from '@gradstream/datasets/node';
import { registries } from './from-spec.ts';

/** Every part a document may name, data sets on disk included; those are looked for in `dir`, or in the cache. */
export const registriesIn = (dir?: string): Registries => ({ ...registries, dataset: datasetsIn(dir) }) as Registries;
