/** What is broken, how it is read, and what must hold when reading succeeds all the same. */
import { isDeepStrictEqual } from 'node:util';
import { encode as encodePng } from 'fast-png';
import jpeg from 'jpeg-js';
import { characters, decodeImage, fromCsv, parseCifar, parseIdx, parseIdxImages, parseIdxLabels } from '@gradstream/datasets';
import { integerAt, fold, sizeOf, type Key, type Split, type Weights } from '@gradstream/numerics';
import { buildParts, type Checkpoint } from '@gradstream/pipeline';
import { decodeCheckpoint, encodeCheckpoint, registriesIn } from '@gradstream/pipeline/node';
import { decodeFrame, encodeFrame, readRunSpec } from '@gradstream/protocol';
import { mutated, strange } from './mutate.ts';

/** A kind of file: `break` makes one that is not what it was, `read` reads it and says whether the answer can be right. */
export interface Format {
  readonly name: string;
  break(from: Key): Uint8Array;
  read(bytes: Uint8Array): boolean;
  /** The file before it was broken. */
  readonly whole: Uint8Array;
}

const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const idx = (shape: readonly number[], values: readonly number[]): Uint8Array =>
  Uint8Array.of(0, 0, 8, shape.length, ...shape.flatMap((d) => [d >>> 24, (d >>> 16) & 255, (d >>> 8) & 255, d & 255]), ...values);
const ramp = (n: number): number[] => Array.from({ length: n }, (_, i) => (i * 37) % 256);
const csv = `x,color,y\n${Array.from({ length: 30 }, (_, i) => `${i / 7},${['red', '"gr""een"', 'blue'][i % 3]},${i % 2}`).join('\r\n')}\n`;
const consistent = (split: Split): boolean => {
  const { inputs, targets, inputShape } = split.gather(Array.from({ length: split.size }, (_, i) => i));
  const known = targets.kind === 'classes' ? targets.values.every((c) => c >= 0 && c < targets.width) : targets.values.every(Number.isFinite);
  return known && inputs.length === product(inputShape) && inputs.every(Number.isFinite);
};


const bytesBroken = (name: string, whole: Uint8Array, read: Format['read']): Format => ({ name, whole, read, break: (from) => mutated(whole, from) });

const data: readonly Format[] = [
  bytesBroken('IDX', idx([2, 3, 3], ramp(18)), (bytes) => {
    const { shape, values } = parseIdx(bytes, 'the file');
    return values.length === product(shape);
  }),
  bytesBroken('IDX images', idx([2, 3, 3], ramp(18)), (bytes) => {
    const { count, height, width, values } = parseIdxImages(bytes, 'the file');
    return values.length === count * height * width;
  }),
  bytesBroken('IDX labels', idx([12], ramp(12).map((v) => v % 10)), (bytes) => parseIdxLabels(bytes, 'the file', 10, 12).every((c) => c < 10)),
  bytesBroken('CIFAR', Uint8Array.from([...ramp(2 * 3_073)].map((v, i) => (i % 3_073 === 0 ? v % 10 : v))), (bytes) => {
    const { images, labels } = parseCifar(bytes, 'the file');
    return images.length === labels.length * 3_072 && labels.every((c) => c < 10);
  }),
  bytesBroken('CSV of classes', bytesOf(csv), (bytes) => consistent(fromCsv(bytes, 'the file').train)),
  bytesBroken('CSV of values', bytesOf(csv), (bytes) => consistent(fromCsv(bytes, 'the file', { task: 'values', target: 'x', categorical: ['color'] }).train)),
  bytesBroken('text', bytesOf('To be, or not to be: that is the question.\n'.repeat(4)), (bytes) => consistent(characters(new TextDecoder().decode(bytes), 'the file', { length: 8, validation: 0, test: 0 }).train)),
  bytesBroken('PNG', encodePng({ width: 6, height: 5, channels: 3, data: Uint8Array.from(ramp(90)) }), (bytes) => isDeepStrictEqual([...decodeImage(bytes, 'the file').values], ramp(90))),
  bytesBroken('JPEG', jpeg.encode({ width: 16, height: 12, data: Uint8Array.from(ramp(16 * 12 * 4)) }, 80).data, (bytes) => {
    const { height, width, values } = decodeImage(bytes, 'the file');
    return values.length === height * width * 3;
  }),
];

