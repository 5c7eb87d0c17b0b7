import { InputError, specOf, type Examples, type ExampleStore, type Key, type Spec, type Split, type Targets } from '@gradstream/numerics';
import { augmented } from './apply.ts';
import type { Augmentation } from './augmentation.ts';
import { buffersOf, type WorkerPort } from './messages.ts';

/** Makes augmented batches somewhere else; the bytes do not depend on where. */
export interface BatchPool {
  /** The examples with these ids in the split, augmented by the key of their batch. */
  make(ids: Uint32Array, key: Key): Promise<Examples>;
  /** Ends the workers; what is still awaited is refused. */
  close(): void;
}

export interface PoolOptions {
  /** Number of workers; 0 makes batches in this thread. */
  readonly workers: number;
  /** Starts a worker; see `spawnWorker` of `@gradstream/augment/node` and `browserWorker`. */
  readonly spawn: () => WorkerPort;
  /** Modules that export augmentation factories of your own, by URL. */
  readonly modules?: readonly string[];
}

/**
 * A pool of workers that gather and augment batches of a split. Jobs go to the workers in turn.
 * A split in memory is copied once into shared memory, where the platform has any; other splits are gathered here and handed over.
 *
 * @throws InputError for an augmentation that no factory made, since a worker could not make it again
 */
export function batchPool(split: Split, augmentations: readonly Augmentation[], { workers, spawn, modules = [] }: PoolOptions): BatchPool {
  const specs = augmentations.map(specIn);
  if (workers === 0) {
    return { make: async (ids, key) => augmented(augmentations, key, split.gather(ids)), close: () => undefined };
  }
  const store = split.store && shared(split.store);
  const crew = Array.from({ length: workers }, () => new Member(spawn()));
  for (const member of crew) member.port.post({ type: 'setup', modules, augmentations: specs, ...(store ? { store } : {}) }, []);
  let job = 0;
  return {
    make: (ids, key) => {
      const member = crew[job % workers];
      if (store) return member.ask({ type: 'job', job: job++, key, from: ids }, []);
      const examples = split.gather(ids);
      return member.ask({ type: 'job', job: job++, key, from: examples }, buffersOf(examples));
    },
    close: () => {
      for (const member of crew) member.close();
    },
  };
}

/** A worker and the answers it owes. */
class Member {
  private readonly awaited = new Map<number, { resolve(examples: Examples): void; reject(error: Error): void }>();
  private failure: Error | undefined;

  constructor(readonly port: WorkerPort) {
    port.onAnswer((answer) => {
      const asked = this.awaited.get(answer.job);
      this.awaited.delete(answer.job);
      port.hold?.(this.awaited.size > 0);
      if (answer.type === 'made') asked?.resolve(answer.examples);
      else asked?.reject(answer.inputError ? new InputError(answer.message) : new Error(answer.message));
    });
    port.onFailure((error) => this.fail(error));
    port.hold?.(false);
  }

  ask(job: Parameters<WorkerPort['post']>[0] & { readonly type: 'job' }, transfer: readonly ArrayBuffer[]): Promise<Examples> {
    const answer = new Promise<Examples>((resolve, reject) => {
      if (this.failure) return reject(this.failure);
      this.awaited.set(job.job, { resolve, reject });
      this.port.hold?.(true);
      this.port.post(job, transfer);
    });
    answer.catch(() => undefined);
    return answer;
  }

  close(): void {
    this.fail(new Error('the pool of workers was closed'));
    this.port.close();
  }

  private fail(error: Error): void {
    this.failure ??= error;
    for (const { reject } of this.awaited.values()) reject(this.failure);
    this.awaited.clear();
    this.port.hold?.(false);
  }
}

function specIn(augmentation: Augmentation): Spec {
  const spec = specOf(augmentation);
  if (!spec) throw new InputError(`workers: '${augmentation.name}' was made by no factory, so that no worker can make it again; write it with \`factory\` in a module of its own, or use 0 workers`);
  return spec;
}

const copies = new WeakMap<object, object>();

/** The same store in memory that all workers see; copied once for each array. Without shared memory it stays as it is and is copied into each worker. */
function shared<T extends Targets>(store: ExampleStore<T>): ExampleStore<T> {
  if (typeof SharedArrayBuffer === 'undefined') return store;
  const { inputs, targets, positions } = store;
  return { ...store, inputs: sharedCopy(inputs), targets: { ...targets, values: sharedCopy(targets.values) }, ...(positions ? { positions: sharedCopy(positions) } : {}) };
}

function sharedCopy<A extends Uint8Array | Float32Array | Int32Array | Uint32Array>(array: A): A {
  if (array.buffer instanceof SharedArrayBuffer) return array;
  const known = copies.get(array) as A | undefined;
  if (known) return known;
  const buffer = new SharedArrayBuffer(array.byteLength);
  new Uint8Array(buffer).set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  const copy = (array instanceof Uint8Array ? new Uint8Array(buffer) : array instanceof Float32Array ? new Float32Array(buffer) : array instanceof Int32Array ? new Int32Array(buffer) : new Uint32Array(buffer)) as A;
  copies.set(array, copy);
  return copy;
}
