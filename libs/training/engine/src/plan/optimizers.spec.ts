import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { fold, key, normals, type Batch } from '@gradstream/numerics';
import { softmaxCrossEntropy, type Objective } from '@gradstream/losses';
import { build, mlp } from '@gradstream/models';
import { accumulate, adam, chain, averageByEma, lookahead, optimizers, sam, scaleByLearningRate, sgd, skipNonFinite, type Transformation } from '@gradstream/optimizers';
import '../wasm.ts';
import { tapeTrainer } from '../tape.ts';
import { planTrainer } from './trainer.ts';
import type { Trainer } from '../trainer.ts';

tf.enableProdMode();
beforeAll(async () => void (await tf.setBackend('wasm')));

type Make = ((options: object) => Transformation) & { readonly required: readonly string[] };
const given: Readonly<Record<string, unknown>> = { learningRate: 0.01, inner: sgd({ learningRate: 0.01 }) };
const members = Object.entries(optimizers as unknown as Record<string, Make>);

const rules: Record<string, Transformation> = {
  ...Object.fromEntries(members.filter(([, { required }]) => required.every((option) => option in given)).map(([name, make]) => [name, make(Object.fromEntries(make.required.map((option) => [option, given[option]])))])),
  'lookahead of adam': lookahead({ inner: adam({ learningRate: 0.01 }), k: 3 }),
  'sharpness-aware': sam({ inner: sgd({ learningRate: 0.05 }) }),
  'accumulation over three': accumulate({ inner: adam({ learningRate: 0.01 }), every: 3 }),
  'skipping what is not finite': skipNonFinite({ inner: sgd({ learningRate: 0.05 }) }),
  'averaged weights': chain(adam({ learningRate: 0.01 }), averageByEma({ decay: 0.9 })),
};

const batch = (step: number): Batch => ({
  size: 9, inputShape: [9, 6], inputs: normals(fold(key(1), step), 54), targets: { kind: 'classes', width: 3, shape: [9], values: Int32Array.from({ length: 9 }, (_, i) => (i + step) % 3) },
  step, epoch: 0, index: step, batchesPerEpoch: 50, ids: new Uint32Array(9), key: fold(key(2), step),
});

/** Largest difference of weights and slots over the largest value of each. */
function distance(a: Trainer, b: Trainer): number {
  const [ours, theirs] = [a, b].map((trainer) => new Map([...trainer.weights(), ...trainer.evaluationWeights()]));
  let worst = 0;
  for (const [name, { values }] of ours) {
    const other = theirs.get(name)!.values;
    const scale = Math.max(1e-3, ...other.map(Math.abs));
    values.forEach((v, i) => (worst = Math.max(worst, Math.abs(v - other[i]) / scale || (Number.isNaN(v) ? Infinity : 0))));
  }
  return worst;
}

/** Some rules amplify the last bit of a gradient (signs, quotients of nearly equal numbers), so all are held step by step. */
const STEPS = 30;

it('has every optimizer here', () => {
  expect(members.filter(([name]) => !(name in rules)).map(([name]) => name)).toEqual([]);
});

it.each(Object.keys(rules))('%s: a plan takes the steps of the tape from equal state', (name) => {
  const description = { model: build(mlp({ hidden: [13, 5], dropout: 0.2 }), [6], 3), objective: softmaxCrossEntropy() as Objective, regularizers: [], optimizer: rules[name], key: key(7) };
  const plan = planTrainer(description, 'wasm') as Trainer;
  const tape = tapeTrainer(description, 'wasm');
  const apart: number[] = [];
  for (let step = 0; step < STEPS; step++) {
    const [ours, theirs] = [plan.step(batch(step)), tape.step(batch(step))];
    expect(ours.hyper).toEqual(theirs.hyper);
    ours.release();
    theirs.release();
    apart.push(distance(plan, tape));
    plan.restore(tape.snapshot());
  }
  // A sign may fall the other way where a gradient is nothing but rounding.
  apart.sort((a, b) => a - b);
  expect(apart[Math.floor(0.9 * apart.length)]).toBeLessThan(2e-4);
  expect(apart.at(-1)!).toBeLessThan(0.2);
  plan.dispose();
  tape.dispose();
});

it('a chain with a learning rate that is a schedule reports what it used', () => {
  const description = { model: build(mlp({ hidden: [4] }), [6], 3), objective: softmaxCrossEntropy() as Objective, regularizers: [], optimizer: scaleByLearningRate((step: number) => 0.1 / (1 + step)), key: key(7) };
  const plan = planTrainer(description, 'wasm') as Trainer;
  expect([0, 1, 3].map((step) => plan.step(batch(step)).hyper)).toEqual([{ learningRate: 0.1 }, { learningRate: 0.05 }, { learningRate: 0.025 }]);
  plan.dispose();
});

it.each(['plan', 'tape'] as const)('%s: a hyper-parameter that was set stands from the next step on, and what is out of range is refused', (layer) => {
  const description = { model: build(mlp({ hidden: [4] }), [6], 3), objective: softmaxCrossEntropy() as Objective, regularizers: [], optimizer: rules['adam'], key: key(7) };
  const [steered, other] = [0, 1].map(() => (layer === 'plan' ? (planTrainer(description, 'wasm') as Trainer) : tapeTrainer(description, 'wasm')));
  const moved = (trainer: Trainer): Float32Array => {
    const before = trainer.weights();
    trainer.step(batch(0)).release();
    return trainer.weights().get('output/kernel')!.values.map((value, i) => value - before.get('output/kernel')!.values[i]);
  };
  steered.set('learningRate', 0.5);
  expect(() => steered.set('b2', 1)).toThrow('b2 must be in [0, 1), received 1');
  const used = steered.step(batch(0));
  expect(used.hyper).toMatchObject({ learningRate: 0.5, b2: 0.999 });
  used.release();
  // From equal state the step is longer by the factor of the rates.
  steered.restore(other.snapshot());
  const [ours, theirs] = [moved(steered), moved(other)];
  const rate = theirs.map((d, i) => ours[i] / d).sort()[Math.floor(ours.length / 2)];
  const given = other.step(batch(1));
  expect(rate).toBeCloseTo(0.5 / given.hyper['learningRate'], 1);
  given.release();
  steered.dispose();
  other.dispose();
});
