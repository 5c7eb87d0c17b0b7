/** What the project can compute, by family and by algorithm, schedule or op. A new family is a file beside this one and a line here. */
import type { Family, GoldenCase, GoldenFile, Runner } from './case.ts';
import { averaging } from './averaging.ts';
import { gradients } from './gradients.ts';
import { losses } from './losses.ts';
import { normalization } from './normalization.ts';
import { optimizers } from './optimizers.ts';
import { schedules } from './schedules.ts';
import { sharpness } from './sharpness.ts';
import { stochastic } from './stochastic.ts';
import { stopping } from './stopping.ts';

export const FAMILIES: Readonly<Record<string, Family>> = {
  optimizers,
  schedules,
  gradients,
  averaging: { ...averaging, ...stopping },
  losses,
  normalization,
  sharpness,
  stochastic,
};

/** The runner of a case; undefined where the project does not know it. */
export function runnerOf({ algorithm, schedule, op }: GoldenCase, { family }: GoldenFile): Runner | undefined {
  const name = algorithm ?? schedule ?? op ?? '';
  const known = FAMILIES[family] ?? {};
  return Object.hasOwn(known, name) ? known[name] : undefined;
}
