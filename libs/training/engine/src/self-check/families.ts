import { key, uniformAt, type ParamInfo } from '@gradstream/numerics';
import { adam, bind } from '@gradstream/optimizers';
import { ACTIVATIONS, BIAS } from '../kernels/flags.ts';
import type { NativeBlas } from '../native/blas.ts';
import { arenaExecutor } from '../updates/arena-executor.ts';
import { apart, type Family } from './family.ts';
import { attentionWeights, crossEntropy, functions, product, standardRows } from './reference.ts';
import { convolutions, depthwise, pools } from './window-families.ts';

const products: Family = {
  name: 'products',
  error: (bench) => {
    const [m, n, k] = [bench.whole(1, 40), bench.whole(1, 60), bench.whole(1, 500)];
    const [a, b, bias, c] = [bench.numbers(m * k), bench.numbers(k * n), bench.numbers(n), bench.room(m * n)];
    const scratch = bench.room(bench.kernels.gemmScratch(k, n) / 4);
    return Math.max(...[[false, false], [true, false], [false, true], [true, true]].map(([transA, transB]) => {
      bench.kernels.gemm(Number(transA), Number(transB), m, n, k, a.byteOffset, transA ? m : k, b.byteOffset, transB ? k : n, c.byteOffset, n, BIAS, bias.byteOffset, 0, scratch.byteOffset);
      return apart(c, product(transA, transB, m, n, k, a, b, bias));
    }));
  },
  rate: {
    unit: 'GFLOP/s',
    work: (bench) => {
      const [m, n, k] = [128, 256, 784];
      const [a, b, c, scratch] = [bench.numbers(m * k), bench.numbers(k * n), bench.room(m * n), bench.room(bench.kernels.gemmScratch(k, n) / 4)].map(({ byteOffset }) => byteOffset);
      return { units: 2 * m * n * k, run: () => void bench.kernels.gemm(0, 0, m, n, k, a, k, b, n, c, n, 0, 0, 0, scratch) };
    },
  },
};

const rows: Family = {
  name: 'losses, attention and normalizations',
  error: (bench) => {
    const [count, width] = [bench.whole(1, 30), bench.whole(2, 40)];
    const [x, out, standard, inverse, losses, labels, scale] = [bench.numbers(count * width), bench.room(count * width), bench.room(count * width), bench.room(count), bench.room(2 * count), bench.room(count), bench.room(1)];
    const classes = Int32Array.from({ length: count }, () => bench.whole(0, width - 1));
    bench.arena.ints(labels.byteOffset, count).set(classes);
    scale[0] = 1 / count;
    bench.kernels.softmaxCrossEntropy(0, x.byteOffset, labels.byteOffset, 0, count, width, 0, 0, scale.byteOffset, losses.byteOffset, out.byteOffset);
    const expected = crossEntropy(x, classes, width, 1 / count);
    const worst = Math.max(apart(bench.arena.doubles(losses.byteOffset, count), expected.losses), apart(out, expected.gradient));
    bench.kernels.normalizeRows(x.byteOffset, 0, count, width, 1e-3, 0, 0, standard.byteOffset, inverse.byteOffset, out.byteOffset);
    const standardised = standardRows(x, width, 1e-3);
    const normalized = apart(out, standardised);
    bench.kernels.normalizeGroups(x.byteOffset, 0, count, 1, width, 1, 1, 1e-3, 0, 0, standard.byteOffset, inverse.byteOffset, out.byteOffset);
    const grouped = apart(out, standardised);
    return Math.max(worst, normalized, grouped, ...[false, true].map((causal) => {
      bench.kernels.attentionWeights(x.byteOffset, 0, count, width, 3, Number(causal), out.byteOffset);
      return apart(out, attentionWeights(x, width, 3, causal));
    }));
  },
};

const activations: Family = {
  name: 'activations',
  error: (bench) => {
    // Enough of them that some are large: a function is as exact as its largest value.
    const n = bench.whole(24, 99);
    const [x, out] = [bench.numbers(n), bench.room(n)];
    for (let i = 0; i < n; i++) x[i] *= 5;
    return Math.max(...Object.entries(functions).map(([name, f]) => {
      bench.kernels.activate(ACTIVATIONS[name as keyof typeof ACTIVATIONS], x.byteOffset, n, out.byteOffset);
      return apart(out, Float64Array.from(x, f));
    }));
  },
};

