/**
 * What does a diagnostic cost beside a run? A dense network on images of 784 pixels in batches of 128, with a moment every 50 steps and
 * without, in turn; the cost is processor time beyond the plain run, as a share of it: `npm run bench -- probe [--rounds 5] [--json]`.
 */
import { ignoreElements, lastValueFrom, merge, share } from 'rxjs';
import { parseArgs } from 'node:util';
import { fromArrays } from '@gradstream/datasets';
import { curvature, deadUnits, exampleHistory, generalizationGap, gradientNoise, probe, sharpness, slice, spectrum, weightStatistics, type Diagnostic } from '@gradstream/diagnostics';
import { useBackend } from '@gradstream/engine';
import { softmaxCrossEntropy } from '@gradstream/losses';
import { mlp } from '@gradstream/models';
import { fold, key, normals } from '@gradstream/numerics';
import { adam } from '@gradstream/optimizers';
import { batches, forward, loss, metrics, optimize, steps } from '@gradstream/pipeline';
import { machine, median, quantile, rounded, versions } from './harness.ts';

const { values: flags } = parseArgs({ options: { json: { type: 'boolean' }, rounds: { type: 'string', default: '5' } } });
await useBackend({ backend: 'wasm' });

/** Ten clusters in 784 dimensions, as far apart as their spread, so that the network has something to learn and is never done. */
const examples = 4_096;
const centres = Array.from({ length: 10 }, (_, c) => normals(fold(key(1), c), 784).map((z) => z * 0.1));
const classes = Array.from({ length: examples }, (_, i) => i % 10);
const noise = normals(key(2), examples * 784);
const split = fromArrays({ dataset: 'clusters', inputShape: [784], inputs: Float32Array.from(noise, (z, i) => z * 0.5 + centres[classes[Math.floor(i / 784)]][i % 784]), classes });

const taken = 1_000;
const run = () => batches(split, { size: 128, steps: taken, seed: 1 }).pipe(forward(mlp({ hidden: [128, 64] })), loss(softmaxCrossEntropy()), optimize(adam({ learningRate: 1e-3 })), metrics());

/** Processor seconds of a run with a diagnostic beside it, or alone. */
async function seconds(diagnostic?: Diagnostic): Promise<number> {
  const cpu = process.cpuUsage();
  const run$ = run().pipe(share());
  await lastValueFrom((diagnostic ? merge(run$, run$.pipe(probe(diagnostic, { every: steps(50) }))) : run$).pipe(ignoreElements()), { defaultValue: undefined });
  const { user, system } = process.cpuUsage(cpu);
  return (user + system) / 1e6;
}

const diagnostics: Readonly<Record<string, () => Diagnostic>> = {
  'curvature (64 examples)': () => curvature(split),
  'gradientNoise (8 of 32)': () => gradientNoise(split, { batches: 8 }),
  'weightStatistics (128 examples)': () => weightStatistics(split),
  'deadUnits (1,000)': () => deadUnits(split),
  'generalizationGap (2,000 and 2,000)': () => generalizationGap(split, split),
  'exampleHistory (4,096)': () => exampleHistory(split),
  'slice (1,000, 21 places)': () => slice(split),
  'sharpness (1,000)': () => sharpness(split),
  'spectrum (1,000, 20 + 10 products)': () => spectrum(split),
};

await seconds();
const rows: object[] = [];
for (const [name, make] of Object.entries(diagnostics)) {
  await seconds(make());
  const shares: number[] = [];
  const costs: number[] = [];
  for (let round = 0; round < Number(flags.rounds); round++) {
    const [plain, beside] = [await seconds(), await seconds(make())];
    shares.push(beside / plain - 1);
    costs.push(((beside - plain) * 1_000) / (taken / 50));
  }
  rows.push({ diagnostic: name, share: rounded(median(shares)), spread: [rounded(quantile(shares, 0.25)), rounded(quantile(shares, 0.75))], msPerMoment: rounded(median(costs)) });
  process.stderr.write(`${name.padEnd(40)} ${(100 * median(shares)).toFixed(1).padStart(7)} % of training  ${median(costs).toFixed(1).padStart(8)} ms a moment\n`);
}
if (flags.json) process.stdout.write(`${JSON.stringify({ question: 'What does a diagnostic cost beside a run, at one moment every 50 steps?', machine: machine(), versions: versions('@tensorflow/tfjs-core', 'rxjs'), rows })}\n`);
