import { fold } from '@gradstream/numerics';
import type { Initialize } from './model.ts';

/** Draws the first weights; each param from a key of its own name, so that adding a layer changes no other. */
export const initialize: Initialize = ({ params }, key) =>
  new Map(params.map(({ name, shape, init, fan }) => [name, { shape, values: init(fold(key, name), shape, fan) }]));
