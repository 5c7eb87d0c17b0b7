import fc from 'fast-check';
import { nameOf, stagesOf, stepsPerSecond, valuesOf } from './pipeline.model.ts';
import type { StageName } from './stage-times.model.ts';
import { RunCurves } from './run-curves.ts';

const spec = {
  version: 1, seed: 3, data: { name: 'digits', validation: 300 }, batches: { size: 64 }, augment: ['randomFlip', { name: 'mixup', alpha: 0.2 }], model: { name: 'mlp', hidden: [64] },
  loss: 'softmaxCrossEntropy', regularizers: [{ name: 'l2', amount: 1e-4 }], optimizer: [{ name: 'clipByGlobalNorm', norm: 1 }, { name: 'adamw', learningRate: { name: 'warmupCosine' } }], metrics: ['accuracy'],
};

describe('stagesOf', () => {
  it('are those of the document, in the order of the data, each with its part of it', () => {
    const stages = stagesOf(spec);
    expect(stages.map(({ stage, name }) => [stage, name])).toEqual([
      ['data', 'digits'], ['augment', 'randomFlip → mixup'], ['forward', 'mlp'], ['loss', 'softmaxCrossEntropy + l2'], ['optimize', 'clipByGlobalNorm → adamw'], ['metrics', 'accuracy'],
    ]);
    expect(stages[0].spec).toEqual({ data: spec.data, batches: spec.batches, seed: 3 });
    expect(stagesOf({ ...spec, augment: [], regularizers: undefined }).map(({ stage }) => stage)).toEqual(['data', 'forward', 'loss', 'optimize', 'metrics']);
  });

  it('have the backward pass and the rest among them where these were measured', () => {
    const measured = (...stages: StageName[]) => ({ stages: new Map(stages.map((stage) => [stage, { ms: 1, last: 1, share: 0.1 }])) });
    expect(stagesOf(spec, measured('data', 'backward', 'rest')).map(({ stage }) => stage)).toEqual(['data', 'augment', 'forward', 'loss', 'backward', 'optimize', 'metrics', 'rest']);
    expect(stagesOf(spec, { ...measured('rest'), pass: { ms: 1, last: 1, share: 0.1 } }).map(({ stage }) => stage)).toContain('backward');
    expect(stagesOf(spec, measured('data')).map(({ stage }) => stage)).not.toContain('rest');
  });

  it('are none where the document is something else', () => {
    fc.assert(fc.property(fc.jsonValue(), (document) => expect(stagesOf(document)).toEqual([])));
    expect(nameOf({ opaque: 'observable' })).toBe('observable');
  });
});

describe('what a stage shows', () => {
  const curves = new RunCurves();
  for (let step = 0; step < 300; step++) curves.add('train/loss', step, 1_000 + 20 * step, 1);
  curves.add('validation/accuracy', 299, 9_000, 0.97);

  it('is its latest number', () => {
    expect(valuesOf('metrics', curves)).toEqual([{ metric: 'validation/accuracy', value: 0.97 }, { metric: 'train/loss', value: 1 }]);
    expect(valuesOf('metrics', curves, 100)).toEqual([{ metric: 'train/loss', value: 1 }]);
    expect(valuesOf('optimize', curves)).toEqual([]);
  });

  it('is the pace of the last steps', () => {
    expect(stepsPerSecond(curves)).toBeCloseTo(50, 6);
    expect(stepsPerSecond(new RunCurves())).toBeUndefined();
  });
});
