import * as tf from '@tensorflow/tfjs-core';
import { probeBackends } from './backend.ts';
import { hasRelaxedSimd, kernelsMissing } from './kernels/kernels.ts';
import { kernelStatus } from './kernels/register.ts';
import { nativeBlas } from './native/blas.ts';
import { threadsMissing } from './plan/helpers.ts';

/** Something that a run may use here. */
export interface Availability {
  readonly name: string;
  readonly available: boolean;
  /** What it is where it is there; a sentence why not where it is not. */
  readonly detail: string;
}

const there = (name: string, detail: string): Availability => ({ name, available: true, detail });
const unless = (reason: string | undefined, name: string, detail: string): Availability => (reason === undefined ? there(name, detail) : { name, available: false, detail: reason });

/** The TensorFlow.js backends and the layers of the engine that this machine has, and why it lacks the others. */
export async function availability(): Promise<{ readonly backends: readonly Availability[]; readonly layers: readonly Availability[] }> {
  const probed = await probeBackends();
  const wasm = probed.find(({ name }) => name === 'wasm')!.reason;
  const blas = nativeBlas();
  const noKernels = kernelsMissing();
  const noPlan = noKernels ?? (wasm && `the wasm backend does not start: ${wasm}`);
  const rounding = noKernels === undefined && hasRelaxedSimd() ? 'multiply-adds in one rounding (relaxed SIMD)' : 'two roundings: this runtime has no relaxed SIMD';
  return {
    backends: [...probed.map(({ name, reason }) => unless(reason, name, uses[name])), { name: 'webgpu', available: false, detail: NO_WEBGPU }],
    layers: [
      unless(typeof blas === 'string' ? blas : noPlan, 'plan+native', typeof blas === 'string' ? '' : blas.version),
      unless(noPlan, 'plan+wasm', rounding),
      unless(noPlan ?? threadsMissing(), 'threads', 'a planned step on several threads'),
      unless(wasm ?? (await kernelsUnused()), 'tape+wasm', `TensorFlow.js’s gradients with ${kernelStatus().registered.length} kernels of ours under them`),
      ...probed.filter(({ name }) => name !== 'wasm').map(({ name, reason }) => unless(reason, `tape+${name}`, 'TensorFlow.js’s gradients')),
    ],
  };
}

const uses = { wasm: 'SIMD on the processor', webgl: 'the graphics processor, in browsers', cpu: 'plain JavaScript' } as const;

/** A step hands its loss on when it returns. */
const NO_WEBGPU = 'a step reads its loss at once, and TensorFlow.js reads from WebGPU later; model.fit there takes tfOptimizer';

/** Why the kernels that are registered over TensorFlow.js's are not used, or undefined. */
async function kernelsUnused(): Promise<string | undefined> {
  const before = tf.getBackend();
  await tf.setBackend('wasm');
  tf.tidy(() => tf.matMul([[1]], [[1]]).dataSync());
  await tf.setBackend(before);
  return kernelStatus().reason;
}
