import type { RunInfo } from '@gradstream/protocol';
import { columnsOf } from './columns.model.ts';
import { fieldOf, fieldsOf } from './fields.model.ts';

const run = (id: string, optimizer: object, tags: Record<string, string> = {}, last = 1): RunInfo => ({
  id, project: 'p', name: id, state: 'finished', attempt: 0, created: 0, heartbeat: 0, lsn: 0, tags, spec: { version: 1, seed: id.charCodeAt(0), model: 'mlp', optimizer },
  summary: { 'train/loss': { count: 1, nan: 0, min: last, max: last, last, step: 3 } },
});
const runs = [run('a', { name: 'adam', learningRate: 0.01 }, { arm: 'x', note: 'first' }), run('b', { name: 'adam', learningRate: 0.1 }), run('c', { name: 'sgd', learningRate: 0.1, momentum: 0.9 }, { arm: '' })];

describe('fields', () => {
  it('are read from the run, its tags, its metrics and its document', () => {
    expect(['name', 'step', 'tag.arm', 'train/loss', 'spec.optimizer.learningRate', 'optimizer.name', 'optimizer', 'spec.nothing', 'constructor', 'tag.toString'].map((key) => fieldOf(runs[0], key)))
      .toEqual(['a', 3, 'x', 1, 0.01, 'adam', 'adam', undefined, undefined, undefined]);
    expect(fieldOf(runs[2], 'tag.arm')).toBeUndefined();
  });

  it('to group by are those in which runs differ; what is the same everywhere, and notes, are not', () => {
    const { groups, metrics } = fieldsOf(runs);
    expect(groups).toEqual(['spec.optimizer.learningRate', 'spec.optimizer.momentum', 'spec.optimizer.name', 'tag.arm', 'spec.seed']);
    expect(metrics).toEqual(['train/loss']);
  });

  it('become columns: what somebody chose, else what differs and what is compared first', () => {
    const fields = fieldsOf(runs);
    expect(columnsOf(runs, fields, [])).toEqual(['spec.optimizer.learningRate', 'spec.optimizer.momentum', 'spec.optimizer.name', 'train/loss']);
    expect(columnsOf(runs, fields, ['tag.arm'])).toEqual(['tag.arm']);
  });
});
