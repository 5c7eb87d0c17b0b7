import type { Range } from './range.ts';

/** How values lie at one step: `counts[i]` of them in [edges[i], edges[i + 1]), the last bin closed above; `nan` of them nowhere. */
export interface Distribution {
  readonly step: number;
  readonly edges: readonly number[];
  readonly counts: readonly number[];
  readonly nan?: number;
}

/** The value below which a share `q` of a distribution lies, as if each bin were filled evenly; NaN for an empty one. */
export function quantileOf({ edges, counts }: Distribution, q: number): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return NaN;
  let below = 0;
  for (let i = 0; i < counts.length; i++) {
    if (counts[i] > 0 && below + counts[i] >= q * total) return edges[i] + (edges[i + 1] - edges[i]) * Math.max(0, (q * total - below) / counts[i]);
    below += counts[i];
  }
  return edges[edges.length - 1];
}

/** Distributions of one thing in order of their steps; of two at the same step the later one counts. */
export class DistributionSeries {
  #all: readonly Distribution[] = [];

  /** The same list until something comes. */
  get all(): readonly Distribution[] {
    return this.#all;
  }

  add(distribution: Distribution): void {
    const last = this.#all.at(-1);
    const others = last && last.step >= distribution.step ? this.#all.filter(({ step }) => step !== distribution.step) : this.#all;
    const place = others.findIndex(({ step }) => step > distribution.step);
    this.#all = place < 0 ? [...others, distribution] : [...others.slice(0, place), distribution, ...others.slice(place)];
  }
}

/** The last distribution at or before a step, the first one where there is none before; undefined without any. */
export const distributionAt = (all: readonly Distribution[], step = Infinity): Distribution | undefined => all.findLast((each) => each.step <= step) ?? all[0];

/** From the least to the greatest edge of some distributions. */
export function spreadOf(all: readonly Distribution[]): Range {
  const low = all.reduce((least, { edges }) => Math.min(least, edges[0]), Infinity);
  const high = all.reduce((most, { edges }) => Math.max(most, edges[edges.length - 1]), -Infinity);
  return high > low ? [low, high] : [-1, 1];
}

/** A rectangle of a picture in which darker means denser; positions in the picture's own units, alpha in (0, 1]. */
export interface Cell {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly alpha: number;
}

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Distributions side by side: each stands from halfway to its neighbour on the left to halfway to the one on the right. The
 * darkness is the root of its density over the greatest of the same step, so that thin tails can still be seen.
 */
export function cellsOf(all: readonly Distribution[], window: Range, values: Range, { left, top, width, height }: Box): readonly Cell[] {
  const px = (x: number) => left + Math.max(0, Math.min(1, (x - window[0]) / (window[1] - window[0]))) * width;
  const py = (y: number) => top + height - ((y - values[0]) / (values[1] - values[0])) * height;
  return all.flatMap(({ step, edges, counts }, i): readonly Cell[] => {
    const before = all[i - 1]?.step ?? step - Math.max(1, (all[i + 1]?.step ?? step + 1) - step);
    const after = all[i + 1]?.step ?? step + (step - before);
    const [from, to] = [px((before + step) / 2), px((step + after) / 2)];
    if (to - from < 0.01) return [];
    const densities = counts.map((count, b) => count / (edges[b + 1] - edges[b]));
    const densest = Math.max(...densities);
    return densities.flatMap((density, b) => (density === 0 ? [] : [{ x: from, y: py(edges[b + 1]), width: to - from, height: py(edges[b]) - py(edges[b + 1]), alpha: Math.sqrt(density / densest) }]));
  });
}

/** One distribution as bars that grow from the left, on the same scale of values. */
export function barsOf({ edges, counts }: Distribution, values: Range, { left, top, width, height }: Box): readonly Cell[] {
  const py = (y: number) => top + height - ((y - values[0]) / (values[1] - values[0])) * height;
  const densities = counts.map((count, b) => count / (edges[b + 1] - edges[b]));
  const densest = Math.max(...densities);
  return densities.flatMap((density, b) => (density === 0 ? [] : [{ x: left, y: py(edges[b + 1]), width: (density / densest) * width, height: py(edges[b]) - py(edges[b + 1]), alpha: 1 }]));
}
