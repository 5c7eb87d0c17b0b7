/**
 * What does publishing cost a run? `fashion-mnist-mlp` (784-256-128-10, AdamW, batch 128, metrics each step) with and without
 * `publish` to a metrics server in another process, taking turns: `npm run bench -- publish [--rounds 7] [--steps 300] [--json]`.
 * The pictures are random bytes of the same shape: a step costs the same.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { lastValueFrom } from 'rxjs';
import { publish } from '@gradstream/client';
import { fromArrays } from '@gradstream/datasets';
import { useBackend } from '@gradstream/engine';
import { accuracy, gradientNorm, softmaxCrossEntropy } from '@gradstream/losses';
import { mlp } from '@gradstream/models';
import { fold, integerAt, key } from '@gradstream/numerics';
import { adamw, warmupCosine } from '@gradstream/optimizers';
import { batches, forward, loss, metrics, optimize } from '@gradstream/pipeline';
import { machine, median, quantile, rounded, versions, type Report } from './harness.ts';

const { values: flags } = parseArgs({ options: { json: { type: 'boolean' }, rounds: { type: 'string', default: '7' }, steps: { type: 'string', default: '300' } } });
const steps = Number(flags.steps);
await useBackend({ backend: 'wasm' });

const n = 12_800;
const bytes = key(1);
const split = fromArrays({
  dataset: 'noise',
  inputShape: [28, 28, 1],
  inputs: Uint8Array.from({ length: n * 784 }, (_, i) => (i * 2654435761) >>> 24),
  classes: Array.from({ length: n }, (_, i) => integerAt(fold(bytes, 'class'), i, 10)),
});
const run$ = (seed: number) =>
  batches(split, { size: 128, steps, seed }).pipe(
    forward(mlp({ hidden: [256, 128] })),
    loss(softmaxCrossEntropy()),
    optimize(adamw({ learningRate: warmupCosine({ peak: 2e-3, warmupSteps: 100, totalSteps: 2150 }), weightDecay: 1e-2 })),
    metrics(accuracy(), gradientNorm()),
  );

const store = mkdtempSync(join(tmpdir(), 'gradstream-bench-'));
const server = spawn(process.execPath, ['apps/cli/bin/gradstream.mjs', 'serve', '--port', '0', '--store', store], { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, GRADSTREAM_BUILT: '1' } });
const url = await new Promise<string>((resolve, reject) => {
  let said = '';
  server.once('exit', () => reject(new Error(`the server did not start: ${said}`)));
  server.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    const address = /http:\/\/\S+:\d+/.exec(said);
    if (address) resolve(address[0]);
  });
});

/** Seconds of one run, by the clock and by this process's processor time, until its last event. */
async function timed(published: boolean, seed: number): Promise<{ wall: number; cpu: number }> {
  const publisher = published ? publish(url, { run: `bench-${seed}` }) : undefined;
  const cpu = process.cpuUsage();
  const start = performance.now();
  await lastValueFrom(publisher ? run$(seed).pipe(publisher as never) : run$(seed));
  const wall = (performance.now() - start) / 1000;
  const used = process.cpuUsage(cpu);
  const report = await publisher?.done;
  if (report && report.unsent + report.refused > 0) throw new Error('the server did not get every point');
  return { wall, cpu: (used.user + used.system) / 1e6 };
}

await timed(false, 1);
await timed(true, 2);
const pairs: { wall: number; cpu: number }[] = [];
for (let round = 0; round < Number(flags.rounds); round++) {
  const first = round % 2 === 0;
  const a = await timed(first, 10 + 2 * round);
  const b = await timed(!first, 11 + 2 * round);
  const [on, off] = first ? [a, b] : [b, a];
  pairs.push({ wall: on.wall / off.wall, cpu: on.cpu / off.cpu });
  process.stderr.write(`round ${round + 1}: ${(steps / off.wall).toFixed(0)} steps/s alone, ${(steps / on.wall).toFixed(0)} published\n`);
}
server.kill('SIGTERM');
rmSync(store, { recursive: true, force: true });

const ratio = (by: 'wall' | 'cpu') => pairs.map((pair) => pair[by]);
const rows = [{ case: 'fashion-mnist-mlp', side: 'published over alone', wall: rounded(median(ratio('wall'))), cpu: rounded(median(ratio('cpu'))), spread: [rounded(quantile(ratio('wall'), 0.25)), rounded(quantile(ratio('wall'), 0.75))] }];
const report: Report = { question: 'publish', machine: machine(), versions: versions('@tensorflow/tfjs', 'rxjs'), rows };
process.stdout.write(flags.json ? `${JSON.stringify(report)}\n` : `A published run takes ${rows[0].wall} times as long as one alone (${rows[0].cpu} times the processor time; quartiles ${rows[0].spread.join(' to ')}).\n`);
process.exit(0);
