import { moons } from '@gradstream/datasets';
import { compile, useBackend } from '@gradstream/engine';
import { key } from '@gradstream/numerics';
import { softmaxCrossEntropy } from '@gradstream/losses';
import { build, mlp } from '@gradstream/models';
import { sgd } from '@gradstream/optimizers';
import { planeOf, surfaceOf } from './surface.ts';
import { activationNames } from './settings.model.ts';
import { pictureOf } from './units.ts';

describe('the units of a hidden layer', () => {
  const plane = planeOf(moons({ n: 60, noise: 0.1 }));

  it.each(activationNames)('with %s lead to what the engine answers, within a thousandth', async (activation) => {
    await useBackend({ backend: 'cpu' });
    const model = build(mlp({ hidden: [7, 5], activation }), [2], 2);
    const trainer = compile({ model, objective: softmaxCrossEntropy(), regularizers: [], optimizer: sgd({ learningRate: 0.1 }), key: key(3) });
    const surface = surfaceOf(trainer, plane, 0);
    const { probabilities: own, units } = pictureOf(trainer, activation, plane, 0);
    expect(units!.map(({ units, values }) => [units, values.length])).toEqual([[7, 7 * 32 * 32], [5, 5 * 32 * 32]]);
    let worst = 0;
    own.forEach((p, i) => { worst = Math.max(worst, Math.abs(p - surface.probabilities[i]) / Math.max(p, 1e-3)); });
    expect(worst).toBeLessThan(1e-3);
    trainer.dispose();
  });
});
