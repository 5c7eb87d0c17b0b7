import { factory } from '@gradstream/numerics';
import type { Metric } from '../metric.ts';
import { labelOf, needsClasses, probabilities, rowsIn } from './predictions.ts';

/**
 * Area under the ROC curve: the chance that an example of a class scores higher than one of the others, ties counting half
 * (Mann and Whitney's statistic, exact over the split). Two classes: of the second. More: the mean of one against the rest
 * over the classes that occur. Keeps one number for each row and class until the split ends.
 */
export const auc = factory<object, Metric>('auc', {}, () => ({
  name: 'auc',
  accumulator: ({ link }) => {
    const scores: number[][] = [];
    const labels: number[] = [];
    return {
      add(outputs, examples) {
        needsClasses('auc', examples);
        const { count, width } = rowsIn('auc', outputs, examples.targets);
        for (let i = 0; i < count; i++) {
          const row = probabilities(outputs, i * width, width, link);
          row.forEach((p, k) => (scores[k] ??= []).push(p));
          labels.push(labelOf(examples.targets, i));
        }
      },
      result: () => {
        const classes = scores.length === 2 ? [1] : scores.map((_, k) => k);
        const areas = classes.map((k) => areaUnderRoc(scores[k], labels.map((label) => label === k))).filter((area) => area !== undefined);
        return { auc: areas.length > 0 ? areas.reduce((sum, area) => sum + area, 0) / areas.length : NaN };
      },
    };
  },
}));

/** The statistic by mid-ranks; undefined where one side is empty, NaN where a score is. */
export function areaUnderRoc(scores: readonly number[], positive: readonly boolean[]): number | undefined {
  const positives = positive.filter(Boolean).length;
  const negatives = positive.length - positives;
  if (positives === 0 || negatives === 0) return undefined;
  if (scores.some(Number.isNaN)) return NaN;
  const order = Array.from(scores.keys()).sort((a, b) => scores[a] - scores[b]);
  let rankSum = 0;
  for (let start = 0; start < order.length; ) {
    let end = start;
    while (end < order.length && scores[order[end]] === scores[order[start]]) end++;
    const midRank = (start + 1 + end) / 2;
    for (let i = start; i < end; i++) if (positive[order[i]]) rankSum += midRank;
    start = end;
  }
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}
