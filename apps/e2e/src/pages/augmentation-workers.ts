/** A page whose batches are made in the browser's workers; the same file is the worker. */
import { lastValueFrom } from 'rxjs';
import { augmented, batchPool, browserWorker, elastic, mixup, randomCrop, randomFlip, randomHue, serveAugmentations } from '@gradstream/augment';
import { fromArrays } from '@gradstream/datasets';
import { useBackend } from '@gradstream/engine';
import { softmaxCrossEntropy } from '@gradstream/losses';
import { mlp } from '@gradstream/models';
import { fold, key, uniforms, weightsSha256 } from '@gradstream/numerics';
import { adam } from '@gradstream/optimizers';
import { augment, batches, forward, keep, loss, metrics, optimize, prefetch, type WeightsStore } from '@gradstream/pipeline';

const inWorker = typeof document === 'undefined';

if (inWorker) {
  const scope = globalThis as unknown as { postMessage(message: unknown, options: { readonly transfer: ArrayBuffer[] }): void; onmessage: (event: MessageEvent) => void };
  const serve = serveAugmentations((answer, transfer) => scope.postMessage(answer, { transfer }));
  scope.onmessage = ({ data }) => void serve(data as Parameters<typeof serve>[0]);
} else {
  const photos = fromArrays({ dataset: 'noise', inputs: Uint8Array.from(uniforms(key(1), 96 * 12 * 12 * 3), (u) => u * 256), inputShape: [12, 12, 3], classes: Array.from({ length: 96 }, (_, i) => i % 3) });
  const chain = [randomCrop({ padding: 2 }), randomFlip(), randomHue(), elastic(), mixup({ alpha: 0.4 })] as const;
  const spawn = () => browserWorker(new Worker('/bundle.js', { type: 'module' }));
  const idsOf = (i: number) => Uint32Array.from({ length: 16 }, (_, j) => (i * 16 + j * 5) % 96);

  Object.assign(globalThis, {
    shares: typeof SharedArrayBuffer !== 'undefined',
    /** How many of ten batches of a pool differ from those made here. */
    async differing(workers: number): Promise<number> {
      const pool = batchPool(photos, chain, { workers, spawn });
      const made = await Promise.all(Array.from({ length: 10 }, (_, i) => pool.make(idsOf(i), fold(key(2), i))));
      pool.close();
      const here = made.map((_, i) => augmented(chain, fold(key(2), i), photos.gather(idsOf(i))));
      return made.filter(({ inputs, targets }, i) => String(inputs) !== String(here[i].inputs) || String(targets.values) !== String(here[i].targets.values)).length;
    },
    /** Digest of the weights after two epochs, with batches made ahead in so many workers; 0 makes them in the page. */
    async trained(workers: number): Promise<string> {
      await useBackend({ backend: 'cpu' });
      const store: WeightsStore = {};
      await lastValueFrom(batches(photos, { size: 16, epochs: 2, seed: 3, ...(workers > 0 ? { maker: prefetch({ workers, spawn }) } : {}) }).pipe(
        augment(...chain), forward(mlp({ hidden: [8] })), loss(softmaxCrossEntropy()), optimize(adam({ learningRate: 0.01 })), metrics(), keep(store),
      ));
      return weightsSha256(store.weights!);
    },
    ready: true,
  });
}
