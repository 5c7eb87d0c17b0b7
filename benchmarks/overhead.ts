/**
 * What does the pipeline itself cost in a step? The same compiled step, with work of 10 µs, 100 µs or 1 ms beside it, in a plain loop
 * over one batch and inside the stages of a run, which also picks the batches, keeps the pace and makes the events:
 * `npm run bench -- overhead [--only 10,100,1000] [--rounds 7] [--json]`.
 */
import { parseArgs } from 'node:util';
import { fromArrays } from '@gradstream/datasets';
import { compile, useBackend } from '@gradstream/engine';
import { softmaxCrossEntropy, type Objective } from '@gradstream/losses';
import { build, mlp } from '@gradstream/models';
import { key, type Batch } from '@gradstream/numerics';
import { sgd } from '@gradstream/optimizers';
import { batches, forward, loss, metrics, optimize } from '@gradstream/pipeline';
import { machine, median, quantile, rounded, versions } from './harness.ts';

const { values: flags } = parseArgs({ options: { json: { type: 'boolean' }, only: { type: 'string', default: '10,100,1000' }, rounds: { type: 'string', default: '7' } } });
await useBackend({ backend: 'wasm' });

const split = fromArrays({ dataset: 'numbers', inputShape: [1], inputs: Float32Array.from({ length: 64 }, Math.sin), classes: Array.from({ length: 64 }, (_, i) => i % 2) });

/** Steps before the clock starts, without extra work: a new trainer's code is still being compiled beside them. */
const WARM = 5_000;

/** Work of a known size that no optimizer can leave out: so many dependent operations. */
let sink = 0;
function spin(operations: number): void {
  let x = 1.0001;
  for (let i = 0; i < operations; i++) x = x * 1.0000001 + 1e-9;
  sink += x;
}

function operationsPerMicrosecond(): number {
  spin(1_000_000);
  const cpu = process.cpuUsage();
  for (let i = 0; i < 50; i++) spin(1_000_000);
  const { user, system } = process.cpuUsage(cpu);
  return 50_000_000 / (user + system);
}

/** Processor microseconds of each step: the smallest model there is, with `operations` of extra work for each event, where a run's subscriber does its own. */
async function inPipeline(operations: number, steps: number): Promise<number> {
  let cpu = process.cpuUsage();
  await new Promise<void>((complete, error) => void batches(split, { size: 1, steps: steps + WARM, seed: 1 }).pipe(
    forward(mlp({ hidden: [1] })), loss(softmaxCrossEntropy()), optimize(sgd({ learningRate: 0.01 }), { engine: 'plan' }), metrics(),
  ).subscribe({
    next: ({ step }) => {
      if (step >= WARM) spin(operations);
      else if (step === WARM - 1) cpu = process.cpuUsage();
    },
    complete,
    error,
  }));
  const { user, system } = process.cpuUsage(cpu);
  return (user + system) / steps;
}

/** The same step and work, called by hand. */
function inLoop(operations: number, steps: number): number {
  const trainer = compile({ model: build(mlp({ hidden: [1] }), [1], 2), objective: softmaxCrossEntropy() as Objective, regularizers: [], optimizer: sgd({ learningRate: 0.01 }), key: key(1) }, { engine: 'plan' });
  const batch: Batch = { ...split.gather([0]), step: 0, epoch: 0, index: 0, batchesPerEpoch: 64, ids: new Uint32Array(1), key: key(2) };
  let cpu = process.cpuUsage();
  for (let step = 0; step < steps + WARM; step++) {
    const outcome = trainer.step(batch);
    sink += outcome.scalars([]).read()[0];
    if (step >= WARM) spin(operations);
    else if (step === WARM - 1) cpu = process.cpuUsage();
    outcome.release();
  }
  const { user, system } = process.cpuUsage(cpu);
  trainer.dispose();
  return (user + system) / steps;
}

inLoop(100, 5_000);
const perMicrosecond = operationsPerMicrosecond();
await inPipeline(100, 5_000);
const rows: object[] = [];
for (const microseconds of flags.only.split(',').map(Number)) {
  const operations = Math.round(microseconds * perMicrosecond);
  const steps = Math.max(300, Math.round(600_000 / (microseconds + 20)));
  const shares: number[] = [];
  const costs: number[] = [];
  for (let round = 0; round < Number(flags.rounds); round++) {
    const [plain, piped] = [inLoop(operations, steps), await inPipeline(operations, steps)];
    shares.push(piped / plain - 1);
    costs.push(piped - plain);
  }
  const row = { case: `${microseconds} µs of work`, side: 'pipeline', overhead: rounded(median(shares)), spread: [rounded(quantile(shares, 0.25)), rounded(quantile(shares, 0.75))], microsecondsPerStep: rounded(median(costs)) };
  rows.push(row);
  console.log(`${row.case.padEnd(18)} ${(100 * row.overhead).toFixed(1)} % more in the pipeline (${row.microsecondsPerStep} µs a step)`);
}
if (flags.json) console.log(JSON.stringify({ question: 'overhead', machine: machine(), versions: versions('rxjs'), rows }));
process.exit(sink === 0 ? 1 : 0);
