import * as augment from '@gradstream/augment';
import * as datasets from '@gradstream/datasets';
import * as files from '@gradstream/datasets/node';
import * as losses from '@gradstream/losses';
import * as models from '@gradstream/models';
import { buildFrom, isInputError, type Factory } from '@gradstream/numerics';
import * as optimizers from '@gradstream/optimizers';
import * as pipeline from '@gradstream/pipeline';
import { registriesIn } from '@gradstream/pipeline/node';
import * as regularizers from '@gradstream/regularizers';

const registries = registriesIn();
const known = new Set<unknown>(Object.values(registries).flatMap((members) => Object.values(members)));
/** By another name where a document needs its folder. */
const names = new Set(Object.values(registries).flatMap((members) => Object.keys(members)));

const isFactory = (x: unknown): x is Factory<object, object> => typeof x === 'function' && 'factoryName' in x;

test.each(Object.entries({ augment, datasets, files, losses, models, optimizers, pipeline, regularizers }))('every factory that %s exports can be named by a document', (_, library) => {
  const factories = Object.values(library as object).filter(isFactory);
  expect(factories.length).toBeGreaterThan(0);
  expect(factories.filter((make) => !known.has(make) && !names.has(make.factoryName)).map(({ factoryName }) => factoryName)).toEqual([]);
});

test.each(Object.entries(registries).flatMap(([kind, members]) => Object.keys(members).map((name) => [kind, name] as const)))('%s %s refuses an option that it does not know, with a sentence', (kind, name) => {
  try {
    buildFrom(registries, kind, { name, '0ption': 1 }, 'run.yaml: part');
  } catch (error) {
    expect(isInputError(error)).toBe(true);
    expect((error as Error).message).toMatch(/^run\.yaml: part.*'0ption' is not an option/);
    return;
  }
  throw new Error('it was taken');
});
