import '@tensorflow/tfjs';
import { delay, EMPTY, map, of } from 'rxjs';
import { mixup, randomShift } from '@gradstream/augment';
import { digits } from '@gradstream/datasets';
import { InputError, toSpec, weightsSha256 } from '@gradstream/numerics';
import { readRunSpec } from '@gradstream/protocol';
import { accuracy, softmaxCrossEntropy } from '@gradstream/losses';
import { mlp } from '@gradstream/models';
import { adamw, chain, clipByGlobalNorm, sgd, warmupCosine } from '@gradstream/optimizers';
import { l2 } from '@gradstream/regularizers';
import { augment, batches, buildParts, compose, describe as describeRun, earlyStopping, evaluate, forward, keep, loss, metrics, named, optimize, runSchema, steps, type WeightsStore } from './index.ts';
import { all, onCpu, timeless } from './small-run.fixture.ts';

beforeAll(onCpu);

const document = `
version: 1
name: small
seed: 3
data: { name: digits, subset: 200, validation: 40, seed: 1 }
batches: { size: 50, epochs: 2 }
augment: [{ name: randomShift, pixels: 1 }, { name: mixup, alpha: 0.2 }]
model: { name: mlp, hidden: [16], dropout: 0.1 }
loss: { name: softmaxCrossEntropy, labelSmoothing: 0.1 }
regularizers: [{ name: l2, amount: 0.0001 }]
optimizer:
  - { name: clipByGlobalNorm, maxNorm: 1 }
  - { name: adamw, learningRate: { name: warmupCosine, peak: 0.003, warmupSteps: 2, totalSteps: 8 } }
metrics: [accuracy]
evaluate: { every: { steps: 2 } }
earlyStopping: { monitor: validation/loss, patience: 3 }
`;

async function composed() {
  const { train, validation } = await digits({ subset: 200, validation: 40, seed: 1 });
  return batches(train, { size: 50, epochs: 2, seed: 3 }).pipe(
    augment(randomShift({ pixels: 1 }), mixup({ alpha: 0.2 })),
    forward(mlp({ hidden: [16], dropout: 0.1 })),
    loss(softmaxCrossEntropy({ labelSmoothing: 0.1 }), l2(1e-4)),
    optimize(chain(clipByGlobalNorm(1), adamw({ learningRate: warmupCosine({ peak: 3e-3, warmupSteps: 2, totalSteps: 8 }) }))),
    metrics(accuracy()),
    evaluate(validation, { every: steps(2) }),
    earlyStopping({ monitor: 'validation/loss', patience: 3 }),
  );
}

async function fromDocument(text: string) {
  const parts = buildParts(readRunSpec(text, 'run.yaml'), 'run.yaml');
  return compose(parts, await digits({ subset: 200, validation: 40, seed: 1 }));
}

async function outcome(run$: Awaited<ReturnType<typeof composed>> | Awaited<ReturnType<typeof fromDocument>>) {
  const store: WeightsStore = {};
  const events = await all(run$.pipe(keep(store)) as never as ReturnType<typeof compose>);
  return { events: events.map(timeless), weights: weightsSha256(store.weights!) };
}

