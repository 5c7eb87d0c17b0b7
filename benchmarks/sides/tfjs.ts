/** TensorFlow.js as it is: `model.fit`, or a loop of `variableGrads` and `tf.train.adam`. `BACKEND` and `FORM` say how. */
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { repeat, serve } from '../harness.ts';
import { CASES, numbers, type StepCase } from './cases.ts';

const form = process.env.FORM ?? 'loop';
tf.env().set('PROD', true);
await tf.setBackend(process.env.BACKEND ?? 'wasm');

function modelOf({ inputShape, classes, hidden }: StepCase): tf.Sequential {
  const model = tf.sequential();
  if (hidden) {
    hidden.forEach((units, i) => model.add(tf.layers.dense({ units, activation: 'relu', ...(i === 0 ? { inputShape: [...inputShape] } : {}) })));
  } else {
    model.add(tf.layers.conv2d({ filters: 8, kernelSize: 5, activation: 'relu', inputShape: [...inputShape] }));
    model.add(tf.layers.maxPooling2d({ poolSize: 2 }));
    model.add(tf.layers.conv2d({ filters: 16, kernelSize: 5, activation: 'relu' }));
    model.add(tf.layers.maxPooling2d({ poolSize: 2 }));
    model.add(tf.layers.flatten());
  }
  model.add(tf.layers.dense({ units: classes }));
  return model;
}

const trained = new Map<string, (n: number) => Promise<void>>();

function trainer(c: StepCase): (n: number) => Promise<void> {
  const model = modelOf(c);
  const x = tf.tensor(numbers(c.batch * c.inputShape.reduce((a, b) => a * b, 1)), [c.batch, ...c.inputShape]);
  const y = tf.oneHot(tf.tensor1d(Array.from({ length: c.batch }, (_, i) => i % c.classes), 'int32'), c.classes).toFloat();
  if (form === 'fit') {
    model.compile({ optimizer: tf.train.adam(1e-3), loss: (labels, logits) => tf.losses.softmaxCrossEntropy(labels, logits) });
    return async (n) => void (await model.fit(x, y, { epochs: n, batchSize: c.batch, verbose: 0, yieldEvery: 'never' }));
  }
  const optimizer = tf.train.adam(1e-3);
  const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  return async (n) => {
    for (let i = 0; i < n; i++) {
      const loss = optimizer.minimize(() => tf.losses.softmaxCrossEntropy(y, model.apply(x, { training: true }) as tf.Tensor).asScalar(), true, variables)!;
      loss.dataSync();
      loss.dispose();
    }
  };
}

await serve((name, seconds) => {
  const work = trained.get(name) ?? trainer(CASES[name]);
  trained.set(name, work);
  return repeat(work, seconds);
});
