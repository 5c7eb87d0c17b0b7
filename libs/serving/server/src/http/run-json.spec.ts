import { assert, array, constantFrom, dictionary, double, integer, option, property, record, string, type Arbitrary } from 'fast-check';
import { stringify, type RunDetail } from '@gradstream/protocol';
import { runJson, runListJson } from './run-json.ts';

const number = double().map((x) => (Object.is(x, -0) ? 0 : x));
const run = record({
  id: string(), name: string(), project: string(), state: constantFrom('running', 'finished'), attempt: integer(), created: integer(), heartbeat: integer(), lsn: integer(), duplicates: integer(), conflicts: integer(),
  tags: dictionary(string(), string()), spec: option(dictionary(string(), constantFrom(null, 1, 'null', NaN)), { nil: undefined }),
  summary: dictionary(string(), record({ count: integer(), nan: integer(), min: number, max: number, last: number, step: integer() })),
}) as unknown as Arbitrary<RunDetail>;

it('gives the text that stringify gives, the first time and the next', () => {
  assert(property(array(run, { maxLength: 4 }), option(string(), { nil: undefined }), (runs, next) => {
    const list = { runs, ...(next === undefined ? {} : { next }) };
    for (let i = 0; i < 2; i += 1) {
      expect(runListJson(list).toString()).toBe(stringify(list));
      for (const each of runs) expect(runJson(each).toString()).toBe(stringify(each));
    }
  }), { seed: 1, numRuns: 300 });
});

it('gives new summaries when these are another object', () => {
  const before = { id: 'r', summary: { a: { count: 1, nan: 0, min: 1, max: 1, last: 1, step: 0 } } } as unknown as RunDetail;
  expect(JSON.parse(runJson(before).toString())).toEqual(before);
  const after = { ...before, summary: { a: { ...before.summary.a, last: 2 } } };
  expect(JSON.parse(runJson(after).toString())).toEqual(after);
});
