import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { buildFrom, key, normals, specOf, uniforms, type Targets } from '@gradstream/numerics';
import {
  huber, kullbackLeibler, logCosh, meanAbsoluteError, meanSquaredError, objectives, sigmoidCrossEntropy, sigmoidFocal, smoothL1, softmaxCrossEntropy, softmaxFocal,
  type Objective, type TargetTensor,
} from '../index.ts';

tf.enableProdMode();
beforeAll(() => tf.setBackend('cpu'));

const examples: readonly Objective[] = [
  softmaxCrossEntropy(), softmaxCrossEntropy({ labelSmoothing: 0.2, classWeights: [1, 2, 3] }), sigmoidCrossEntropy(), sigmoidCrossEntropy({ labelSmoothing: 0.1, positiveWeight: 3 }),
  softmaxFocal(), softmaxFocal({ gamma: 0 }), sigmoidFocal({ gamma: 1.5, alpha: 0.4 }), kullbackLeibler(),
  meanSquaredError(), meanAbsoluteError(), huber({ delta: 0.7 }), smoothL1({ beta: 0.3 }), logCosh(),
];

const ROWS = 6;
const WIDTH = 3;
const targetsOf: Record<Targets, () => TargetTensor> = {
  classes: () => ({ kind: 'classes', width: WIDTH, values: tf.tensor1d([0, 1, 2, 2, 1, 0], 'int32') }),
  probabilities: () => ({ kind: 'probabilities', width: WIDTH, values: tf.softmax(tf.tensor2d(normals(key(3), ROWS * WIDTH), [ROWS, WIDTH])) }),
  values: () => ({ kind: 'values', width: WIDTH, values: tf.tensor2d(uniforms(key(4), ROWS * WIDTH), [ROWS, WIDTH]) }),
};
const outputs = () => tf.tensor2d(normals(key(1), ROWS * WIDTH).map((z) => 2 * z), [ROWS, WIDTH]);

it('has an example of every objective in the registry', () => {
  expect([...new Set(examples.map(({ name }) => name))].sort()).toEqual(Object.keys(objectives).sort());
});

describe.each(examples.map((objective) => [JSON.stringify(specOf(objective)), objective] as const))('%s', (_, objective) => {
  it('comes back from its document', () => {
    const again = buildFrom<Objective>({ objective: objectives }, 'objective', JSON.parse(JSON.stringify(specOf(objective))), 'loss');
    expect([again.name, again.link, again.accepts, specOf(again)]).toEqual([objective.name, objective.link, objective.accepts, specOf(objective)]);
  });

  describe.each(objective.accepts)('on %s', (kind) => {
    it('has the gradient that finite differences see', () => {
      tf.tidy(() => {
        const targets = targetsOf[kind]();
        const at = outputs();
        const gradient = tf.grad((x) => objective.loss(x, targets))(at);
        for (let trial = 0; trial < 3; trial++) {
          const direction = tf.tensor2d(normals(key(10 + trial), ROWS * WIDTH), [ROWS, WIDTH]);
          const moved = (h: number) => objective.loss(tf.add(at, tf.mul(direction, h)), targets).dataSync()[0];
          const measured = (moved(2e-3) - moved(-2e-3)) / 4e-3;
          expect(Math.abs(measured - tf.sum(tf.mul(gradient, direction)).dataSync()[0])).toBeLessThan(2e-3);
        }
      });
    });

    it('is a mean: a batch counts as much as its halves together', () => {
      if (specOf(objective)!.classWeights) return;
      tf.tidy(() => {
        const targets = targetsOf[kind]();
        const half = (from: number) => objective.loss(tf.slice(outputs(), [from], [3]), { ...targets, values: tf.slice(targets.values, [from], [3]) }).dataSync()[0];
        expect(objective.loss(outputs(), targets).dataSync()[0]).toBeCloseTo((half(0) + half(3)) / 2, 6);
      });
    });

    it('is finite, with a finite gradient, at outputs of ±100 and where outputs meet targets', () => {
      tf.tidy(() => {
        const targets = targetsOf[kind]();
        const far = tf.tensor2d(Float32Array.from({ length: ROWS * WIDTH }, (_, i) => (i % 2 ? 100 : -100)), [ROWS, WIDTH]);
        const meet = kind === 'classes' ? tf.oneHot(targets.values as tf.Tensor1D, WIDTH, 1, 0, 'float32') : targets.values;
        for (const at of [far, meet]) {
          const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => objective.loss(x, targets))(at);
          expect([...value.dataSync(), ...grad.dataSync()].every(Number.isFinite)).toBe(true);
          if (at === meet && objective.link === 'identity') expect([...grad.dataSync()].every((g) => g === 0)).toBe(true);
        }
      });
    });

    it('leaves no tensor behind', () => {
      const targets = targetsOf[kind]();
      const at = outputs();
      const before = tf.memory().numTensors;
      objective.loss(at, targets).dispose();
      objective.evaluationLoss?.(at, targets).dispose();
      tf.grad((x) => objective.loss(x, targets))(at).dispose();
      expect(tf.memory().numTensors).toBe(before);
      tf.dispose([at, targets.values]);
    });
  });
});

