/** A run in one place, a service in another: it hears the metrics, and stops the run when the held-out loss leaves the training loss behind. */
import { bufferCount, filter, firstValueFrom, groupBy, map, mergeMap } from 'rxjs';
import { commands, points, publish, steer, subscribe } from '@gradstream/client';
import { batches, evaluate, forward, loss, metrics, optimize, steered } from '@gradstream/pipeline';
import { moons } from '@gradstream/datasets';
import { softmaxCrossEntropy } from '@gradstream/losses';
import { mlp } from '@gradstream/models';
import { adam } from '@gradstream/optimizers';
import { memoryStore, serve } from '@gradstream/server';

// `gradstream serve --control` is the same server as a process of its own.
const { url, close } = await serve({ store: await memoryStore(), port: 0, control: true });

// The service needs an address and the names of metrics. It gets what is already there, then what comes.
const [trained, held] = ['train/lossMean', 'validation/loss'];
const gap$ = subscribe(url, { run: 'moons', metric: [trained, held] }).pipe(
  points(),
  groupBy(({ step }) => step),
  mergeMap((ofStep$) => ofStep$.pipe(bufferCount(2))),
  map((both) => ({ step: both[0].step, gap: both.find(({ metric }) => metric === held)!.value - both.find(({ metric }) => metric === trained)!.value })),
);
const service = firstValueFrom(gap$.pipe(filter(({ gap }) => gap > 0.25))).then(async ({ step, gap }) => {
  console.log(`the gap is ${gap.toFixed(2)} nats at step ${step}: stop`);
  await steer(url, 'moons', { command: 'stop' });
});

// The training knows nothing of it, and obeys whoever has the right to command.
const { train, validation } = moons({ n: 260, noise: 0.35, validation: 160, seed: 3 });
const published = publish(url, { run: 'moons', name: 'too many epochs', controls: { commands: ['stop'], set: {} } });
await batches(train, { size: 20, epochs: 100_000, seed: 1 }).pipe(
  forward(mlp({ hidden: [64, 64] })),
  loss(softmaxCrossEntropy()),
  optimize(adam({ learningRate: 0.02 })),
  metrics(),
  steered(commands(url, 'moons')),
  evaluate(validation),
  published,
).forEach((event) => {
  if (event.type === 'stop') console.log(`stopped after step ${event.step}: ${event.reason}`);
});
await service;
const { sent, unsent } = await published.done;
console.log(`${sent} points sent, ${unsent} not`);
await close();
