/**
 * How near do the kernels come to what the processor can do? GFLOP/s of products and convolutions, ours on TensorFlow.js's wasm
 * heap against its own, with the multiply-add peak of 128-bit SIMD measured in the same run.
 * `npm run bench -- kernels [--rounds 5] [--json]`.
 */
import * as tf from '@tensorflow/tfjs';
import { getKernel, type KernelFunc } from '@tensorflow/tfjs-core';
import { parseArgs } from 'node:util';
import { stock } from './sides/stock-kernels.ts';
import { kernelStatus, simdPeak } from '@gradstream/engine/wasm';
import { machine, median, quantile, rounded, versions } from './harness.ts';

const { values: flags } = parseArgs({ options: { json: { type: 'boolean' }, rounds: { type: 'string', default: '5' } } });
tf.env().set('PROD', true);
await tf.setBackend('wasm');

const ours = new Map<string, KernelFunc>([...stock.keys(), 'Conv2DBackpropFilter'].map((name) => [name, getKernel(name, 'wasm').kernelFunc]));

const random = (shape: number[]): tf.Tensor => tf.tensor(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i * 1.7)), shape);

interface Work {
  readonly name: string;
  readonly kernel: string;
  readonly flops: number;
  readonly inputs: Record<string, tf.Tensor>;
  readonly attrs: object;
}

const product = (label: string, transposeA: boolean, transposeB: boolean, m: number, n: number, k: number): Work => ({
  name: `${label} ${m}x${k}x${n}`, kernel: 'BatchMatMul', flops: 2 * m * n * k,
  inputs: { a: random(transposeA ? [k, m] : [m, k]), b: random(transposeB ? [n, k] : [k, n]) }, attrs: { transposeA, transposeB },
});
function convolution(batch: number, size: number, channels: number, kernel: number, filters: number): Work[] {
  const out = size - kernel + 1;
  const [x, filter, dy] = [random([batch, size, size, channels]), random([kernel, kernel, channels, filters]), random([batch, out, out, filters])];
  const flops = 2 * batch * out * out * kernel * kernel * channels * filters;
  const attrs = { strides: 1, pad: 'valid', dataFormat: 'NHWC', dilations: 1 };
  const name = `${batch}x${size}x${size}x${channels} conv ${filters}@${kernel}x${kernel}`;
  return [
    { name, kernel: 'Conv2D', flops, inputs: { x, filter }, attrs },
    { name: `${name} dX`, kernel: 'Conv2DBackpropInput', flops, inputs: { dy, filter }, attrs: { ...attrs, inputShape: x.shape } },
    { name: `${name} dW`, kernel: 'Conv2DBackpropFilter', flops, inputs: { x, dy }, attrs: { ...attrs, filterShape: filter.shape } },
  ];
}

const works: Work[] = [
  ...[32, 128, 512].flatMap((batch) => [product('forward', false, false, batch, 256, 784), product('dW', true, false, 784, 256, batch), product('dX', false, true, batch, 256, 128)]),
  ...convolution(64, 28, 1, 5, 8), ...convolution(64, 12, 8, 5, 16), ...convolution(32, 16, 32, 3, 32),
];

function rate(flops: number, run: () => void): number {
  run();
  let start = process.cpuUsage();
  run();
  const once = Math.max(20, process.cpuUsage(start).user);
  const repeats = Math.ceil(60_000 / once);
  start = process.cpuUsage();
  for (let i = 0; i < repeats; i++) run();
  const { user, system } = process.cpuUsage(start);
  return (flops * repeats) / (user + system) / 1000;
}

const runWith = (kernels: ReadonlyMap<string, KernelFunc>, { kernel, inputs, attrs }: Work) => {
  const kernelFunc = kernels.get(kernel)!;
  const backend = tf.backend();
  return () => {
    const { dataId } = kernelFunc({ inputs, attrs: attrs as never, backend }) as tf.TensorInfo;
    backend.disposeData(dataId);
  };
};

const rounds = Number(flags.rounds);
const limit = simdPeak();
runWith(ours, works[0])();
const rows = works.map((work) => {
  const found = { ours: [] as number[], stock: [] as number[], peak: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    found.peak.push(rate(limit.flops, limit.run));
    found.ours.push(rate(work.flops, runWith(ours, work)));
    if (stock.has(work.kernel)) found.stock.push(rate(work.flops, runWith(stock, work)));
  }
  const share = found.ours.map((value, i) => value / found.peak[i]);
  const row = {
    case: work.name, side: 'ours', gigaflops: rounded(median(found.ours)), shareOfPeak: rounded(median(share)), spread: [rounded(quantile(share, 0.25)), rounded(quantile(share, 0.75))],
    ratioTo: found.stock.length > 0 ? { 'tfjs wasm': rounded(median(found.ours.map((value, i) => value / found.stock[i]))) } : {},
  };
  console.log(`${row.case.padEnd(36)} ${String(row.gigaflops).padStart(6)} GFLOP/s, ${String(Math.round(100 * row.shareOfPeak)).padStart(3)} % of the SIMD peak${found.stock.length > 0 ? `, ${row.ratioTo['tfjs wasm']} x tfjs wasm` : ', which tfjs wasm lacks'}`);
  return row;
});
if (flags.json) console.log(JSON.stringify({ question: 'kernels', machine: machine(), versions: versions('@tensorflow/tfjs'), rounding: kernelStatus().rounding, rows }));
process.exit(0);
