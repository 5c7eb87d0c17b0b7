import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs';
import { accuracy, gradientNorm, meanSquaredError, softmaxCrossEntropy, type Objective } from '@gradstream/losses';
import { mlp } from '@gradstream/models';
import { adam, adamw, amsgrad, chain, clipByGlobalNorm, momentum, nesterov, sgd, type Transformation } from '@gradstream/optimizers';
import { elasticNet, l1, l2 } from '@gradstream/regularizers';
import '../wasm.ts';
import type { Trainer } from '../trainer.ts';
import { batchOf, both, distance, models, type Case } from './cases.fixture.ts';

tf.env().set('PROD', true);
beforeAll(async () => void (await tf.setBackend('wasm')));

function follow(c: Case, steps = 50): { distance: number; plan: Trainer; tape: Trainer } {
  const { plan, tape } = both(c);
  for (let step = 0; step < steps; step++) {
    const batch = batchOf(c, step);
    const [ours, theirs] = [plan.step(batch), tape.step(batch)];
    const [a, b] = [ours, theirs].map((outcome) => outcome.scalars([accuracy(), gradientNorm()]).read());
    expect(a[0]).toBeCloseTo(b[0], 3);
    expect(a[1]).toBeCloseTo(b[1], 4);
    if (step < 5) {
      expect(a[2]).toBeCloseTo(b[2], 6);
      expect(Math.abs(a[3] - b[3])).toBeLessThan(1e-4 * (1 + b[3]));
    }
    expect(ours.hyper).toEqual(theirs.hyper);
    ours.release();
    theirs.release();
  }
  return { distance: distance(plan, tape), plan, tape };
}

describe('a plan trains as the tape does', () => {
  it.each(Object.keys(models))('%s', (name) => {
    const { distance, plan, tape } = follow(models[name]);
    expect(distance).toBeLessThan(1e-3);
    const examples = batchOf({ ...models[name], batch: 7 }, 1000);
    const [ours, theirs] = [plan.evaluate(examples), tape.evaluate(examples)];
    expect(ours.loss).toBeCloseTo(theirs.loss, 3);
    ours.outputs.forEach((v, i) => expect(Math.abs(v - theirs.outputs[i])).toBeLessThan(5e-3 * (1 + Math.abs(v))));
    plan.dispose();
    tape.dispose();
  });

  const optimizers: Record<string, Transformation> = {
    momentum: momentum({ learningRate: 0.02 }),
    nesterov: nesterov({ learningRate: 0.02 }),
    adam: adam({ learningRate: 0.003, eps: 1e-3 }),
    adamw: adamw({ learningRate: 0.003, eps: 1e-3, weightDecay: 0.1 }),
    amsgrad: amsgrad({ learningRate: 0.003, eps: 1e-3 }),
    'clipping and sgd': chain(clipByGlobalNorm(0.1), sgd({ learningRate: 0.1 })),
  };
  it.each(Object.keys(optimizers))('with %s', (name) => {
    const { distance, plan, tape } = follow({ model: mlp({ hidden: [13, 5] }), inputShape: [6], batch: 9, optimizer: optimizers[name] });
    expect(distance).toBeLessThan(1e-3);
    const [ours, theirs] = [plan.snapshot(), tape.snapshot()];
    expect(ours.optimizer.counts).toEqual(theirs.optimizer.counts);
    expect([...ours.optimizer.slots.keys()]).toEqual([...theirs.optimizer.slots.keys()]);
    plan.dispose();
    tape.dispose();
  });

  const losses: Record<string, Partial<Case>> = {
    'mean squared error': { objective: meanSquaredError() as Objective, kind: 'values' },
    'mean squared error of classes': { objective: meanSquaredError() as Objective },
    'soft targets': { kind: 'probabilities' },
    'label smoothing': { objective: softmaxCrossEntropy({ labelSmoothing: 0.2 }) as Objective },
    'class weights and smoothing': { objective: softmaxCrossEntropy({ labelSmoothing: 0.1, classWeights: [1, 0.5, 2] }) as Objective },
    'an L2 penalty': { regularizers: [l2(0.05)] },
    'an L2 penalty that changes': { regularizers: [l2((step: number) => 0.1 / (step + 1))] },
    'an elastic net, one strength changing': { regularizers: [elasticNet({ l1: 0.01, l2: (step: number) => 0.05 / (step + 1), convention: 'keras' })] },
    'an elastic net and L1': { regularizers: [elasticNet({ l1: 0.01, l2: 0.03 }), l1(0.005)] },
    'L2 as Keras has it': { regularizers: [l2({ amount: 0.05, convention: 'keras' })] },
  };
  it.each(Object.keys(losses))('with %s', (name) => {
    const { distance, plan, tape } = follow({ model: mlp({ hidden: [13] }), inputShape: [6], ...losses[name] });
    expect(distance).toBeLessThan(1e-3);
    plan.dispose();
    tape.dispose();
  });
});
