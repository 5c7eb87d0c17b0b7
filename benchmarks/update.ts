/**
 * How fast is an optimizer's update? Adam over 235 thousand and 10 million params: our SIMD pass and our JavaScript loop against
 * `tf.train.adam` on the wasm and cpu backends, with the speed of a plain copy beside it.
 * `npm run bench -- update [--rounds 5] [--json]`.
 */
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { parseArgs } from 'node:util';
import { fusedExecutor } from '@gradstream/engine';
import { adam, bind } from '@gradstream/optimizers';
import { machine, median, quantile, rounded, versions } from './harness.ts';

const { values: flags } = parseArgs({ options: { json: { type: 'boolean' }, rounds: { type: 'string', default: '5' } } });
tf.env().set('PROD', true);

interface Contestant {
  readonly name: string;
  step(): void;
}

const filled = (n: number, seed: number): Float32Array => Float32Array.from({ length: n }, (_, i) => Math.sin(i * 0.37 + seed) * 0.1);

function ours(n: number): Contestant[] {
  const param = { name: 'w', shape: [n], role: 'kernel' as const };
  // Arrays in the executor's own memory, as those of a planned step are.
  const executor = fusedExecutor();
  const [p, g] = [1, 2].map((seed) => executor.assign(executor.create([n], 0), filled(n, seed)));
  const wasm = bind<Float32Array>(adam({ learningRate: 1e-3 }), [param], { executor });
  const js = bind(adam({ learningRate: 1e-3 }), [param], { executor: 'js' });
  const host = { params: new Map([['w', filled(n, 1)]]), gradients: new Map([['w', filled(n, 2)]]) };
  let t = 0;
  const [from, to] = [new Float32Array(n), new Float32Array(n)];
  return [
    { name: 'ours, wasm SIMD', step: () => void wasm.update({ step: t++, params: new Map([['w', p]]), gradients: new Map([['w', g]]) }) },
    { name: 'ours, JavaScript', step: () => void js.update({ step: t++, ...host }) },
    { name: 'copy', step: () => to.set(from) },
  ];
}

async function theirs(n: number, backend: string): Promise<Contestant> {
  await tf.setBackend(backend);
  const optimizer = tf.train.adam(1e-3);
  const w = tf.variable(tf.tensor1d(filled(n, 1)));
  const g = tf.tensor1d(filled(n, 2));
  return { name: `tf.train.adam, ${backend}`, step: () => tf.tidy(() => optimizer.applyGradients([{ name: w.name, tensor: g }])) };
}

const rows: object[] = [];
for (const n of [235_146, 10_000_000]) {
  const contestants = [...ours(n), await theirs(n, 'wasm'), await theirs(n, 'cpu')];
  const nanoseconds = contestants.map((): number[] => []);
  for (let round = 0; round < Number(flags.rounds); round++) {
    for (const [i, { name, step }] of contestants.entries()) {
      const backend = name.startsWith('tf') ? name.slice(-4).trim() : undefined;
      if (backend) await tf.setBackend(backend);
      step();
      const repeats = Math.max(1, Math.round((backend === 'cpu' ? 5e5 : 1e7) / n));
      const cpu = process.cpuUsage();
      for (let k = 0; k < repeats; k++) step();
      const used = process.cpuUsage(cpu);
      nanoseconds[i].push(((used.user + used.system) * 1000) / repeats / n);
    }
  }
  const copy = median(nanoseconds[2]);
  contestants.forEach(({ name }, i) => {
    const each = median(nanoseconds[i]);
    // Adam reads p, g, m, v and writes p, m, v: 28 bytes a param; a copy moves 8.
    const row = {
      case: `${n} params`, side: name, nanosecondsPerParam: rounded(each), spread: [rounded(quantile(nanoseconds[i], 0.25)), rounded(quantile(nanoseconds[i], 0.75))],
      ...(name === 'copy' ? {} : { shareOfCopyBandwidth: rounded((28 / each) / (8 / copy)) }),
      ratioTo: Object.fromEntries(contestants.flatMap((other, j) => {
        if (i === j) return [];
        const ratios = nanoseconds[j].map((ns, round) => ns / nanoseconds[i][round]);
        return [[other.name, { cpu: rounded(median(ratios)), spread: [rounded(quantile(ratios, 0.25)), rounded(quantile(ratios, 0.75))] }]];
      })),
    };
    rows.push(row);
    console.log(`${row.case.padEnd(18)} ${name.padEnd(20)} ${row.nanosecondsPerParam} ns/param${'shareOfCopyBandwidth' in row ? `, ${Math.round(100 * (row.shareOfCopyBandwidth as number))} % of a copy's bandwidth` : ''}`);
  });
}
if (flags.json) console.log(JSON.stringify({ question: 'update', machine: machine(), versions: versions('@tensorflow/tfjs'), rows }));
process.exit(0);
