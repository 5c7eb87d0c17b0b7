import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs';
import { fold, key, normals, type Batch, type Weights } from '@gradstream/numerics';
import { sgd } from '@gradstream/optimizers';
import '../wasm.ts';
import type { Trainer } from '../trainer.ts';
import { batchOf, both, models } from './cases.fixture.ts';

tf.env().set('PROD', true);
beforeAll(async () => void (await tf.setBackend('wasm')));

/** How far a loss is taken from where the gradient is: far enough that its rounding does not count. */
const STEP = 5e-3;

describe('the gradients of a plan', () => {
  it.each(Object.keys(models))('are those of the tape: %s', (name) => {
    const { plan, tape } = both(models[name]);
    for (let step = 0; step < 3; step++) {
      const batch = batchOf(models[name], step);
      const [ours, theirs] = [plan.step(batch), tape.step(batch)];
      const [a, b] = [ours, theirs].map((outcome) => outcome.view().gradients);
      const largest = Math.max(...Object.values(b).map((g) => tf.max(tf.abs(g)).dataSync()[0]));
      for (const [param, expected] of Object.entries(b)) expect([param, tf.max(tf.abs(tf.sub(expected, a[param]))).dataSync()[0] / largest < 2e-5]).toEqual([param, true]);
      ours.release();
      theirs.release();
      plan.restore(tape.snapshot());
    }
    plan.dispose();
    tape.dispose();
  });

  /** Mean loss of a batch at some params, with the masks of its step; the learning rate is 0. */
  const lossAt = (trainer: Trainer, weights: Weights, batch: Batch): number => {
    trainer.restore({ weights });
    const outcome = trainer.step(batch);
    const loss = outcome.scalars([]).read()[0];
    outcome.release();
    return loss;
  };

  it.each(Object.keys(models))('are the slopes of the loss along random directions: %s', (name) => {
    const c = { ...models[name], batch: 12, optimizer: sgd({ learningRate: 1e-30 }) };
    const { plan, tape } = both(c);
    tape.dispose();
    const start = plan.weights();
    const batch = batchOf(c, 3);
    const outcome = plan.step(batch);
    const gradients = new Map(Object.entries(outcome.view().gradients).map(([param, g]) => [param, g.dataSync<'float32'>().slice()]));
    outcome.release();
    const length = (of: ReadonlyMap<string, Float32Array>): number => Math.sqrt([...of.values()].reduce((sum, values) => sum + values.reduce((s, x) => s + x * x, 0), 0));
    const steepest = length(gradients);
    const apart: number[] = [];
    for (let draw = 0; draw < 5; draw++) {
      // Half uphill, half anywhere.
      const anywhere = new Map([...gradients].map(([param, { length }]) => [param, normals(fold(fold(key(9), param), draw), length)]));
      const far = length(anywhere);
      const direction = new Map([...gradients].map(([param, g]) => [param, g.map((x, i) => x / steepest + anywhere.get(param)![i] / far)]));
      const moved = (by: number): Weights => new Map([...start].map(([param, { shape, values }]) => [param, { shape, values: values.map((x, i) => x + by * (direction.get(param)?.[i] ?? 0)) }]));
      const slope = (lossAt(plan, moved(STEP), batch) - lossAt(plan, moved(-STEP), batch)) / (2 * STEP);
      const expected = [...gradients].reduce((sum, [param, g]) => sum + g.reduce((s, x, i) => s + x * direction.get(param)![i], 0), 0);
      apart.push(Math.abs(slope - expected) / steepest);
    }
    // A relu or a maximum may turn between the two points; most directions meet no such place.
    apart.sort((a, b) => a - b);
    expect(apart[2]).toBeLessThan(0.02);
    plan.dispose();
  });
});
