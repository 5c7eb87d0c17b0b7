/** The engine on wasm in a page: `engine()` says what it found. */
import * as tf from '@tensorflow/tfjs';
import { compile, heapExecutor, selfCheck, tfOptimizer, useBackend, type Trainer } from '@gradstream/engine';
import { kernelStatus, type KernelStatus } from '@gradstream/engine/wasm';
import { fold, key, normals, type Batch } from '@gradstream/numerics';
import { softmaxCrossEntropy, type Objective } from '@gradstream/losses';
import { build, cnn } from '@gradstream/models';
import { adam, bind } from '@gradstream/optimizers';

export interface EngineReport {
  readonly isolated: boolean;
  /** Whether TensorFlow.js keeps its tensors in shared memory. */
  readonly sharedHeap: boolean;
  readonly engines: readonly string[];
  readonly kernels: KernelStatus;
  /** Largest difference of weights after ten steps of plan and tape. */
  readonly apart: number;
  /** Whether fused updates on the heap give the bits of JavaScript. */
  readonly sameBits: boolean;
  /** Kernels that do not compute what a plain reference does. */
  readonly unsound: readonly string[];
  /** First and last loss of `model.fit` of a convolutional network. */
  readonly fit: readonly [number, number];
}

const batch = (step: number): Batch => ({
  size: 12, inputShape: [12, 9, 9, 1], inputs: normals(fold(key(1), step), 12 * 81), targets: { kind: 'classes', width: 3, shape: [12], values: Int32Array.from({ length: 12 }, (_, i) => (i + step) % 3) },
  step, epoch: 0, index: step, batchesPerEpoch: 10, ids: new Uint32Array(12), key: fold(key(2), step),
});

function trained(trainer: Trainer): Map<string, Float32Array> {
  for (let step = 0; step < 10; step++) trainer.step(batch(step)).release();
  return new Map([...trainer.weights()].map(([name, { values }]) => [name, values]));
}

function sameBits(): boolean {
  const info = [{ name: 'w', shape: [40, 7], role: 'kernel' }] as const;
  const [ours, reference] = [bind(adam({ learningRate: 0.1 }), info, { executor: heapExecutor() }), bind(adam({ learningRate: 0.1 }), info, { executor: 'js' })];
  const values = normals(key(5), 280);
  let at = new Map<string, tf.Tensor>([['w', tf.tensor(values.slice(), [40, 7])]]);
  for (let step = 0; step < 3; step++) {
    const g = normals(key(6 + step), 280);
    at = new Map(ours.update({ step, params: at, gradients: new Map([['w', tf.tensor(g, [40, 7])]]) }));
    reference.update({ step, params: new Map([['w', values]]), gradients: new Map([['w', g]]) });
  }
  const found = at.get('w')!.dataSync();
  return values.every((x, i) => x === found[i]);
}

async function fit(): Promise<[number, number]> {
  const model = tf.sequential({ layers: [tf.layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu', inputShape: [9, 9, 1] }), tf.layers.flatten(), tf.layers.dense({ units: 1 })] });
  model.compile({ optimizer: tfOptimizer(adam({ learningRate: 0.01 })), loss: 'meanSquaredError' });
  const x = tf.tensor(normals(key(3), 48 * 81), [48, 9, 9, 1]);
  const { history } = await model.fit(x, tf.mean(x, [1, 2]), { epochs: 5, batchSize: 12, verbose: 0 });
  return [history.loss[0] as number, history.loss.at(-1) as number];
}

async function engine(): Promise<EngineReport> {
  await useBackend({ backend: 'wasm', wasmPath: '/' });
  const description = { model: build(cnn({ filters: [4, 6], size: 3, hidden: [10], dropout: 0.2 }), [9, 9, 1], 3), objective: softmaxCrossEntropy() as Objective, regularizers: [], optimizer: adam({ learningRate: 0.01 }), key: key(4) };
  const trainers = [compile(description, { engine: 'plan', threads: 2 }), compile(description, { engine: 'tape' })];
  const [plan, tape] = trainers.map(trained);
  const apart = Math.max(...[...plan].flatMap(([name, values]) => Array.from(values, (x, i) => Math.abs(x - tape.get(name)![i]))));
  trainers.forEach((trainer) => trainer.dispose());
  const { wasm } = tf.backend() as unknown as { wasm: { HEAPU8: Uint8Array } };
  return {
    isolated: crossOriginIsolated,
    sharedHeap: typeof SharedArrayBuffer !== 'undefined' && wasm.HEAPU8.buffer instanceof SharedArrayBuffer,
    engines: trainers.map((trainer) => trainer.engine),
    kernels: kernelStatus(),
    apart,
    sameBits: sameBits(),
    unsound: selfCheck({ seconds: 0.3 }).filter(({ ok }) => !ok).map(({ name }) => name),
    fit: await fit(),
  };
}

Object.assign(globalThis, { engine, ready: true });
