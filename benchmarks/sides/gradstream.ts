/** Our side: the whole pipeline, with a metric in every step. `ENGINE` and `THREADS` say how. */
import { lastValueFrom, tap } from 'rxjs';
import { fromArrays } from '@gradstream/datasets';
import { useBackend, type EngineChoice } from '@gradstream/engine';
import { accuracy, softmaxCrossEntropy } from '@gradstream/losses';
import { conv2d, dense, flatten, maxPool, mlp, sequential, type Model } from '@gradstream/models';
import { adam } from '@gradstream/optimizers';
import { batches, forward, loss, metrics, optimize } from '@gradstream/pipeline';
import { serve, type Measured } from '../harness.ts';
import { CASES, numbers, type StepCase } from './cases.ts';

const engine = (process.env.ENGINE ?? 'plan') as EngineChoice;
const threads = Number(process.env.THREADS ?? 1);
await useBackend({ backend: 'wasm' });

const lenet = (classes: number): Model =>
  sequential({
    layers: [
      conv2d({ filters: 8, size: 5, padding: 'valid', activation: 'relu' }), maxPool(),
      conv2d({ filters: 16, size: 5, padding: 'valid', activation: 'relu' }), maxPool(),
      flatten(), dense({ units: classes }),
    ],
  });

/** Steps of one run, measured from the `warm`-th to the last. */
async function run({ batch, inputShape, classes, hidden }: StepCase, steps: number, warm: number): Promise<Measured> {
  const count = batch * 16;
  const split = fromArrays({
    dataset: 'numbers', inputShape: [...inputShape], inputs: numbers(count * inputShape.reduce((a, b) => a * b, 1)),
    classes: Array.from({ length: count }, (_, i) => i % classes),
  });
  let cpu = process.cpuUsage();
  let start = 0;
  await lastValueFrom(batches(split, { size: batch, steps: steps + warm, seed: 1 }).pipe(
    forward(hidden ? mlp({ hidden: [...hidden] }) : lenet(classes)),
    loss(softmaxCrossEntropy()),
    optimize(adam({ learningRate: 1e-3 }), { engine, threads }),
    metrics(accuracy()),
    tap(({ step }) => {
      if (step !== warm - 1) return;
      cpu = process.cpuUsage();
      start = performance.now();
    }),
  ));
  const wall = (performance.now() - start) / 1000;
  const used = process.cpuUsage(cpu);
  return { units: steps, wall, cpu: (used.user + used.system) / 1e6 };
}

await serve(async (name, seconds) => {
  // Longer and longer, until what is measured is the step and not its compilation.
  let probe = await run(CASES[name], 20, 20);
  while (probe.wall < seconds / 4) probe = await run(CASES[name], 4 * probe.units, 20);
  const steps = Math.ceil((seconds * probe.units) / probe.wall);
  return run(CASES[name], steps, Math.max(10, Math.ceil(steps / 10)));
});
