import { panelsOf } from '@gradstream/charts';
import { gapOf } from './gap.model.ts';
import { RunCurves } from './run-curves.ts';

const run = (metrics: Readonly<Record<string, readonly (number | undefined)[]>>) => {
  const curves = new RunCurves();
  for (const [metric, values] of Object.entries(metrics)) values.forEach((y, step) => { if (y !== undefined) curves.add(metric, step, 1_000 * step, y); });
  return { curves, panel: (measure: string) => panelsOf(curves.names).flatMap(({ panels }) => panels).find((panel) => panel.measure === measure)! };
};

describe('the generalization gap', () => {
  it('is validation less train where less is better, else train less validation, where validation was last measured', () => {
    const { curves, panel } = run({ 'train/loss': [4, 2, 1, 0.5], 'validation/loss': [undefined, 3, undefined, 2], 'train/accuracy': [0.1, 0.5, 0.8, 0.9], 'validation/accuracy': [undefined, 0.4, undefined, 0.7] });
    expect(gapOf(panel('loss'), curves, 'step')).toMatchObject({ value: 1.5, at: 3 });
    expect(gapOf(panel('loss'), curves, 'step', 2)).toMatchObject({ value: 1, at: 1 });
    expect(gapOf(panel('accuracy'), curves, 'relative')!.value).toBeCloseTo(0.2, 12);
    expect(gapOf(panel('loss'), curves, 'step', 0)).toBeUndefined();
  });

  it('reads the running mean of train where there is one, and the curves that are drawn', () => {
    const { curves, panel } = run({ 'train/loss': [4, 9], 'train/lossMean': [4, 3], 'validation/loss': [5, 5] });
    const gap = gapOf(panel('loss'), curves, 'step')!;
    expect([gap.value, gap.band.low, gap.band.high]).toEqual([2, curves.curve('train/lossMean'), curves.curve('validation/loss')]);
  });

  it('needs both splits', () => {
    const { curves, panel } = run({ 'train/loss': [4, 2], learningRate: [1, 1] });
    expect([gapOf(panel('loss'), curves, 'step'), gapOf(panel('learningRate'), curves, 'step')]).toEqual([undefined, undefined]);
  });
});
