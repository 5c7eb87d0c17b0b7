/**
 * What does a diagnostic cost beside a run? A dense network on images of 784 pixels in batches of 128, with a moment every 50 steps and
 * without, in turn. The share is processor time beyond the plain run, as a part of it; a moment is the processor time of its measuring alone,
 * the first one with all that is made once, and its own share that of all moments but the first, which busy neighbours blur less: `npm run bench -- probe [diagnostic …] [--rounds 5] [--steps 1000] [--json]`.
 */
import { ignoreElements, lastValueFrom, merge, share, tap } from 'rxjs';
import { parseArgs } from 'node:util';
import { fromArrays } from '@gradstream/datasets';
import { curvature, deadUnits, exampleHistory, generalizationGap, gradientNoise, lanczos, probe, sharpness, slice, spectrum, surfaceOf, weightStatistics, type Diagnostic } from '@gradstream/diagnostics';
import { useBackend } from '@gradstream/engine';
import { softmaxCrossEntropy } from '@gradstream/losses';
import { mlp } from '@gradstream/models';
import { fold, key, normals } from '@gradstream/numerics';
import { adam } from '@gradstream/optimizers';
import { batches, forward, loss, metrics, optimize, RUN, steps } from '@gradstream/pipeline';
import { machine, median, quantile, rounded, versions } from './harness.ts';

const { values: flags, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: 'boolean' }, rounds: { type: 'string', default: '5' }, steps: { type: 'string', default: '1000' } } });
await useBackend({ backend: 'wasm' });

/** Ten clusters in 784 dimensions, as far apart as their spread, so that the network has something to learn and is never done. */
const examples = 4_096;
const centres = Array.from({ length: 10 }, (_, c) => normals(fold(key(1), c), 784).map((z) => z * 0.1));
const classes = Array.from({ length: examples }, (_, i) => i % 10);
const noise = normals(key(2), examples * 784);
const split = fromArrays({ dataset: 'clusters', inputShape: [784], inputs: Float32Array.from(noise, (z, i) => z * 0.5 + centres[classes[Math.floor(i / 784)]][i % 784]), classes });

const taken = Number(flags.steps);
const run = (activation: 'relu' | 'tanh' = 'relu') => batches(split, { size: 128, steps: taken, seed: 1 }).pipe(forward(mlp({ hidden: [128, 64], activation })), loss(softmaxCrossEntropy()), optimize(adam({ learningRate: 1e-3 })), metrics());

/** Processor seconds since an earlier reading. */
function secondsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** Processor seconds of a run with a diagnostic beside it, or alone. */
async function seconds(diagnostic?: Diagnostic): Promise<number> {
  const cpu = process.cpuUsage();
  const run$ = run().pipe(share());
  await lastValueFrom((diagnostic ? merge(run$, run$.pipe(probe(diagnostic, { every: steps(50) }))) : run$).pipe(ignoreElements()), { defaultValue: undefined });
  return secondsSince(cpu);
}

/** A diagnostic that notes the processor seconds of each of its moments. */
const timed = ({ name, begin }: Diagnostic, moments: number[]): Diagnostic => ({
  name,
  begin(run) {
    const measuring = begin(run);
    return {
      ...measuring,
      read(weights, at) {
        const cpu = process.cpuUsage();
        const reading = measuring.read(weights, at);
        moments.push(secondsSince(cpu));
        return reading;
      },
    };
  },
});