it('focal losses with gamma 0 are cross-entropies, and count an easy example less with more', () => {
  tf.tidy(() => {
    const targets = targetsOf.classes();
    const at = outputs();
    const of = (objective: Objective) => objective.loss(at, targets).dataSync()[0];
    expect(of(softmaxFocal({ gamma: 0 }))).toBeCloseTo(of(softmaxCrossEntropy()), 5);
    expect(2 * of(sigmoidFocal({ gamma: 0, alpha: 0.5 }))).toBeCloseTo(of(sigmoidCrossEntropy()), 5);
    expect(of(softmaxFocal({ gamma: 3 }))).toBeLessThan(of(softmaxFocal({ gamma: 1 })));
  });
});

it('focal losses are their formulas', () => {
  const x = [-2, -0.5, 0, 0.7, 3];
  const t = [1, 0, 1, 0, 1];
  const p = x.map((each) => 1 / (1 + Math.exp(-each)));
  const [gamma, alpha] = [1.5, 0.3];
  const sigmoid = p.reduce((sum, each, i) => sum - (t[i] ? alpha * (1 - each) ** gamma * Math.log(each) : (1 - alpha) * each ** gamma * Math.log(1 - each)), 0) / 5;
  const powers = x.map(Math.exp);
  const q = powers.map((each) => each / powers.reduce((a, b) => a + b));
  tf.tidy(() => {
    const targets = { kind: 'values', width: 1, values: tf.tensor2d(t, [5, 1]) } as const;
    expect(sigmoidFocal({ gamma, alpha }).loss(tf.tensor2d(x, [5, 1]), targets).dataSync()[0]).toBeCloseTo(sigmoid, 5);
    const softmax = softmaxFocal({ gamma }).loss(tf.tensor2d(x, [1, 5]), { kind: 'classes', width: 5, values: tf.tensor1d([3], 'int32') }).dataSync()[0];
    expect(softmax).toBeCloseTo(-((1 - q[3]) ** gamma) * Math.log(q[3]), 5);
  });
});

it('sigmoid cross-entropy weighs what is positive', () => {
  tf.tidy(() => {
    const loss = (positiveWeight: number, target: number) => sigmoidCrossEntropy({ positiveWeight }).loss(tf.tensor2d([[0.3]]), { kind: 'values', width: 1, values: tf.tensor2d([[target]]) }).dataSync()[0];
    expect(loss(3, 1)).toBeCloseTo(3 * Math.log(1 + Math.exp(-0.3)), 5);
    expect(loss(3, 0)).toBeCloseTo(Math.log(1 + Math.exp(0.3)), 5);
  });
});

it('a divergence is zero at the targets, and a cross-entropy less their entropy elsewhere', () => {
  tf.tidy(() => {
    const targets = targetsOf.probabilities();
    const entropy = -tf.sum(tf.mul(targets.values, tf.log(targets.values))).dataSync()[0] / ROWS;
    expect(kullbackLeibler().loss(tf.log(targets.values), targets).dataSync()[0]).toBeCloseTo(0, 6);
    expect(kullbackLeibler().loss(outputs(), targets).dataSync()[0]).toBeCloseTo(softmaxCrossEntropy().loss(outputs(), targets).dataSync()[0] - entropy, 5);
  });
});

it.each([
  [() => huber({ delta: 0 }), 'huber: delta must be a number above 0, received 0'],
  [() => sigmoidFocal({ alpha: 2 }), 'sigmoidFocal: alpha must be in [0, 1], received 2'],
  [() => sigmoidCrossEntropy({ positiveWeight: -1 }), 'sigmoidCrossEntropy: positiveWeight must be a number above 0, received -1'],
])('%# refuses options out of range', (make, sentence) => expect(make).toThrow(sentence));