const document = {
  version: 1, name: 'small', seed: 3,
  data: { name: 'blobs', n: 60, validation: 12 },
  batches: { size: 10, epochs: 2, order: 'shuffled' },
  augment: [{ name: 'jitter', deviation: 0.1 }, { name: 'mixup', alpha: 0.2 }],
  model: { name: 'sequential', layers: [{ name: 'dense', units: 8, activation: 'relu' }, { name: 'dropout', rate: 0.2 }, { name: 'residual', layers: [{ name: 'dense', units: 8 }] }, 'batchNorm', { name: 'dense', units: 3 }] },
  loss: { name: 'softmaxCrossEntropy', labelSmoothing: 0.1, classWeights: [1, 2, 1] },
  regularizers: [{ name: 'l2', amount: 1e-4 }, { name: 'maxNorm', max: 3, on: ['dense1'] }],
  optimizer: [{ name: 'clipByGlobalNorm', maxNorm: 1 }, { name: 'adamw', learningRate: { name: 'warmupCosine', peak: 0.003, warmupSteps: 2, totalSteps: 12 }, weightDecay: 0.01 }],
  engine: { engine: 'auto', threads: 1 },
  metrics: ['accuracy', { name: 'topK', k: 2 }],
  evaluate: { every: { epochs: 1 }, size: 32 },
  guard: { nonFinite: 'backOff', every: { steps: 5 }, limit: 2 },
  budget: { seconds: 60, steps: 100 },
  earlyStopping: { monitor: 'validation/loss', rule: { name: 'progressQuotient', alpha: 0.5, strip: 2 } },
};
const yaml = `# A run.
version: 1
seed: 3
data: { name: blobs, n: 60, validation: 12 }
batches: { size: 10, epochs: 2 }
augment:
  - { name: jitter, deviation: 0.1 }
model: { name: mlp, hidden: [8] }
loss: softmaxCrossEntropy
optimizer: { name: adam, learningRate: 0.01 }
earlyStopping: { monitor: validation/loss }
`;
const registries = registriesIn();
/** A document that is read is built, and what was built is the document. */
const built = (bytes: Uint8Array): boolean => {
  const spec = readRunSpec(new TextDecoder().decode(bytes), 'the file');
  return buildParts(spec, 'the file', registries).spec === spec && Object.getPrototypeOf(spec) === Object.prototype && ({} as { name?: unknown }).name === undefined;
};

const weights = (...shapes: readonly (readonly number[])[]): Weights =>
  new Map(shapes.map((shape, i) => [`dense${i}/kernel`, { shape, values: Float32Array.from({ length: sizeOf(shape) }, (_, j) => j / 7 - i) }]));
const state = { weights: weights([4, 3], [3]), optimizer: { slots: weights([4, 3], [2, 2]), counts: { 'adam/count/dense0/kernel': 7 } } };
const checkpoint: Checkpoint = {
  version: 1, step: 8, state, best: { weights: weights([4, 3], [3]), step: 5 }, good: { state, step: 6 },
  memory: { metrics: { epoch: 1, sum: 2.5, size: 40 }, earlyStopping: { best: '0.5', bestStep: 5, rule: ['1'], train: '0.4' } },
};
const file = encodeCheckpoint(checkpoint);
const sized = (named: Weights | undefined): boolean => [...(named?.values() ?? [])].every(({ shape, values }) => values.length === sizeOf(shape));

/** A checkpoint whose frames are sound and whose heads are not. */
function withStrangeHeads(from: Key): Uint8Array {
  const frames: Uint8Array[] = [];
  const chosen = integerAt(from, 0, 12);
  for (let at = 0, i = 0; at < file.length; i++) {
    const { header, body, length } = decodeFrame(file, at)!;
    frames.push(encodeFrame(i === chosen ? strange(header, fold(from, 1)) : header, [body]));
    at += length;
  }
  return Uint8Array.from(frames.flatMap((frame) => [...frame]));
}

/** Every kind of file that is read. */
export const formats: readonly Format[] = [
  ...data,
  bytesBroken('run document in YAML', bytesOf(yaml), built),
  { name: 'run document of strange values', whole: bytesOf(JSON.stringify(document)), read: built, break: (from) => bytesOf(JSON.stringify(strange(document, from))) },
  // The checksum is what tells: bytes that pass it are the file.
  bytesBroken('checkpoint', file, (bytes) => isDeepStrictEqual(decodeCheckpoint(bytes, 'the file'), checkpoint)),
  {
    name: 'checkpoint of strange heads', whole: file, break: withStrangeHeads,
    read: (bytes) => {
      const { step, state: { weights, optimizer }, best, good } = decodeCheckpoint(bytes, 'the file');
      return Number.isSafeInteger(step) && [weights, optimizer.slots, best?.weights, good?.state.weights, good?.state.optimizer.slots].every(sized);
    },
  },
];
