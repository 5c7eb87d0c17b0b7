import { InputError, registry, unknownName, type Registries } from '@gradstream/numerics';
import { batches, compose, registries } from '@gradstream/pipeline';
import { halfTurn } from '../studies/half-turn.ts';

/** What one arm with one seed measured, by metric name. */
export type Measured = Readonly<Record<string, number>>;

/** What studies are made of; a deliberate mistake takes the place of the part it breaks. */
export interface StudyParts {
  /** Everything a document may name. */
  readonly registries: Registries;
  readonly batches: typeof batches;
  readonly compose: typeof compose;
}

/** What recipes may name beside what every document may. */
export const withRecipeParts = (known: Registries): Registries => ({ ...known, augmentation: { ...known['augmentation'], ...registry(halfTurn) } });

/** The project's own parts, without data on disk. */
export const ownParts: StudyParts = { registries: withRecipeParts(registries), batches, compose };

/** Carries out one arm with one seed. The same options and seed give the same numbers. */
export interface Study {
  readonly name: string;
  run(options: Readonly<Record<string, unknown>>, seed: number, parts: StudyParts): Measured | Promise<Measured>;
}

/** A study whose options have a type; documents are checked by the recipe that is run, option by option. */
export const study = <O extends object>(name: string, run: (options: O, seed: number, parts: StudyParts) => Measured | Promise<Measured>): Study => ({ name, run: run as unknown as Study['run'] });

export type Studies = Readonly<Record<string, Study>>;

export const studiesOf = (...all: readonly Study[]): Studies => Object.fromEntries(all.map((each) => [each.name, each]));

/** @throws InputError for an unknown name, with the nearest known one */
export function findStudy(studies: Studies, name: string, where: string): Study {
  if (!Object.hasOwn(studies, name)) throw new InputError(`${where}: ${unknownName('study', name, Object.keys(studies))}`);
  return studies[name];
}
