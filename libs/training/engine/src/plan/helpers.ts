import { help, type HelperWork } from './help.ts';

/** A thread beside the caller's. */
export interface Helper {
  /** Ends it; it must not be at the gate. */
  end(): void;
}

/** What is used of node:worker_threads. */
interface NodeWorkers {
  Worker: new (source: string, options: { eval: boolean; workerData: object }) => { unref(): void };
}

function nodeWorkers(): NodeWorkers | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: 'node:worker_threads'): NodeWorkers } };
  return process?.getBuiltinModule?.('node:worker_threads');
}

/** Whether a helper is there as soon as it is started, so that none has to be started before there is work for it. */
export const startsAtOnce = (): boolean => nodeWorkers() !== undefined;

/** Why a plan runs on one thread here, or undefined. */
export function threadsMissing(): string | undefined {
  const { crossOriginIsolated } = globalThis as { crossOriginIsolated?: boolean };
  if (crossOriginIsolated === false) return 'this page is not cross-origin isolated, so its threads share no memory';
  if (typeof SharedArrayBuffer === 'undefined') return 'memory cannot be shared here';
  if (nodeWorkers()) return undefined;
  return crossOriginIsolated && typeof Worker !== 'undefined' ? undefined : 'threads of a plan need Node 20.16 or later, or workers of a browser';
}

let blob: string | undefined;

/** A worker whose source is the helper itself: no file that a bundler would have to know of. */
const fromBlob = (): Worker => new Worker((blob ??= URL.createObjectURL(new Blob([`onmessage = ({ data }) => { (${help})(data, () => postMessage('loaded')); close(); };`], { type: 'text/javascript' }))));

let made = fromBlob;

/** How a browser makes helpers from now on. */
export const makeHelpers = (make: () => Worker): void => void (made = make);

/** Starts a helper. One of the two is called: in Node `loaded` at once, in a browser either when the page has had time for it. */
export function startHelper(workerData: HelperWork, loaded: () => void, failed: (reason: string) => void): Helper {
  const node = nodeWorkers();
  if (node) {
    new node.Worker(`(${help})(require('node:worker_threads').workerData, () => undefined)`, { eval: true, workerData }).unref();
    loaded();
    return { end: () => undefined };
  }
  const refused = (reason?: string): void => failed(`a helper did not load${reason ? `: ${reason}` : made === fromBlob ? '; where a Content-Security-Policy forbids workers from blobs, useBackend({ helper }) takes one from a file' : ''}`);
  try {
    const worker = made();
    worker.onmessage = () => loaded();
    worker.onerror = ({ message }) => refused(message);
    worker.postMessage(workerData);
    return { end: () => worker.terminate() };
  } catch (error) {
    refused(error instanceof Error ? error.message : String(error));
    return { end: () => undefined };
  }
}
