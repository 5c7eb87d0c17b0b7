import { floatsOf, outputOf, type Planner, type Value } from '../site.ts';
import { gemmScratch, product } from './dense.ts';

/** Multi-head self-attention; each thread looks through its own examples, head by head. */
export const attention: Planner = (site, layer, input) => {
  const { heads, causal } = layer.layer as unknown as { heads: number; causal: boolean };
  const { program, batch } = site;
  const [positions, channels] = layer.inputShape;
  const size = channels / heads;
  const width = 3 * channels;
  const table = positions * positions;
  const scale = 1 / Math.sqrt(size);

  // Queries, keys and values of all heads side by side: [batch, positions, 3 · channels].
  const all: Value = outputOf(site, { outputShape: [positions, width] }, input, { trained: true });
  const projection = product(site, input, positions, channels, all, width, site.param(`${layer.name}/kernel`), site.param(`${layer.name}/bias`), 'linear');
  const weights = site.buffer(floatsOf(batch * heads * table));
  const seen: Value = outputOf(site, layer, all);

  /** Where a head of an example reads and writes. */
  const head = (example: number, h: number) => {
    const row = floatsOf(example * positions * width);
    const column = floatsOf(h * size);
    return {
      query: row + column, key: row + floatsOf(channels) + column, value: row + floatsOf(2 * channels) + column,
      seen: floatsOf(example * positions * channels) + column, weights: floatsOf((example * heads + h) * table),
    };
  };
  const multiply = (part: number, transA: boolean, transB: boolean, m: number, n: number, k: number, a: number, lda: number, b: number, ldb: number, c: number, ldc: number): void =>
    program.call(part, 'gemm', Number(transA), Number(transB), m, n, k, a, lda, b, ldb, c, ldc, 0, 0, 0, site.scratch(part, gemmScratch(k, n)));
  const eachHead = (emit: (part: number, places: ReturnType<typeof head>) => void): void =>
    site.examples((part, first, end) => {
      for (let example = first; example < end; example++) for (let h = 0; h < heads; h++) emit(part, head(example, h));
    });
  const rowsOf = (part: number, first: number, end: number) => [part, first * heads * positions, end * heads * positions] as const;

  eachHead((part, at) => multiply(part, false, true, positions, positions, size, all.at + at.query, width, all.at + at.key, width, weights + at.weights, positions));
  site.examples((...share) => {
    const [part, first, end] = rowsOf(...share);
    program.call(part, 'attentionWeights', weights, first, end, positions, scale, Number(causal), weights);
  });
  eachHead((part, at) => multiply(part, false, false, positions, size, positions, weights + at.weights, positions, all.at + at.value, width, seen.at + at.seen, channels));

  const output = outputOf(site, layer, seen, { trained: true });
  const last = product(site, seen, positions, channels, output, channels, site.param(`${layer.name}/output/kernel`), site.param(`${layer.name}/output/bias`), 'linear');
  return {
    output: last.output,
    backward: (dOut) => {
      const dSeen = last.backward(dOut);
      const dAll = site.buffer(floatsOf(batch * positions * width));
      const dScores = site.buffer(floatsOf(batch * heads * table));
      eachHead((part, at) => {
        multiply(part, true, false, positions, size, positions, weights + at.weights, positions, dSeen + at.seen, channels, dAll + at.value, width);
        multiply(part, false, true, positions, positions, size, dSeen + at.seen, channels, all.at + at.value, width, dScores + at.weights, positions);
      });
      site.examples((...share) => {
        const [part, first, end] = rowsOf(...share);
        program.call(part, 'attentionWeightsGrad', weights, dScores, first, end, positions, scale, dScores);
      });
      eachHead((part, at) => {
        multiply(part, false, false, positions, size, positions, dScores + at.weights, positions, all.at + at.key, width, dAll + at.query, width);
        multiply(part, true, false, positions, size, positions, dScores + at.weights, positions, all.at + at.query, width, dAll + at.key, width);
      });
      return projection.backward(dAll);
    },
  };
};
