/**
 * How many examples a second does a worker augment, and how long does training wait for data?
 *
 *   node --conditions=@gradstream/source --import tsx benchmarks/augment.ts
 *
 * The chain is the usual one of small photographs: pad by 4 and crop, flip, mixup, on 32x32x3 bytes in batches of 64.
 * Training is `cnn` on such batches. Its sides take turns in one process: the same batches made before, augmented in line, and
 * augmented ahead in one worker; what is reported is the median of the pairwise ratios, with quartiles.
 */
import { cpus } from 'node:os';
import { lastValueFrom, tap } from 'rxjs';
import { applyAll, batchPool, mixup, randomCrop, randomFlip } from '@gradstream/augment';
import { spawnWorker } from '@gradstream/augment/node';
import { fromArrays } from '@gradstream/datasets';
import { useBackend } from '@gradstream/engine';
import { softmaxCrossEntropy } from '@gradstream/losses';
import { cnn } from '@gradstream/models';
import { fold, key, uniforms, type Batch, type Targets } from '@gradstream/numerics';
import { adam } from '@gradstream/optimizers';
import { augment, batches, forward, loss, metrics, optimize, type MakerFactory, type Position } from '@gradstream/pipeline';
import { prefetchInThreads } from '@gradstream/pipeline/node';

const SIZE = 64;
const COUNT = 2_048;
const ROUNDS = Number(process.env['ROUNDS'] ?? 9);

const photos = fromArrays({
  dataset: 'noise', inputs: Uint8Array.from(uniforms(key(1), COUNT * 3_072), (u) => u * 256), inputShape: [32, 32, 3],
  classes: Array.from({ length: COUNT }, (_, i) => i % 10),
});
const chain = () => [randomCrop({ padding: 4 }), randomFlip(), mixup({ alpha: 0.2 })] as const;

/** Examples a second of a pool, with enough asked ahead that no worker waits. */
async function throughput(workers: number): Promise<number> {
  const pool = batchPool(photos, chain(), { workers, spawn: spawnWorker });
  const make = (i: number) => pool.make(Uint32Array.from({ length: SIZE }, (_, j) => (i * SIZE + j) % COUNT), fold(key(2), i));
  const some = async (n: number): Promise<void> => void (await Promise.all(Array.from({ length: n }, (_, i) => make(i))));
  await some(20);
  const start = performance.now();
  await some(100);
  const seconds = (performance.now() - start) / 1_000;
  pool.close();
  return (100 * SIZE) / seconds;
}

/** Hands out batches that were made in an earlier round: the same training without any work on data. */
const made = new Map<number, Batch>();
const fromEarlier: MakerFactory = <T extends Targets>(...[split, augmentations, positions, finish]: Parameters<MakerFactory>) => ({
  next: () => {
    const place = finish(positions.next().value as Position);
    const batch = made.get(place.step) ?? applyAll(augmentations, { ...split.gather(place.ids), ...place });
    made.set(place.step, batch);
    return batch as Batch<T>;
  },
  close: () => undefined,
});

const makers: Readonly<Record<'made before' | 'in line' | 'one worker', MakerFactory | undefined>> = {
  'made before': fromEarlier,
  'in line': undefined,
  'one worker': prefetchInThreads({ workers: 1 }),
};
type Side = keyof typeof makers;

/** Milliseconds of a step, from the tenth to the last. */
async function train(side: Side): Promise<number> {
  let start = 0;
  await lastValueFrom(batches(photos, { size: SIZE, steps: 40, maker: makers[side] }).pipe(
    augment(...chain()), forward(cnn()), loss(softmaxCrossEntropy()), optimize(adam({ learningRate: 1e-3 })), metrics(),
    tap(({ step }) => { if (step === 9) start = performance.now(); }),
  ));
  return (performance.now() - start) / 30;
}

const quantile = (values: readonly number[], q: number): number => [...values].sort((a, b) => a - b)[Math.round(q * (values.length - 1))];
const summary = (values: readonly number[], digits: number): string => `${quantile(values, 0.5).toFixed(digits)} (${quantile(values, 0.25).toFixed(digits)} to ${quantile(values, 0.75).toFixed(digits)})`;

await useBackend({ backend: 'wasm' });
console.log(`Node ${process.version}, ${cpus().length} x ${cpus()[0].model}, ${ROUNDS} rounds`);
const [inline, worker]: [number[], number[]] = [[], []];
for (let round = 0; round < ROUNDS; round++) {
  inline.push(await throughput(0));
  worker.push(await throughput(1));
}
console.log(`crop, flip, mixup of 32x32x3: ${summary(inline, 0)} examples/s in line, ${summary(worker, 0)} in one worker, ratio ${summary(worker.map((w, i) => w / inline[i]), 2)}`);

await train('made before');
const steps: Record<Side, number[]> = { 'made before': [], 'in line': [], 'one worker': [] };
for (let round = 0; round < ROUNDS; round++) for (const side of Object.keys(makers) as Side[]) steps[side].push(await train(side));
const waits = (side: Side): string => summary(steps[side].map((ms, i) => 100 * (1 - steps['made before'][i] / ms)), 1);
console.log(`cnn, batches of ${SIZE}: ${summary(steps['made before'], 2)} ms a step; share of it spent on data: ${waits('in line')} % in line, ${waits('one worker')} % with one worker`);
