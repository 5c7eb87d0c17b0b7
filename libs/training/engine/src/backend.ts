import { InputError, shown } from '@gradstream/numerics';
import * as tf from '@tensorflow/tfjs-core';
import { makeHelpers } from './plan/helpers.ts';

/** Where tensors live. `auto` takes wasm in Node, WebGL in a browser, and cpu where neither starts. */
export type BackendChoice = 'auto' | 'cpu' | 'wasm' | 'webgl';

export interface BackendOptions {
  readonly backend?: BackendChoice;
  /** Where a browser finds the wasm backend's binaries (a folder address ending in '/'); Node finds them itself. */
  readonly wasmPath?: string;
  /**
   * How a browser makes the helper threads of planned steps, from a worker file of the page's own whose one line is
   * `import '@gradstream/engine/helper'`. Default: from a blob, which needs no file and a Content-Security-Policy that allows it.
   */
  readonly helper?: () => Worker;
}

/** The backend in use, and why a wanted one is not. */
export interface Backend {
  readonly name: 'cpu' | 'wasm' | 'webgl';
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
}

const inNode = typeof process !== 'undefined' && process.versions?.node !== undefined;

let starting: Promise<Backend> | undefined;
let started: { readonly choice: BackendChoice; readonly backend: Backend } | undefined;

/** The backend that `useBackend` started, if it has. */
export const currentBackend = (): Backend | undefined => started?.backend;

/**
 * Starts a TensorFlow.js backend with all gradients, once per process; asking again for what runs is free.
 *
 * @throws InputError when the backend that was named does not start
 */
export async function useBackend({ backend = 'auto', wasmPath, helper }: BackendOptions = {}): Promise<Backend> {
  if (helper) makeHelpers(helper);
  if (!['auto', 'cpu', 'wasm', 'webgl'].includes(backend)) throw new InputError(`backend must be one of auto, cpu, wasm, webgl, received ${shown(backend)}`);
  if (started && (started.choice === backend || started.backend.name === backend || backend === 'auto')) return started.backend;
  starting = (starting ?? Promise.resolve()).catch(() => undefined).then(() => start(backend, wasmPath));
  return starting as Promise<Backend>;
}

async function start(choice: BackendChoice, wasmPath: string | undefined): Promise<Backend> {
  tf.env().set('PROD', true);
  await import('@tensorflow/tfjs');
  const wanted: readonly Backend['name'][] = choice === 'auto' ? (inNode ? ['wasm', 'cpu'] : ['webgl', 'wasm', 'cpu']) : [choice];
  const skipped: { name: string; reason: string }[] = [];
  for (const name of wanted) {
    const reason = await tryBackend(name, wasmPath);
    if (reason === undefined) {
      started = { choice, backend: { name, skipped } };
      return started.backend;
    }
    skipped.push({ name, reason });
  }
  throw new InputError(`backend ${choice} does not start here: ${skipped.map(({ name, reason }) => `${name}: ${reason}`).join('; ')}`);
}

/** Each backend there is, and a sentence where it does not start here. What runs goes on as before. */
export async function probeBackends(): Promise<readonly { readonly name: Backend['name']; readonly reason?: string }[]> {
  await useBackend();
  const found: { name: Backend['name']; reason?: string }[] = [];
  for (const name of ['wasm', 'webgl', 'cpu'] as const) {
    const reason = await tryBackend(name, undefined);
    found.push({ name, ...(reason === undefined ? {} : { reason }) });
  }
  await tf.setBackend(started!.backend.name);
  return found;
}

/** Starts one backend; a sentence when it does not. */
async function tryBackend(name: Backend['name'], wasmPath: string | undefined): Promise<string | undefined> {
  if (name === 'webgl' && typeof OffscreenCanvas === 'undefined' && typeof document === 'undefined') return 'there is no canvas here';
  try {
    if (name === 'wasm') {
      const [wasm] = await Promise.all([import('@tensorflow/tfjs-backend-wasm'), import('./wasm.ts')]);
      if (wasmPath) wasm.setWasmPaths(wasmPath);
    }
    return (await tf.setBackend(name)) ? undefined : 'its set-up failed';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
