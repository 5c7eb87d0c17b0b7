/**
 * How fast is a training step? Our whole pipeline against TensorFlow.js and PyTorch, all in processes of their own that take
 * turns: `npm run bench -- step [--cases tiny,mlp32] [--rounds 5] [--seconds 1] [--json]`.
 */
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { nativeBlas } from '@gradstream/engine';
import { machine, processSide, takeTurns, versions, type Report, type Side } from './harness.ts';
import { CASES } from './sides/cases.ts';

const { values: flags } = parseArgs({ options: { json: { type: 'boolean' }, cases: { type: 'string' }, rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '1' } } });
const cases = flags.cases ? flags.cases.split(',') : Object.keys(CASES);
const skipped: string[] = [];

const ours = (name: string, env: Record<string, string>): Side => processSide(name, process.execPath, ['.cache/bench/side-gradstream.mjs'], env);
const tfjs = (name: string, env: Record<string, string>): Side => processSide(name, process.execPath, ['.cache/bench/side-tfjs.mjs'], env);

const sides: Side[] = [ours('ours wasm', { ENGINE: 'plan' }), ours('ours wasm, 2 threads', { ENGINE: 'plan', THREADS: '2' })];
const blas = nativeBlas();
if (typeof blas === 'string') skipped.push(`native: ${blas}`);
else sides.push(ours('ours native', { ENGINE: 'native' }));

const wasmPeers = [tfjs('tfjs wasm loop', { BACKEND: 'wasm', FORM: 'loop' }), tfjs('tfjs wasm fit', { BACKEND: 'wasm', FORM: 'fit' })];
const cpuPeer = tfjs('tfjs cpu loop', { BACKEND: 'cpu', FORM: 'loop' });
const torch = torchPython();
const torchPeers = torch ? ['default', 'foreach'].map((form) => processSide(`torch ${form}`, torch.python, ['benchmarks/sides/pytorch.py'], { FORM: form })) : [];
if (!torch) skipped.push('torch: PyTorch is not installed (on Debian: python3-torch libopenblas0-pthread)');

// The wasm backend of TensorFlow.js cannot train convolutions.
const present = (name: string): Side[] => [...sides, ...(name.startsWith('cnn') ? [cpuPeer] : wasmPeers), ...torchPeers];
const rows = await takeTurns(cases, present, { rounds: Number(flags.rounds), seconds: Number(flags.seconds) }, (line) => void process.stderr.write(`${line}\n`));
for (const side of [...sides, ...wasmPeers, cpuPeer, ...torchPeers]) side.close();

const report: Report = {
  question: 'step',
  machine: machine(),
  versions: { ...versions('@tensorflow/tfjs'), ...(torch ? { torch: torch.version } : {}), ...(typeof blas === 'string' ? {} : { blas: blas.version }) },
  rows: rows.map(({ perSecond, perCpuSecond, ...row }) => ({ ...row, stepsPerSecond: perSecond, stepsPerCpuSecond: perCpuSecond })),
  skipped,
};
for (const row of rows.filter(({ side }) => side.startsWith('ours'))) {
  console.log(`${row.case} ${row.side}: ${Object.entries(row.ratioTo).filter(([other]) => !other.startsWith('ours')).map(([other, { wall, cpu, spread }]) => `${wall} (${spread[0]} to ${spread[1]}; cpu ${cpu}) x ${other}`).join(', ')}`);
}
for (const line of skipped) console.log(`skipped ${line}`);
if (flags.json) console.log(JSON.stringify(report));
process.exit(0);

function torchPython(): { python: string; version: string } | undefined {
  for (const python of ['/usr/bin/python3', 'python3']) {
    try {
      return { python, version: execFileSync(python, ['-c', 'import torch; print(torch.__version__)'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim() };
    } catch {
      continue;
    }
  }
  return undefined;
}
