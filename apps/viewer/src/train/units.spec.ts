import { moons } from '@gradstream/datasets';
import { compile, useBackend } from '@gradstream/engine';
import { key } from '@gradstream/numerics';
import { softmaxCrossEntropy } from '@gradstream/losses';
import { build, mlp } from '@gradstream/models';
import { sgd } from '@gradstream/optimizers';
import { planeOf, softmax, surfaceOf } from './surface.ts';
import { activationNames } from './settings.model.ts';
import { unitsOf } from './units.ts';

describe('the units of a hidden layer', () => {
  const plane = planeOf(moons({ n: 60, noise: 0.1 }));

  it.each(activationNames)('with %s lead to what the engine answers, within a thousandth', async (activation) => {
    await useBackend({ backend: 'cpu' });
    const model = build(mlp({ hidden: [7, 5], activation }), [2], 2);
    const trainer = compile({ model, objective: softmaxCrossEntropy(), regularizers: [], optimizer: sgd({ learningRate: 0.1 }), key: key(3) });
    const surface = surfaceOf(trainer, plane, 0);
    const { hidden, logits } = unitsOf(trainer.weights(), activation, plane, surface.side);
    expect(hidden.map(({ units }) => units)).toEqual([7, 5]);
    const own = softmax(Float32Array.from({ length: 2 * logits[0].length }, (_, i) => logits[i % 2][i >> 1]), 2);
    let worst = 0;
    own.forEach((p, i) => { worst = Math.max(worst, Math.abs(p - surface.probabilities[i]) / Math.max(p, 1e-3)); });
    expect(worst).toBeLessThan(1e-3);
    trainer.dispose();
  });
});