describe('a run document', () => {
  test('and the same run in code give the same events and weights', async () => {
    expect(await outcome(await fromDocument(document))).toEqual(await outcome(await composed()));
  });

  test('describe writes it from code, and building that gives the same run', async () => {
    const { complete, ...written } = describeRun(await composed());
    expect(complete).toBe(true);
    expect(await outcome(await fromDocument(JSON.stringify(written)))).toEqual(await outcome(await composed()));
  });

  test('names a guard, a budget and a rule that stops', async () => {
    const bounded = document.replace('earlyStopping: { monitor: validation/loss, patience: 3 }', `
guard: { nonFinite: backOff, every: { steps: 2 } }
budget: { steps: 5, seconds: 3600 }
earlyStopping: { monitor: validation/loss, rule: { name: generalizationLoss, alpha: 50 } }`);
    const { complete, ...written } = describeRun(await fromDocument(bounded));
    expect(complete).toBe(true);
    expect(written).toMatchObject({ guard: { nonFinite: 'backOff', every: { steps: 2 } }, budget: { steps: 5, seconds: 3600 }, earlyStopping: { rule: { name: 'generalizationLoss', alpha: 50 } } });
    const { events } = await outcome(await fromDocument(JSON.stringify(written)));
    expect(events.at(-2)).toMatchObject({ type: 'stop', step: 4, reason: 'its budget of 5 steps is used up' });
  });

  test('guard: skip wraps the optimizer', async () => {
    const { complete: _, ...written } = describeRun(await fromDocument(`${document}guard: { nonFinite: skip }`));
    expect(written.optimizer).toMatchObject({ name: 'skipNonFinite', inner: { name: 'chain' } });
    expect((toSpec(buildParts(written as never, 'run').optimizer) as { name: string }).name).toBe('skipNonFinite');
  });

  test('what no document can hold is marked, by name where it has one', async () => {
    const { train } = await digits({ subset: 200 });
    const run$ = batches(train, { epochs: 1 }).pipe(map((batch) => batch), forward(mlp({ hidden: [4] })), loss(softmaxCrossEntropy()), optimize(sgd({ learningRate: of(0.1) })), metrics(), named('slow motion', delay(1)));
    const description = describeRun(run$);
    expect(description.complete).toBe(false);
    expect(description.opaque).toEqual(['an operator', 'slow motion']);
    expect(description.optimizer).toEqual({ name: 'sgd', learningRate: { opaque: 'observable' } });
    const { opaque: _, complete: __, ...rest } = description;
    expect(() => buildParts(rest as never, 'run')).toThrow(/learningRate.*cannot hold 'observable'/);
  });

  test('describe of something that is no run says that nothing is known', () => {
    expect(describeRun(EMPTY)).toEqual({ version: 1, complete: false, opaque: ['a source'] });
  });

  test.each([
    ['{ version: 1 }', 'run.yaml: data must be a name, or an object with a name, received nothing'],
    ['[]', 'run.yaml: a run document must be an object with version, data, model, loss and optimizer, received []'],
    ['version: 2', 'run.yaml: version must be 1, received 2; this document was written by a newer gradstream'],
    ['version: 1\nmodle: mlp', "run.yaml: 'modle' is not a part of a run document; did you mean 'model'? Known: version, name, seed, data, batches, augment, model, loss, regularizers, optimizer, engine, metrics, evaluate, guard, budget, earlyStopping"],
    ['{ ? { a: 1 } : 2 }', 'run.yaml:1: not YAML or JSON: With stringKeys, all keys must be strings at line 1, column 5'],
    ['version: !1 1', 'run.yaml:1: not YAML or JSON: Unresolved tag: !1 at line 1, column 10'],
    [`a: &a [x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b]\nd: [*c, *c, *c, *c, *c, *c, *c, *c]`, 'run.yaml: not YAML or JSON: Excessive alias count indicates a resource exhaustion attack'],
    ['a: [', /^run\.yaml:\d+: not YAML or JSON: /],
    [document.replace('seed: 3', 'seed: -3'), 'run.yaml: seed must be a whole number of at least 0, received -3'],
    [document.replace('size: 50', 'size: 0'), 'run.yaml: batches: size must be a whole number of at least 1, received 0'],
    [document.replace('mlp', 'mpl'), /^run\.yaml: model: 'mpl' is not a known model; did you mean 'mlp'\?/],
    [document.replace('hidden: [16]', 'hidden: [0]'), /^run\.yaml: model: mlp: hidden must be .*received \[0\]$/],
    [document.replace('pixels: 1', 'pixel: 1'), /^run\.yaml: augment\[0\]: randomShift: 'pixel' is not an option; did you mean 'pixels'\?/],
    [document.replace('peak: 0.003', 'peak: fast'), /^run\.yaml: optimizer\[1\]\.learningRate: warmupCosine: peak must be .*received 'fast'$/],
    [document.replace('patience: 3', 'patience: -1'), 'run.yaml: earlyStopping: patience must be a whole number of at least 0, received -1'],
    [`${document}guard: { nonFinite: ignore }`, "run.yaml: guard: nonFinite must be one of 'stop', 'skip', 'backOff', received 'ignore'"],
    [`${document}guard: {}`, "run.yaml: guard: nonFinite is required: one of 'stop', 'skip', 'backOff'"],
    [`${document}budget: { minutes: 3 }`, "run.yaml: budget: 'minutes' is not an option. Known: seconds, steps"],
    [`${document}budget: {}`, 'run.yaml: budget: give seconds or steps'],
    [document.replace('patience: 3', 'rule: { name: generalisationLoss }'), "run.yaml: earlyStopping.rule: 'generalisationLoss' is not a known stopping; did you mean 'generalizationLoss'? Known: patience, generalizationLoss, progressQuotient, successiveRises"],
    [document.replace('patience: 3', 'rule: { name: generalizationLoss, alpha: -5 }'), 'run.yaml: earlyStopping.rule: generalizationLoss: alpha must be a number of at least 0, received -5'],
    [document.replace('patience: 3', 'patience: 3, rule: patience'), 'run.yaml: earlyStopping: give patience or rule, not both'],
    [document.replace('validation/loss', 'test/loss'), "run.yaml: earlyStopping: monitor must not be a metric of the test split, received 'test/loss'; what decides when to stop is no longer a test, use 'validation/…'"],
    [document.replace('steps: 2 }', 'stepz: 2 }'), "run.yaml: evaluate.every must be 'end', { epochs: n } or { steps: n }, received {\"stepz\":2}"],
  ])('%# refuses with file, path, expectation and what came', (text, sentence) => {
    const build = () => buildParts(readRunSpec(text, 'run.yaml'), 'run.yaml');
    expect(build).toThrow(InputError);
    expect(build).toThrow(sentence);
  });
});

test('the JSON Schema names every part that a document may', () => {
  const { $defs, properties } = runSchema() as { $defs: Record<string, { anyOf: unknown[] }>; properties: Record<string, unknown> };
  expect(Object.keys($defs).sort()).toEqual(['augmentation', 'dataset', 'layer', 'metric', 'model', 'objective', 'regularizer', 'schedule', 'stopping', 'transformation']);
  expect(JSON.stringify($defs.transformation)).toContain('"const":"adamw"');
  expect(properties).toHaveProperty('model');
});
