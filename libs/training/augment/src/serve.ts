import { buildFrom, gatherFrom, isInputError, registry, type ExampleStore, type Registry } from '@gradstream/numerics';
import { augmented } from './apply.ts';
import type { Augmentation } from './augmentation.ts';
import { buffersOf, type Answer, type Job, type Setup } from './messages.ts';
import { augmentations } from './registry.ts';

/**
 * The worker's side of a pool: give it each message of the pool in order; it answers through `send`.
 *
 * @param own augmentations beside those of this package
 * @param load imports a module by its URL; needed only where the pool names modules
 */
export function serveAugmentations(send: (answer: Answer, transfer: ArrayBuffer[]) => void, own: Registry<Augmentation> = {}, load?: (url: string) => Promise<object>): (message: Setup | Job) => Promise<void> {
  let ready: Promise<{ readonly made: readonly Augmentation[]; readonly store?: ExampleStore }> | undefined;
  return async (message) => {
    if (message.type === 'setup') {
      ready = prepare(message, own, load);
      ready.catch(() => undefined);
      return;
    }
    const { job, key, from } = message;
    try {
      const { made, store } = await ready!;
      const examples = augmented(made, key, ArrayBuffer.isView(from) ? gatherFrom(store!, from) : from);
      send({ type: 'made', job, examples }, buffersOf(examples));
    } catch (error) {
      send({ type: 'failed', job, message: error instanceof Error ? error.message : String(error), inputError: isInputError(error) }, []);
    }
  };
}

async function prepare({ augmentations: specs, modules, store }: Setup, own: Registry<Augmentation>, load?: (url: string) => Promise<object>): Promise<{ readonly made: readonly Augmentation[]; readonly store?: ExampleStore }> {
  const known = { ...augmentations, ...own };
  for (const url of modules) {
    if (!load) throw new Error(`this worker cannot import '${url}'; pass its augmentations to serveAugmentations`);
    const exported = Object.values(await load(url)).filter((member): member is { readonly factoryName: string } => typeof member === 'function' && 'factoryName' in member);
    Object.assign(known, registry<Augmentation>(...exported));
  }
  return { made: specs.map((spec, i) => buildFrom<Augmentation>({ augmentation: known }, 'augmentation', spec, `workers: augment[${i}]`)), ...(store ? { store } : {}) };
}
