import { sizeOf } from '@gradstream/numerics';
import type { Replacement } from './register.ts';

/** Sums rows by segment id: the gradient of embeddings and gathers. The wasm backend has none. */
export const unsortedSegmentSum: Replacement = {
  kernelName: 'UnsortedSegmentSum',
  run: ({ heap, inputs: { x, segmentIds }, attrs }) => {
    const segments = attrs.numSegments as number;
    const count = sizeOf(segmentIds.shape);
    const rest = x.shape.slice(segmentIds.shape.length);
    const width = sizeOf(rest);
    const out = heap.output([segments, ...rest], x.dtype);
    if (x.dtype === 'float32') {
      heap.kernels.segmentSum(heap.at(x), heap.at(segmentIds), count, width, segments, 0, width, heap.at(out));
    } else {
      const [from, ids, sums] = [heap.ints(x), heap.ints(segmentIds), heap.ints(out)];
      sums.fill(0);
      for (let i = 0; i < count; i++) if (ids[i] >= 0 && ids[i] < segments) for (let c = 0; c < width; c++) sums[ids[i] * width + c] += from[i * width + c];
    }
    return out;
  },
};
