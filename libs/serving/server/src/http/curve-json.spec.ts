import { assert, array, constantFrom, double, integer, oneof, property, record, string, boolean } from 'fast-check';
import { stringify, type SeriesAnswer } from '@gradstream/protocol';
import { curveJson, curvesJson } from './curve-json.ts';

const number = oneof(double(), double().map(Math.fround), integer(), constantFrom(NaN, Infinity, -Infinity, -0, 2 ** 53 - 1, -(2 ** 53), 1e9, 999_999_999, 1e21));
const rows = array(record({ step: integer({ min: 0 }), wall: integer({ min: 0, max: 9e15 }), count: integer({ min: 1, max: 100 }), values: array(number, { minLength: 5, maxLength: 5 }) }), { maxLength: 20 });

/** A curve with these rows; of single points where asked for. */
const curveOf = (metric: string, buckets: readonly { step: number; wall: number; count: number; values: number[] }[], single: boolean): SeriesAnswer => {
  const of = (i: number) => buckets.map(({ values }) => values[single ? 0 : i]);
  return {
    run: 'r', metric, ...(single ? { rawFrom: 3 } : { attempt: 1 }),
    step0: buckets.map(({ step }) => step), step1: buckets.map(({ step, count }) => (single ? step : step + count)), wall0: buckets.map(({ wall }) => wall), wall1: buckets.map(({ wall, count }) => (single ? wall : wall + count / 8)),
    count: buckets.map(({ count }) => (single ? 1 : count)), nan: buckets.map(({ values }) => (values[0] !== values[0] ? 1 : 0)), min: of(0), max: of(1), mean: of(2), first: of(3), last: of(4),
  };
};

it('gives the text that stringify gives, of any numbers', () => {
  assert(property(string(), rows, boolean(), (metric, buckets, single) => {
    const curve = curveOf(metric, buckets, single);
    expect(curveJson(curve).toString()).toBe(stringify(curve));
  }));
});

it('gives several curves as one object, and none as an empty list', () => {
  assert(property(array(rows, { maxLength: 4 }), (lists) => {
    const series = lists.map((buckets, i) => curveOf(`loss ${i} ä`, buckets, i % 2 === 0));
    expect(curvesJson(series).toString()).toBe(stringify({ series }));
  }));
});

it('does not change an answer when the next one is written', () => {
  const curve = curveOf('loss', Array.from({ length: 20_000 }, (_, i) => ({ step: i, wall: 1.79e12 + i, count: 1 + (i % 2), values: [i / 3, i / 7, i / 11, i, -i] })), false);
  const [first, text] = [curveJson(curve), stringify(curve)];
  curveJson(curveOf('other', [], false));
  curvesJson([curveOf('third', [], false), curve]);
  expect(first.toString()).toBe(text);
});
