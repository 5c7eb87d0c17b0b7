/** Not ready to change anything? Two lines make plain TensorFlow.js faster, `model.fit` included, and give it any optimizer of this house. */
import '@gradstream/engine/wasm';
import { tfOptimizer, useBackend } from '@gradstream/engine';
import { digits } from '@gradstream/datasets';
import { adamw } from '@gradstream/optimizers';
import * as tf from '@tensorflow/tfjs';

await useBackend({ backend: 'wasm' });
const { train, validation } = await digits({ validation: 400 });
const tensorsOf = ({ gather, size }: typeof train) => {
  const { inputs, inputShape, targets } = gather(Array.from({ length: size }, (_, i) => i));
  return [tf.tensor(inputs, [...inputShape]), tf.oneHot(tf.tensor1d(targets.values, 'int32'), 10)] as const;
};
const [[x, y], [heldX, heldY]] = [tensorsOf(train), tensorsOf(validation)];

// A convolution: stock TensorFlow.js has no gradient for it on wasm.
const model = tf.sequential({ layers: [
  tf.layers.conv2d({ inputShape: [8, 8, 1], filters: 16, kernelSize: 3, activation: 'relu' }),
  tf.layers.flatten(),
  tf.layers.dense({ units: 10, activation: 'softmax' }),
] });
model.compile({ optimizer: tfOptimizer(adamw({ learningRate: 3e-3, weightDecay: 0.01 })), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
await model.fit(x, y, { epochs: 5, batchSize: 32, validationData: [heldX, heldY], verbose: 0, callbacks: {
  onEpochEnd: (epoch, logs) => console.log(`epoch ${epoch + 1}  val_acc ${logs!['val_acc'].toFixed(4)}`),
} });
