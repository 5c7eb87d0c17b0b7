/** The sides of `bench -- browser`, in a page: `measure(side, case, seconds)` gives steps per second of the clock. */
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { fold, key, type Batch } from '@gradstream/numerics';
import { compile, useBackend } from '@gradstream/engine';
import { softmaxCrossEntropy, type Objective } from '@gradstream/losses';
import { build, conv2d, dense, flatten, maxPool, mlp, sequential } from '@gradstream/models';
import { adam } from '@gradstream/optimizers';
import { CASES, numbers, type StepCase } from './cases.ts';

type Work = (steps: number) => void | Promise<void>;

async function ours(backend: 'wasm' | 'webgl', c: StepCase, fused: boolean, threads: number): Promise<{ work: Work; engine: string }> {
  await useBackend({ backend, wasmPath: '/' });
  // Without packed textures there are no fragment programs for updates; the flag is only read when they are made.
  tf.env().set('WEBGL_PACK', fused);
  const lenet = sequential({ layers: [conv2d({ filters: 8, size: 5, padding: 'valid', activation: 'relu' }), maxPool(), conv2d({ filters: 16, size: 5, padding: 'valid', activation: 'relu' }), maxPool(), flatten(), dense({ units: c.classes })] });
  const model = build(c.hidden ? mlp({ hidden: [...c.hidden] }) : lenet, c.inputShape, c.classes);
  const trainer = compile({ model, objective: softmaxCrossEntropy() as Objective, regularizers: [], optimizer: adam({ learningRate: 1e-3 }), key: key(1) }, { threads });
  for (let i = 0; i < 1000 && trainer.engine.includes('starting'); i++) await new Promise((resolve) => setTimeout(resolve, 10));
  tf.env().set('WEBGL_PACK', true);
  const size = c.batch;
  const batch = {
    size, inputShape: [size, ...c.inputShape], inputs: numbers(size * c.inputShape.reduce((a, b) => a * b, 1)),
    targets: { kind: 'classes', width: c.classes, shape: [size], values: Int32Array.from({ length: size }, (_, i) => i % c.classes) },
    epoch: 0, index: 0, batchesPerEpoch: 1, ids: new Uint32Array(size),
  } as const;
  let step = 0;
  return {
    engine: trainer.engine,
    work: (n) => {
      for (let i = 0; i < n; i++) {
        const outcome = trainer.step({ ...batch, step, key: fold(key(2), step++) } as Batch);
        outcome.scalars([]).read();
        outcome.release();
      }
    },
  };
}

async function theirs(backend: 'wasm' | 'webgl', c: StepCase): Promise<{ work: Work; engine: string }> {
  setWasmPaths('/');
  tf.env().set('PROD', true);
  await tf.setBackend(backend);
  const layers: tf.layers.Layer[] = c.hidden
    ? c.hidden.map((units, i) => tf.layers.dense({ units, activation: 'relu', ...(i === 0 ? { inputShape: [...c.inputShape] } : {}) }))
    : [tf.layers.conv2d({ filters: 8, kernelSize: 5, activation: 'relu', inputShape: [...c.inputShape] }), tf.layers.maxPooling2d({ poolSize: 2 }), tf.layers.conv2d({ filters: 16, kernelSize: 5, activation: 'relu' }), tf.layers.maxPooling2d({ poolSize: 2 }), tf.layers.flatten()];
  const model = tf.sequential({ layers: [...layers, tf.layers.dense({ units: c.classes })] });
  const x = tf.tensor(numbers(c.batch * c.inputShape.reduce((a, b) => a * b, 1)), [c.batch, ...c.inputShape]);
  const y = tf.oneHot(tf.tensor1d(Array.from({ length: c.batch }, (_, i) => i % c.classes), 'int32'), c.classes).toFloat();
  const optimizer = tf.train.adam(1e-3);
  const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  return {
    engine: `tfjs ${backend}`,
    work: (n) => {
      for (let i = 0; i < n; i++) {
        const loss = optimizer.minimize(() => tf.losses.softmaxCrossEntropy(y, model.apply(x, { training: true }) as tf.Tensor).asScalar(), true, variables)!;
        loss.dataSync();
        loss.dispose();
      }
    },
  };
}

const started = new Map<string, Promise<{ work: Work; engine: string }>>();

async function measure(side: 'ours' | 'threads' | 'unfused' | 'tfjs', backend: 'wasm' | 'webgl', name: string, seconds: number): Promise<{ engine: string; units: number; wall: number }> {
  if (!started.has(name)) started.set(name, side === 'tfjs' ? theirs(backend, CASES[name]) : ours(backend, CASES[name], side !== 'unfused', side === 'threads' ? 2 : 1));
  const { work, engine } = await started.get(name)!;
  await work(2);
  let start = performance.now();
  await work(2);
  const units = Math.max(2, Math.ceil((seconds * 2000) / (performance.now() - start)));
  start = performance.now();
  await work(units);
  return { engine, units, wall: (performance.now() - start) / 1000 };
}

Object.assign(globalThis, { measure });
