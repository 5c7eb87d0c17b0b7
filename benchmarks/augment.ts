/**
 * How many examples a second does a worker augment, and how long does training wait for data?
 * `npm run bench -- augment [--rounds 9] [--steps 40] [--json]`
 *
 * The chain is the usual one of small photographs: pad by 4 and crop, flip, mixup, on 32x32x3 bytes in batches of 64; training is
 * `cnn` on such batches. What a run waits is measured where it waits: from asking for a batch until it is there, in line or
 * in the queue of one worker, as a share of the steps' time. Sides take turns.
 */
import { parseArgs } from 'node:util';
import { lastValueFrom, tap } from 'rxjs';
import { augmented, batchPool, mixup, randomCrop, randomFlip } from '@gradstream/augment';
import { spawnWorker } from '@gradstream/augment/node';
import { fromArrays } from '@gradstream/datasets';
import { useBackend } from '@gradstream/engine';
import { softmaxCrossEntropy } from '@gradstream/losses';
import { cnn } from '@gradstream/models';
import { fold, key, uniforms } from '@gradstream/numerics';
import { adam } from '@gradstream/optimizers';
import { augment, batches, forward, loss, metrics, optimize, type MakerFactory } from '@gradstream/pipeline';
import { prefetchInThreads } from '@gradstream/pipeline/node';
import { machine, median, quantile, rounded, versions, type Report } from './harness.ts';

const { values: flags } = parseArgs({ options: { json: { type: 'boolean' }, rounds: { type: 'string', default: '9' }, steps: { type: 'string', default: '40' } } });
const [rounds, steps] = [Number(flags.rounds), Number(flags.steps)];
const SIZE = 64;
const COUNT = 2_048;
/** Steps that warm up. */
const WARM = 10;

const photos = fromArrays({
  dataset: 'noise', inputs: Uint8Array.from(uniforms(key(1), COUNT * 3_072), (u) => u * 256), inputShape: [32, 32, 3],
  classes: Array.from({ length: COUNT }, (_, i) => i % 10),
});
const chain = [randomCrop({ padding: 4 }), randomFlip(), mixup({ alpha: 0.2 })] as const;

/** Examples a second of a pool, with enough asked ahead that no worker waits. */
async function throughput(workers: number): Promise<number> {
  const pool = batchPool(photos, chain, { workers, spawn: spawnWorker });
  const make = (i: number) => pool.make(Uint32Array.from({ length: SIZE }, (_, j) => (i * SIZE + j) % COUNT), fold(key(2), i));
  const some = async (n: number): Promise<void> => void (await Promise.all(Array.from({ length: n }, (_, i) => make(i))));
  await some(20);
  const start = performance.now();
  await some(100);
  const seconds = (performance.now() - start) / 1_000;
  pool.close();
  return (100 * SIZE) / seconds;
}

const inLine: MakerFactory = (split, augmentations, positions, place) => ({
  next: () => {
    const { value } = positions.next();
    return place(augmented(augmentations, value.key, split.gather(value.ids)) as ReturnType<typeof split.gather>, value);
  },
  close: () => undefined,
});

/** The same batches, and the time from asking for each until it is there. */
const watched = (maker: MakerFactory, waited: (ms: number) => void): MakerFactory => (...given) => {
  const made = maker(...given);
  return {
    next: () => {
      const asked = performance.now();
      const batch = made.next();
      const there = (): void => waited(performance.now() - asked);
      if (batch instanceof Promise) batch.then(there, () => undefined);
      else there();
      return batch;
    },
    close: () => made.close(),
  };
};

const sides = { 'in line': inLine, 'one worker': prefetchInThreads({ workers: 1 }) } as const;
type Side = keyof typeof sides;

/** Milliseconds of a step, and of it the milliseconds that it waited for its batch. */
async function train(side: Side): Promise<{ readonly step: number; readonly wait: number }> {
  let [start, wait] = [0, 0];
  await lastValueFrom(batches(photos, { size: SIZE, steps: steps + WARM, maker: watched(sides[side], (ms) => (wait += ms)) }).pipe(
    augment(...chain), forward(cnn()), loss(softmaxCrossEntropy()), optimize(adam({ learningRate: 1e-3 })), metrics(),
    tap(({ step }) => { if (step === WARM - 1) [start, wait] = [performance.now(), 0]; }),
  ));
  return { step: (performance.now() - start) / steps, wait: wait / steps };
}

await useBackend({ backend: 'wasm' });
const speeds: Record<Side, number[]> = { 'in line': [], 'one worker': [] };
const shares: Record<Side, { readonly step: number; readonly wait: number }[]> = { 'in line': [], 'one worker': [] };
await train('in line');
for (let round = 0; round < rounds; round++) {
  for (const [side, workers] of [['in line', 0], ['one worker', 1]] as const) {
    speeds[side].push(await throughput(workers));
    shares[side].push(await train(side));
  }
  process.stderr.write(`round ${round + 1}: ${Object.entries(shares).map(([side, seen]) => `${side} ${seen.at(-1)!.step.toFixed(1)} ms a step, ${seen.at(-1)!.wait.toFixed(2)} ms of it for data`).join('; ')}\n`);
}
const rows = (Object.keys(sides) as Side[]).map((side) => {
  const share = shares[side].map(({ step, wait }) => wait / step);
  return {
    case: 'crop, flip, mixup of 32x32x3; cnn', side, examplesPerSecond: rounded(median(speeds[side])), millisecondsPerStep: rounded(median(shares[side].map(({ step }) => step))),
    waitingShare: rounded(median(share)), spread: [rounded(quantile(share, 0.25)), rounded(quantile(share, 0.75))],
  };
});
const report: Report = { question: 'augment', machine: machine(), versions: versions('@tensorflow/tfjs', 'rxjs'), rows };
if (flags.json) process.stdout.write(`${JSON.stringify(report)}\n`);
else for (const row of rows) process.stdout.write(`${row.side}: ${row.examplesPerSecond} examples/s; cnn at batch ${SIZE} takes ${row.millisecondsPerStep} ms a step and waits ${(100 * row.waitingShare).toFixed(1)} % of it for data (quartiles ${row.spread.map((x) => (100 * x).toFixed(1)).join(' to ')})\n`);
process.exit(0);
