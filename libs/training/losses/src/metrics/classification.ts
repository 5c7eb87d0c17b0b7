import { boolean, factory, positiveInteger } from '@gradstream/numerics';
import type { Metric } from '../metric.ts';
import { argMax, labelOf, needsClasses, rowsIn } from './predictions.ts';

export interface TopKOptions {
  /** Default 5. */
  readonly k?: number;
}

/** Share of rows whose class is among the k largest outputs: `top5`. */
export const topK = factory<TopKOptions, Metric>('topK', { k: positiveInteger }, ({ k = 5 }) => ({
  name: `top${k}`,
  accumulator: () => {
    let right = 0;
    let seen = 0;
    return {
      add(outputs, examples) {
        needsClasses('topK', examples);
        const { count, width } = rowsIn('topK', outputs, examples.targets);
        for (let i = 0; i < count; i++) if (rankOf(outputs, i * width, width, labelOf(examples.targets, i)) < k) right++;
        seen += count;
      },
      result: () => ({ [`top${k}`]: right / seen }),
    };
  },
}));

/** How many outputs stand before that of a class: the larger ones, and equal ones of lower index; all of them where any is NaN. */
function rankOf(outputs: Float32Array, offset: number, width: number, label: number): number {
  let before = 0;
  for (let c = 0; c < width; c++) {
    const value = outputs[offset + c];
    if (Number.isNaN(value)) return width;
    if (value > outputs[offset + label] || (value === outputs[offset + label] && c < label)) before++;
  }
  return before;
}

/** Counts of each true class (rows) by predicted class (columns); a row of NaN outputs is predicted as nothing and counted in `none`. */
export class Confusion {
  classes = 0;
  none = 0;
  private counts = new Float64Array(0);

  add(outputs: Float32Array, examples: Parameters<ReturnType<NonNullable<Metric['accumulator']>>['add']>[1]): void {
    needsClasses('confusion', examples);
    const { count, width } = rowsIn('confusion', outputs, examples.targets);
    if (this.classes === 0) {
      this.classes = width;
      this.counts = new Float64Array(width * width);
    }
    for (let i = 0; i < count; i++) {
      const predicted = argMax(outputs, i * width, width);
      if (predicted < 0) this.none++;
      else this.counts[labelOf(examples.targets, i) * this.classes + predicted]++;
    }
  }

  at(truth: number, predicted: number): number {
    return this.counts[truth * this.classes + predicted];
  }

  /** Rows of one true class. */
  ofClass = (truth: number): number => this.sum((k) => this.at(truth, k));
  /** Rows predicted as one class. */
  predictedAs = (predicted: number): number => this.sum((k) => this.at(k, predicted));
  sum = (of: (k: number) => number): number => Array.from({ length: this.classes }, (_, k) => of(k)).reduce((a, b) => a + b, 0);
}

/** How often each class was taken for which: `confusion/<true>/<predicted>`, counts. */
export const confusionMatrix = factory<object, Metric>('confusionMatrix', {}, () => ({
  name: 'confusion',
  accumulator: () => {
    const confusion = new Confusion();
    return {
      add: (outputs, examples) => confusion.add(outputs, examples),
      result: () =>
        Object.fromEntries(Array.from({ length: confusion.classes ** 2 }, (_, i) => {
          const [truth, predicted] = [Math.floor(i / confusion.classes), i % confusion.classes];
          return [`confusion/${truth}/${predicted}`, confusion.at(truth, predicted)];
        })),
    };
  },
}));

export interface F1Options {
  /** Whether to give `precision/<class>` and so on as well. Default false. */
  readonly perClass?: boolean;
}

/**
 * Precision (of those predicted as a class, the share that is), recall (of those that are, the share predicted) and their
 * harmonic mean, each the plain mean over classes. A class that was never predicted has precision 0, one that never occurs is left out.
 */
export const f1 = factory<F1Options, Metric>('f1', { perClass: boolean }, ({ perClass = false }) => ({
  name: 'f1',
  accumulator: () => {
    const confusion = new Confusion();
    return {
      add: (outputs, examples) => confusion.add(outputs, examples),
      result: () => {
        const rows = Array.from({ length: confusion.classes }, (_, k) => k).filter((k) => confusion.ofClass(k) > 0).map((k) => {
          const right = confusion.at(k, k);
          const precision = right / Math.max(1, confusion.predictedAs(k));
          const recall = right / confusion.ofClass(k);
          return { k, precision, recall, f1: right === 0 ? 0 : (2 * precision * recall) / (precision + recall) };
        });
        const names = ['precision', 'recall', 'f1'] as const;
        return Object.fromEntries(names.flatMap((name) => [
          [name, rows.reduce((sum, row) => sum + row[name], 0) / rows.length],
          ...(perClass ? rows.map((row) => [`${name}/${row.k}`, row[name]]) : []),
        ]));
      },
    };
  },
}));
