import * as tf from '@tensorflow/tfjs-core';
import type { Point } from '@gradstream/diagnostics';
import { feedInputs, useBackend } from '@gradstream/engine';
import { sizeOf, type Examples, type ParamInfo } from '@gradstream/numerics';
import type { ActivationName } from './mlp-surface.ts';

/** Mean losses of an mlp at many points at once, on the graphics card. */
export interface WebglLosses {
  lossesAt(points: readonly Point[]): Float32Array;
  dispose(): void;
}

let lost = false;

/**
 * Starts WebGL; a sentence where there is none, or where its context was lost before: a lost one reads zeros without an error, and does
 * not come back in this worker.
 */
export async function startWebgl(): Promise<string | undefined> {
  if (lost) return 'the graphics context was lost';
  try {
    await useBackend({ backend: 'webgl' });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const { canvas } = (tf.backend() as unknown as { readonly gpgpu: { readonly gl: WebGL2RenderingContext } }).gpgpu.gl;
  canvas.addEventListener('webglcontextlost', () => { lost = true; }, { once: true });
  return undefined;
}

/** Whether what was read since the start can be trusted. */
export function isWebglLost(): boolean {
  lost ||= (tf.backend() as unknown as { readonly gpgpu: { readonly gl: WebGL2RenderingContext } }).gpgpu.gl.isContextLost();
  return lost;
}

/** A row of points goes through the network together: kernels [points, inputs, units] against the examples. */
export function webglLosses(params: readonly ParamInfo[], activation: ActivationName, examples: Examples): WebglLosses {
  const inputs = tf.tidy(() => tf.reshape(feedInputs(examples), [1, examples.size, -1]));
  const classes = examples.targets.width;
  const wanted = tf.tidy(() => tf.reshape(tf.cast(tf.oneHot(tf.tensor1d(Int32Array.from(examples.targets.values), 'int32'), classes), 'float32'), [1, examples.size, classes]));
  return {
    lossesAt: (points) => tf.tidy(() => {
      let values: tf.Tensor3D = inputs as tf.Tensor3D;
      let at = 0;
      params.forEach(({ shape, role }, i) => {
        const size = sizeOf(shape);
        const all = new Float32Array(points.length * size);
        points.forEach((point, k) => all.set(point.subarray(at, at + size), k * size));
        at += size;
        if (role === 'kernel') values = tf.matMul(values, tf.tensor3d(all, [points.length, shape[0], shape[1]]));
        else {
          values = tf.add(values, tf.tensor3d(all, [points.length, 1, size]));
          if (i < params.length - 1) values = activation === 'relu' ? tf.relu(values) : tf.tanh(values);
        }
      });
      const each = tf.sub(tf.logSumExp(values, 2), tf.sum(tf.mul(values, wanted), 2));
      return tf.mean(each, 1).dataSync<'float32'>().slice();
    }),
    dispose: () => tf.dispose([inputs, wanted]),
  };
}
