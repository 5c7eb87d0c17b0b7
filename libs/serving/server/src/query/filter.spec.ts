import fc from 'fast-check';
import { InputError } from '@gradstream/numerics';
import { newRun } from '../log/describe.ts';
import { metricsIn, parseFilter, parseSort, type RunView } from './filter.ts';

const view = (id: string, more: object = {}, metrics: Record<string, number> = {}): RunView => ({
  run: { ...newRun(id, 1000), project: 'digits', tags: { owner: 'ada' }, spec: { optimizer: { name: 'adamw', learningRate: 1e-3 }, nested: true }, ...more },
  state: 'running',
  metric: (name) => (Object.hasOwn(metrics, name) ? { count: 5, nan: 1, min: metrics[name] - 1, max: metrics[name] + 1, last: metrics[name], step: 9 } : undefined),
});

const run = view('r1', { name: 'first run' }, { 'train/loss': 0.25, accuracy: NaN });

describe('parseFilter', () => {
  it.each([
    ['state = running', true],
    ['state=running and project = digits', true],
    ["name = 'first run'", true],
    ['name = "first run"', true],
    ['train/loss < 0.3', true],
    ['train/loss<0.3 and train/loss >= .25', true],
    ['metrics.train/loss < 0.2', false],
    ['metrics."train/loss".min < 0', true],
    ['metrics.train/loss.max = 1.25', true],
    ['metrics.train/loss.nan >= 1', true],
    ['optimizer.learningRate <= 1e-3', true],
    ['spec.optimizer.name = adamw', true],
    ["spec.optimizer.name in ('sgd', 'adamw')", true],
    ['tags.owner = ada', true],
    ["tags.`owner` != 'ada'", false],
    ['attributes.name like "first%"', true],
    ["name ilike 'FIRST_RUN'", true],
    ['name like first', false],
    ['not (state = running or project = x)', false],
    ['state = failed or project = digits and attempt = 0', true],
    ['nothing = 1', false],
    ['nothing != 1', true],
    ['accuracy < 1', false],
    ['accuracy = NaN', true],
    ['spec.nested = true', true],
    ['spec.__proto__.x = 1', false],
    ['tags.constructor = 1', false],
  ])('%s: %s', (filter, expected) => {
    expect(parseFilter(filter)(run)).toBe(expected);
  });

  it.each([
    ['', 'filter: expected a field at character 1, received the end'],
    ['state', 'filter: expected one of = == != < <= > >= like ilike in at character 6, received the end'],
    ['state = ', 'filter: expected a number or a text at character 9, received the end'],
    ['state = a b', "filter: expected and, or, or the end at character 10, received 'b'"],
    ['(state = a', "filter: expected ')' at character 11, received the end"],
    ['state = ;', "filter: cannot be read from ';' on"],
    ['state in a', "filter: expected '(' at character 9, received 'a'"],
    ['attributes.x = 1', 'filter: expected one of id, name'],
    [`${'('.repeat(60)}a = 1${')'.repeat(60)}`, 'filter: must be nested at most 50 deep'],
    ['a'.repeat(5000), 'filter: must be at most 4000 characters, received 5000'],
  ])('refuses %j', (filter, sentence) => {
    expect(() => parseFilter(filter)).toThrow(sentence);
  });

  it('answers or refuses any text, quickly', () => {
    const piece = fc.constantFrom('a', 'state', 'and', 'or', 'not', '(', ')', '=', '<', "'", '"', '`', 'like', '%%%%%%%%%%', '1e', '.', '/', ' ', 'in', ',', '\u0000', 'process.exit()');
    fc.assert(fc.property(fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join('')), (text) => {
      try {
        expect(typeof parseFilter(text)(run)).toBe('boolean');
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
      }
    }), { numRuns: 2000 });
    expect(parseFilter(`name like '${'%a'.repeat(500)}b'`)(view('r', { name: 'a'.repeat(250) }))).toBe(false);
  });
});

describe('parseSort', () => {
  const runs = [view('a', {}, { loss: 2 }), view('b', {}, { loss: 1 }), view('c'), view('d', {}, { loss: NaN })];
  const sorted = (sort: string) => [...runs].sort(parseSort(sort)).map(({ run: { id } }) => id).join('');

  it('orders by any field, and leaves runs without it at the end', () => {
    expect(sorted('loss')).toBe('bacd');
    expect(sorted('-loss')).toBe('abcd');
    expect(sorted('-id')).toBe('dcba');
    expect(sorted('metrics.loss.min')).toBe('bacd');
  });
});

it('metricsIn names what has to be looked up', () => {
  expect(metricsIn("metrics.train/loss.min < 3 and name = 'x'")).toEqual(expect.arrayContaining(['train/loss', 'train/loss.min']));
});
