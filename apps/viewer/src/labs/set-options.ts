import type { View } from '../view/view.model.ts';
import { touch } from '../view/view.store.ts';

/** Changes some options of a lab in the address; those without a value stand at their default. */
export const setOptions = (view: View) => (part: Readonly<Record<string, string | undefined>>): void =>
  touch({ options: Object.fromEntries(Object.entries({ ...view.options, ...part }).filter((entry): entry is [string, string] => entry[1] !== undefined)) });
