import { availableParallelism, cpus, totalmem } from 'node:os';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs';
import { Command } from 'commander';
import { availability, selfCheck, type Availability, type KernelCheck } from '@gradstream/engine';
import { stringify } from '@gradstream/protocol';
import { table } from '../run/table.ts';
import { wholeOption } from './train.ts';

const versionOf = (manifest: string | URL): string => (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;

function versions(): Record<string, string> {
  const { resolve } = createRequire(import.meta.url);
  return { node: process.versions.node, gradstream: versionOf(new URL('../../package.json', import.meta.url)), tfjs: tf.version.tfjs, rxjs: versionOf(resolve('rxjs/package.json')) };
}

const machine = () => ({ processor: cpus()[0]?.model.trim() ?? process.arch, threads: availableParallelism(), memoryGiB: Math.round(totalmem() / 2 ** 30), platform: `${process.platform} ${process.arch}` });

const listed = (title: string, each: readonly Availability[]): string => `${title}\n${table(each.map(({ name, available, detail }) => [`  ${available ? '+' : '-'} ${name}`, detail]))}\n`;

const checkRow = ({ name, rounding, ok, error, shapes, rate }: KernelCheck): string[] =>
  [`  ${ok ? '+' : '!'} ${name}, ${rounding}`, `error ${error.toExponential(1)} over ${shapes} shapes${ok ? '' : ': WRONG'}`, rate ? `${rate.value.toFixed(1)} ${rate.unit}` : ''];

export const doctorCommand = (): Command =>
  new Command('doctor')
    .description('what this machine has for training, what it lacks and why, and whether the kernels compute what they should')
    .option('--seed <n>', 'of the shapes that the kernels are checked on', '1')
    .option('--json', 'one JSON object')
    .action(async ({ seed, json }: { seed: string; json?: boolean }) => {
      const found = { versions: versions(), machine: machine(), ...(await availability()) };
      const planned = found.layers.some(({ name, available }) => name === 'plan+wasm' && available);
      const checks = planned ? selfCheck({ seed: wholeOption('seed')(seed) }) : [];
      const healthy = checks.every(({ ok }) => ok);
      if (!healthy) process.exitCode = 1;
      if (json) {
        process.stdout.write(`${stringify({ ...found, checks, healthy })}\n`);
        return;
      }
      const { processor, threads, memoryGiB, platform } = found.machine;
      process.stdout.write([
        `${Object.entries(found.versions).map(([name, version]) => `${name} ${version}`).join(', ')}\n${processor}, ${threads} threads, ${memoryGiB} GiB, ${platform}\n`,
        listed('Backends', found.backends),
        listed('Layers of the engine', found.layers),
        checks.length > 0 ? `Kernels against a plain reference\n${table(checks.map(checkRow))}\n` : '',
        healthy ? '' : 'A kernel computes wrongly here: train with --engine tape on the cpu backend, and please report the lines marked with !.\n',
      ].filter(Boolean).join('\n'));
    });
