import fc from 'fast-check';
import { fromJsonNumber, jsonNumber, stringify, toJsonNumber } from './json-number.ts';

describe('numbers in JSON', () => {
  it('come back, NaN and infinities as words', () => {
    fc.assert(fc.property(fc.double().filter((x) => !Object.is(x, -0)), (x) => {
      expect(fromJsonNumber(JSON.parse(stringify(toJsonNumber(x))))).toBe(x);
      expect(jsonNumber.parse(JSON.parse(stringify(x)))).toBe(x);
    }));
  });

  it('stand in any document beside real nulls and texts', () => {
    expect(stringify({ a: [1, NaN, null], b: { c: -Infinity, d: 'null' }, e: undefined })).toBe('{"a":[1,"NaN",null],"b":{"c":"-Infinity","d":"null"}}');
    expect(stringify({ a: [1, 2] })).toBe('{"a":[1,2]}');
  });

  it.each(['nan', '1', null, undefined, {}, true])('are not %j', (value) => {
    expect(fromJsonNumber(value)).toBeUndefined();
  });
});