const diagnostics: Readonly<Record<string, () => Diagnostic>> = {
  'curvature (64 examples)': () => curvature(split),
  'gradientNoise (8 of 32)': () => gradientNoise(split, { batches: 8 }),
  'weightStatistics (128 examples)': () => weightStatistics(split),
  'deadUnits (1,000)': () => deadUnits(split),
  'generalizationGap (2,000 and 2,000)': () => generalizationGap(split, split),
  'exampleHistory (4,096)': () => exampleHistory(split),
  'slice (1,000, 21 places)': () => slice(split),
  'sharpness (64)': () => sharpness(split, { examples: 64 }),
  'sharpness (1,000)': () => sharpness(split),
  // Lanczos and Hutchinson's trace: most of the one with little of the other, and the reverse.
  'spectrum (64, 20 + 2 products)': () => spectrum(split, { examples: 64, iterations: 20, probes: 2 }),
  'spectrum (64, 1 + 10 products)': () => spectrum(split, { examples: 64, iterations: 1, probes: 10 }),
  'spectrum (1,000, 20 + 10 products)': () => spectrum(split),
};

const asked = Object.entries(diagnostics).filter(([name]) => positionals.length === 0 || positionals.some((each) => name.startsWith(each)));
await seconds();
const rows: object[] = [];
for (const [name, make] of asked) {
  const [shares, ownShares, firsts, others]: [number[], number[], number[], number[]] = [[], [], [], []];
  for (let round = 0; round < Number(flags.rounds); round++) {
    const moments: number[] = [];
    const [plain, beside] = [await seconds(), await seconds(timed(make(), moments))];
    shares.push(beside / plain - 1);
    firsts.push(1_000 * moments[0]);
    const later = moments.slice(1).reduce((a, b) => a + b, 0) / (moments.length - 1);
    others.push(1_000 * later);
    ownShares.push((later * moments.length) / plain);
  }
  // The first of all first moments is that of a cold process.
  rows.push({ diagnostic: name, share: rounded(median(shares)), spread: [rounded(quantile(shares, 0.25)), rounded(quantile(shares, 0.75))], momentsShare: rounded(median(ownShares)), msPerMoment: rounded(median(others)), msFirst: rounded(firsts[0]), msFirstAgain: rounded(median(firsts.slice(1))) });
  process.stderr.write(`${name.padEnd(36)} ${(100 * median(shares)).toFixed(1).padStart(7)} % of training, its moments ${(100 * median(ownShares)).toFixed(1).padStart(6)} %  ${median(others).toFixed(1).padStart(8)} ms a moment, the first ${firsts[0].toFixed(0)} ms, in a later run ${median(firsts.slice(1)).toFixed(0)}\n`);
}
/** The largest relative error of what the curvature diagnostic says along a run, against 100 Lanczos iterations at the same weights. */
async function worstError(activation: 'relu' | 'tanh'): Promise<number> {
  let worst = 0;
  const run$ = run(activation).pipe(share());
  const compared$ = run$.pipe(probe(curvature(split), { every: steps(100) }), tap((event) => {
    const { trainer } = event[RUN];
    const weights = trainer.weights();
    const surface = surfaceOf(trainer.model, trainer.objective, split.gather(Uint32Array.from({ length: 64 }, (_, i) => i)), weights, { compiled: true });
    const exact = lanczos(surface, surface.pointOf(weights, new Float32Array(surface.size)), { iterations: 100 }).at(-1)!;
    surface.dispose();
    worst = Math.max(worst, Math.abs(event.metrics['curvature/lambdaMax'] / exact - 1));
  }));
  await lastValueFrom(merge(run$, compared$).pipe(ignoreElements()), { defaultValue: undefined });
  return worst;
}

for (const activation of asked.some(([name]) => name.startsWith('curvature')) ? (['tanh', 'relu'] as const) : []) {
  const error = await worstError(activation);
  rows.push({ diagnostic: 'curvature', activation, worstErrorAgainstLanczos: rounded(error) });
  process.stderr.write(`curvature of a ${activation} network is within ${(100 * error).toPrecision(2)} % of 100 Lanczos iterations all along the run\n`);
}
if (flags.json) process.stdout.write(`${JSON.stringify({ question: 'What does a diagnostic cost beside a run, at one moment every 50 steps?', machine: machine(), versions: versions('@tensorflow/tfjs-core', 'rxjs'), rows })}\n`);
