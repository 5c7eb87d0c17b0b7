import type { RunInfo } from '@gradstream/protocol';
import fc from 'fast-check';
import { conditionsOf, parseFilter, sortRuns, withCondition } from './filter.model.ts';

const run = (id: string, part: Partial<RunInfo> = {}, metrics: Readonly<Record<string, number>> = {}): RunInfo => ({
  id, project: 'digits', name: `run ${id}`, state: 'finished', attempt: 0, created: 0, heartbeat: 0, lsn: 0, tags: {}, ...part,
  summary: Object.fromEntries(Object.entries(metrics).map(([metric, last]) => [metric, { count: 1, nan: 0, min: last, max: last, last, step: 10 * last }])),
});
const runs = [
  run('a', { state: 'running', tags: { owner: 'kim' } }, { 'validation/accuracy': 0.9 }),
  run('b', { project: 'Moons' }, { 'validation/accuracy': 0.97, learningRate: 1 }),
  run('c', { name: 'wide net', spec: { optimizer: { name: 'adam', learningRate: 0.01 } } }),
];
const kept = (filter: string) => runs.filter(parseFilter(filter)).map(({ id }) => id).join('');

describe('parseFilter', () => {
  it.each([
    ['', 'abc'], ['run', 'ab'], ['WIDE', 'c'], ['"wide net"', 'c'], ['kim', 'a'], ['state=running', 'a'], ['-state=running', 'bc'], ['state!=running', 'bc'], ['project=moons', 'b'],
    ['validation/accuracy>=0.95', 'b'], ['validation/accuracy<0.95', 'a'], ['tag.owner=kim', 'a'], ['step>9', 'b'], ['name~net', 'c'], ['run state=finished', 'b'], ['nothing=1', ''],
    ['spec.optimizer.name=adam', 'c'], ['optimizer.learningRate<=0.01', 'c'], ['optimizer.learningRate>0.01', ''], ['state=running|lost', 'a'], ['project!=moons|other', 'ac'],
  ])('"%s" keeps "%s"', (filter, expected) => expect(kept(filter)).toBe(expected));

  it('takes any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(kept(text).length).toBeLessThanOrEqual(3);
    }));
  });
});

describe('sortRuns', () => {
  const order = (sort: string) => sortRuns(runs, sort).map(({ id }) => id).join('');
  it('sorts by any field, and puts runs that lack it last, whichever the direction', () => {
    expect([order('name'), order('-name'), order('validation/accuracy'), order('-validation/accuracy'), order('-learningRate')]).toEqual(['abc', 'cba', 'abc', 'bac', 'bac']);
  });
});

describe('a brush', () => {
  it('is a condition of the filter, in place of an earlier one on the same field', () => {
    const once = withCondition('wide step>3', conditionsOf('spec.lr', { from: 0.00123456, to: 0.1 }));
    expect(once).toBe('wide step>3 spec.lr>=0.001234 spec.lr<=0.1');
    expect(withCondition(once, conditionsOf('spec.lr', { from: 0.5, to: 1 }))).toBe('wide step>3 spec.lr>=0.5 spec.lr<=1');
    expect(withCondition('', conditionsOf('tag.of arm', { words: ['a', 'b c'] }))).toBe('"tag.of arm=a|b c"');
  });
});
