import { panelsOf } from '@gradstream/charts';
import { constantOf, distinctNames, linesOf } from './lines.model.ts';
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

describe('constantOf', () => {
  const steady = run('s');
  for (let step = 0; step < 5; step++) {
    steady.curves.add('b1', step, 0, 0.9);
    steady.curves.add('learningRate', step, 0, step);
    steady.curves.add('train/error', step, 0, 0);
  }
  const panel = (measure: string) => panelsOf(steady.curves.names)[0].panels.find((p) => p.measure === measure)!;

  it('is the value of what never changed, of a hyper-parameter and not of what is measured on a split', () => {
    expect([panel('b1'), panel('learningRate'), panel('error')].map((p) => constantOf(p, [steady]))).toEqual([0.9, undefined, undefined]);
  });

  it('is the one value that a publisher sent, once the run has gone on past it', () => {
    const once = run('p', 'b1');
    expect(constantOf(panel('b1'), [once])).toBeUndefined();
    once.curves.add('train/loss', 1, 0, 1);
    expect(constantOf(panel('b1'), [once])).toBe(1);
  });

  it('is none where runs differ, or where something is not finite', () => {
    const other = run('o');
    for (const step of [0, 1]) other.curves.add('b1', step, 0, 0.8);
    expect(constantOf(panel('b1'), [steady, other])).toBeUndefined();
    const broken = run('n');
    for (const step of [0, 1, 2]) broken.curves.add('b1', step, 0, step === 1 ? NaN : 0.9);
    expect(constantOf(panel('b1'), [broken])).toBeUndefined();
  });
});

describe('distinctNames', () => {
  it('tell runs of one name apart', () => {
    expect(distinctNames([{ id: 'ABCD1234', name: 'x' }, { id: 'ABCD5678', name: 'x' }, { id: 'c', name: 'y' }])).toEqual(['x 1234', 'x 5678', 'y']);
  });
});
