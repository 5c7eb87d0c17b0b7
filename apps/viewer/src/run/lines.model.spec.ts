import { panelsOf } from '@gradstream/charts';
import { linesOf } from './lines.model.ts';
import { RunCurves } from './run-curves.ts';

const run = (id: string, ...metrics: string[]) => {
  const curves = new RunCurves();
  for (const metric of metrics) curves.add(metric, 0, 0, 1);
  return { id, name: `run ${id}`, curves };
};

describe('linesOf', () => {
  const a = run('a', 'train/loss', 'train/lossMean', 'validation/loss', 'learningRate');
  const b = run('b', 'train/loss');
  const [{ panels: [loss, rate] }] = panelsOf(a.curves.names);

  it('of one run are its splits, each with its colour, dash and mark', () => {
    expect(linesOf(loss, [a], 'step').map(({ label, color, mark, beside }) => [label, color, mark, beside])).toEqual([
      ['train', 0, 'none', false], ['lossMean', 0, 'none', true], ['validation', 1, 'circle', false],
    ]);
    expect(linesOf(rate, [a], 'step').map(({ label }) => label)).toEqual(['learningRate']);
  });

  it('of several are a colour for each run and a dash for each split, with nothing for what a run does not have', () => {
    expect(linesOf(loss, [a, b], 'step').map(({ label, color, dash }) => [label, color, dash!.length])).toEqual([['run a · train', 0, 0], ['run a · validation', 0, 2], ['run b · train', 1, 0]]);
  });

  it('read the curves themselves', () => expect(linesOf(loss, [a], 'step')[0].curve).toBe(a.curves.curve('train/loss')));
});
