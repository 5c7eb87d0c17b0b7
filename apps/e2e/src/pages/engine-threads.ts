/** Planned steps on several threads, in a page and in a worker of it, which runs this file too. */
import { compile, useBackend, type Trainer } from '@gradstream/engine';
import { fold, key, normals, type Batch } from '@gradstream/numerics';
import { accuracy, softmaxCrossEntropy, type Objective } from '@gradstream/losses';
import { build, cnn, mlp } from '@gradstream/models';
import { adam } from '@gradstream/optimizers';
import { l2 } from '@gradstream/regularizers';

/** Where helpers come from: a blob, or a file of this site. */
export interface Training {
  readonly threads: number;
  readonly model: 'mlp' | 'cnn';
  readonly helper?: string;
  /** Ends the worker without an end of the training. */
  readonly abandoned?: boolean;
}

export interface Trained {
  /** What the trainer calls itself before its first step, and before its third. */
  readonly engines: readonly [string, string];
  /** All losses, accuracies, outputs and weights, as a number for each bit pattern. */
  readonly bits: number;
}

const cases = {
  mlp: { model: mlp({ hidden: [70, 40], dropout: 0.2 }), inputShape: [90], size: 133 },
  cnn: { model: cnn({ filters: [4, 9], size: 3, hidden: [30], batchNorm: true }), inputShape: [20, 20, 1], size: 30 },
};

function made({ model, threads }: Training): Trainer {
  const c = cases[model];
  return compile({ model: build(c.model, c.inputShape, 3), objective: softmaxCrossEntropy() as Objective, regularizers: [l2(0.01)], optimizer: adam({ learningRate: 0.01 }), key: key(11) }, { engine: 'plan', threads });
}

function batch(model: Training['model'], step: number): Batch {
  const { inputShape, size } = cases[model];
  const inputs = normals(fold(key(1), step), size * inputShape.reduce((a, b) => a * b, 1));
  return { size, inputShape: [size, ...inputShape], inputs, targets: { kind: 'classes', width: 3, shape: [size], values: Int32Array.from({ length: size }, (_, i) => (i + step) % 3) }, step, epoch: 0, index: step, batchesPerEpoch: 10, ids: new Uint32Array(size), key: fold(key(2), step) };
}

const settled = async (trainer: Trainer): Promise<void> => {
  for (let i = 0; i < 2000 && trainer.engine.includes('starting'); i++) await new Promise((resolve) => setTimeout(resolve, 10));
};

function steps(trainer: Trainer, model: Training['model'], from: number, to: number): number[] {
  const seen: number[] = [];
  for (let step = from; step < to; step++) {
    const outcome = trainer.step(batch(model, step));
    seen.push(...Array.from(outcome.scalars([accuracy()]).read()));
    outcome.release();
  }
  return seen;
}

/** The same number for the same bits (FNV-1a). */
const bitsOf = (trainer: Trainer, model: Training['model'], seen: readonly number[]): number => {
  const all = [...seen, ...trainer.evaluate(batch(model, 9)).outputs, ...[...trainer.weights().values()].flatMap(({ values }) => [...values])];
  return new Uint8Array(Float64Array.from(all).buffer).reduce((hash, byte) => Math.imul(hash ^ byte, 16777619), 2166136261);
};

async function ready({ helper }: Training): Promise<void> {
  await useBackend({ backend: 'cpu', ...(helper ? { helper: () => new Worker(helper, { type: 'module' }) } : {}) });
}

/** Two steps before the helpers have loaded, two after. */
async function train(training: Training): Promise<Trained> {
  await ready(training);
  const trainer = made(training);
  const before = trainer.engine;
  const seen = steps(trainer, training.model, 0, 2);
  await settled(trainer);
  const engines = [before, trainer.engine] as const;
  seen.push(...steps(trainer, training.model, 2, 4));
  const bits = bitsOf(trainer, training.model, seen);
  if (!training.abandoned) trainer.dispose();
  return { engines, bits };
}

const held: Trainer[] = [];

/** Two plans whose steps take turns; `drop` ends them. */
async function hold(): Promise<number[]> {
  await ready({ threads: 2, model: 'mlp' });
  const models = ['mlp', 'cnn'] as const;
  held.push(...models.map((model) => made({ threads: 2, model })));
  const seen = held.map((trainer, i) => steps(trainer, models[i], 0, 2));
  for (const trainer of held) await settled(trainer);
  for (let step = 2; step < 4; step++) held.forEach((trainer, i) => seen[i].push(...steps(trainer, models[i], step, step + 1)));
  return held.map((trainer, i) => bitsOf(trainer, models[i], seen[i]));
}

function drop(): void {
  for (const trainer of held.splice(0)) trainer.dispose();
}

/** The same in a worker. */
function trainInWorker(training: Training): Promise<Trained> {
  const worker = new Worker('/bundle.js', { type: 'module' });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => {
      if (data === 'ready') worker.postMessage(training);
      else {
        worker.terminate();
        if (data.failed) reject(new Error(data.failed));
        else resolve(data);
      }
    };
    worker.onerror = ({ message }) => reject(new Error(message));
  });
}

if (typeof document === 'undefined') {
  const scope = globalThis as unknown as { onmessage: (event: { readonly data: Training }) => void; postMessage(message: unknown): void };
  scope.onmessage = ({ data }) => void train(data).then((trained) => scope.postMessage(trained), (error) => scope.postMessage({ failed: String(error) }));
  scope.postMessage('ready');
} else {
  Object.assign(globalThis, { train, trainInWorker, hold, drop, ready: true });
}