const embeddings: Family = {
  name: 'look-ups and segment sums',
  error: (bench) => {
    const [vocabulary, width, count] = [bench.whole(1, 20), bench.whole(1, 30), bench.whole(1, 60)];
    const [table, ids, found, sums] = [bench.numbers(vocabulary * width), bench.room(count), bench.room(count * width), bench.room(vocabulary * width)];
    const tokens = Int32Array.from({ length: count }, () => bench.whole(0, vocabulary - 1));
    bench.arena.ints(ids.byteOffset, count).set(tokens);
    bench.kernels.gatherRows(table.byteOffset, ids.byteOffset, count, width, found.byteOffset);
    bench.kernels.segmentSum(found.byteOffset, ids.byteOffset, count, width, vocabulary, 0, width, sums.byteOffset);
    const [expected, expectedSums] = [new Float64Array(count * width), new Float64Array(vocabulary * width)];
    tokens.forEach((token, i) => {
      for (let c = 0; c < width; c++) {
        expected[i * width + c] = table[token * width + c];
        expectedSums[token * width + c] += table[token * width + c];
      }
    });
    return Math.max(apart(found, expected), apart(sums, expectedSums));
  },
};

const randomness: Family = {
  name: 'random masks',
  error: (bench) => {
    const [n, first] = [bench.whole(1, 99), bench.whole(0, 9)];
    const words = bench.room(2);
    const from = key(bench.whole(0, 2 ** 31));
    bench.arena.ints(words.byteOffset, 2).set([from.k0, from.k1]);
    const out = bench.room(n);
    bench.kernels.uniforms(words.byteOffset, first, n, out.byteOffset);
    return out.every((u, i) => u === uniformAt(from, first + i)) ? 0 : Infinity;
  },
};

const adamRule = () => adam({ learningRate: 0.01 });

const updates: Family = {
  name: 'fused updates',
  error: (bench) => {
    const n = bench.whole(1, 200);
    const params: ParamInfo[] = [{ name: 'w', shape: [n], role: 'kernel' }];
    const ours = bind<Float32Array>(adamRule(), params, { executor: arenaExecutor(bench.arena) });
    const exact = bind(adamRule(), params, { executor: 'float64' });
    const [w, reference] = [bench.numbers(n), new Float64Array(n)];
    reference.set(w);
    for (let step = 0; step < 3; step++) {
      const g = bench.numbers(n);
      ours.update({ step, params: new Map([['w', w]]), gradients: new Map([['w', g]]) });
      exact.update({ step, params: new Map([['w', reference]]), gradients: new Map([['w', Float64Array.from(g)]]) });
    }
    ours.close();
    exact.close();
    return apart(w, reference);
  },
  rate: {
    unit: 'GB/s',
    work: (bench) => {
      const n = 1 << 18;
      const rule = bind<Float32Array>(adamRule(), [{ name: 'w', shape: [n], role: 'kernel' }], { executor: arenaExecutor(bench.arena) });
      const [params, gradients] = [bench.numbers(n), bench.numbers(n)].map((values) => new Map([['w', values]]));
      let step = 0;
      // Reads gradient, param and two slots; writes param and slots.
      return { units: 7 * 4 * n, run: () => void rule.update({ step: step++, params, gradients }) };
    },
  },
};

export const families: readonly Family[] = [products, convolutions, depthwise, pools, rows, activations, embeddings, randomness, updates];

/** Products in a native library on the same memory. */
export function nativeProducts(blas: NativeBlas): Family {
  return {
    name: 'native products',
    error: (bench) => {
      const [m, n, k] = [bench.whole(1, 40), bench.whole(1, 60), bench.whole(1, 500)];
      const [a, b, c, zeros] = [bench.numbers(m * k), bench.numbers(k * n), bench.room(m * n), new Float32Array(n)];
      return Math.max(...[[false, false], [true, false], [false, true], [true, true]].map(([transA, transB]) => {
        blas.gemmOn(bench.arena.memory)(transA, transB, m, n, k, a.byteOffset, transA ? m : k, b.byteOffset, transB ? k : n, c.byteOffset, n)();
        return apart(c, product(transA, transB, m, n, k, a, b, zeros));
      }));
    },
    rate: {
      unit: 'GFLOP/s',
      work: (bench) => {
        const [m, n, k] = [128, 256, 784];
        const [a, b, c] = [bench.numbers(m * k), bench.numbers(k * n), bench.room(m * n)].map(({ byteOffset }) => byteOffset);
        return { units: 2 * m * n * k, run: blas.gemmOn(bench.arena.memory)(false, false, m, n, k, a, k, b, n, c, n) };
      },
    },
  };
}
