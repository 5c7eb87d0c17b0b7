import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs';
import { key } from '@gradstream/numerics';
import { accuracy, softmaxCrossEntropy, type Objective } from '@gradstream/losses';
import { build, dense, mlp } from '@gradstream/models';
import { adam } from '@gradstream/optimizers';
import { l2 } from '@gradstream/regularizers';
import '../wasm.ts';
import { nativeBlas, type NativeBlas } from '../native/blas.ts';
import { tapeTrainer } from '../tape.ts';
import type { StepPart, Trainer } from '../trainer.ts';
import { batchOf, distance, layersOf, models, type Case } from './cases.fixture.ts';
import { planTrainer, type PlanOptions } from './trainer.ts';

tf.env().set('PROD', true);
beforeAll(async () => void (await tf.setBackend('wasm')));

const trainerOf = (c: Case, options?: PlanOptions | 'tape'): Trainer => {
  const description = { model: build(c.model, c.inputShape, c.width ?? 3), objective: softmaxCrossEntropy() as Objective, regularizers: [l2(0.01)], optimizer: adam({ learningRate: 0.01 }), key: key(11) };
  return options === 'tape' ? tapeTrainer(description, 'wasm') : (planTrainer(description, 'wasm', options) as Trainer);
};

/** Some steps of two trainers of a kind, the parts of one of them told; the parts of its last step. */
function compared(c: Case, options?: PlanOptions | 'tape'): StepPart[] {
  const [plain, told] = [trainerOf(c, options), trainerOf(c, options)];
  let parts: StepPart[] = [];
  for (let step = 0; step < 4; step++) {
    parts = [];
    // In the second step nobody listens: both ways may follow each other.
    const outcomes = [plain.step(batchOf(c, step)), told.step(batchOf(c, step), step === 1 ? undefined : (part) => parts.push(part))];
    const [a, b] = outcomes.map((outcome) => outcome.scalars([accuracy()]).read());
    expect(Array.from(b)).toEqual(Array.from(a));
    outcomes.forEach((outcome) => outcome.release());
  }
  expect(distance(plain, told)).toBe(0);
  [plain, told].forEach((trainer) => trainer.dispose());
  return parts;
}

const whole: readonly StepPart[] = ['data', 'forward', 'loss', 'backward', 'update'];

it.each(Object.keys(models))('a step that tells its parts has the same bits: %s', (name) => expect(compared(models[name])).toEqual(whole));

it('so has a step on the tape', () => expect(compared(models['a perceptron with dropout'], 'tape')).toEqual(whole));

it('threads that share a plan tell one pass', () => {
  const wide: Case = { model: mlp({ hidden: [70, 40] }), inputShape: [90], batch: 133 };
  expect(compared(wide, { threads: 2 })).toEqual(['data', 'pass', 'update']);
});

const native = nativeBlas();
(typeof native === 'string' ? it.skip : it)('native products stand in the part that they belong to', () => {
  const edge: Case = { model: layersOf(dense({ units: 90, activation: 'relu' }), dense({ units: 60, bias: false })), width: 60, inputShape: [90], batch: 70 };
  expect(compared(edge, { native: native as NativeBlas })).toEqual(whole);
});
