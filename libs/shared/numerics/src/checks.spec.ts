import { between, boolean, checkOptions, either, finite, listOf, nonNegative, oneOf, positive, positiveInteger, text, unitClosed, unitHalfOpen, unitOpen, wholeNumber } from './checks.ts';
import { InputError } from './errors.ts';
import { hyper } from './hyper.ts';

describe('checkOptions', () => {
  const rules = { b1: unitHalfOpen, order: oneOf('a', 'b'), size: positiveInteger };

  test('passes options within their rules, and those not given', () => {
    expect(() => checkOptions('adam', { b1: 0, order: 'b', size: undefined }, rules)).not.toThrow();
  });

  test.each([
    [{ b1: 1 }, 'adam: b1 must be in [0, 1), received 1'],
    [{ b1: NaN }, 'adam: b1 must be in [0, 1), received NaN'],
    [{ b1: '0.5' }, "adam: b1 must be in [0, 1), received '0.5'"],
    [{ order: 'c' }, "adam: order must be one of 'a', 'b', received 'c'"],
    [{ size: 1.5 }, 'adam: size must be a whole number of at least 1, received 1.5'],
    [{ b3: 1 }, "adam: 'b3' is not an option; did you mean 'b1'? Known: b1, order, size"],
  ])('refuses %p', (options, sentence) => {
    expect(() => checkOptions('adam', options, rules)).toThrow(new InputError(sentence));
  });
});

describe('rules', () => {
  test.each([
    ['finite', finite, [0, -1e300], [Infinity, '1']],
    ['positive', positive, [1e-300], [0, Infinity]],
    ['nonNegative', nonNegative, [0], [-1e-9, Infinity]],
    ['unitHalfOpen', unitHalfOpen, [0, 0.999], [1, -0.1]],
    ['unitClosed', unitClosed, [0, 1], [1.1]],
    ['unitOpen', unitOpen, [0.5], [0, 1]],
    ['wholeNumber', wholeNumber, [0, 7], [-1, 0.5, 2 ** 53]],
    ['between', between(1, 2), [1, 2], [0.9, 2.1]],
    ['boolean', boolean, [true, false], [1, 'true']],
    ['text', text, ['a'], ['', 1]],
    ['either', either(boolean, text), [true, 'x'], [1]],
    ['listOf', listOf(positive, 1), [[1, 2]], [[], [0], 1]],
    ['hyper', hyper(positive), [1, () => -1, { subscribe: () => ({}) }], [0, 'x', {}]],
  ])('%s accepts what it should and nothing else', (_, rule, good, bad) => {
    for (const value of good) expect(rule.accepts(value)).toBe(true);
    for (const value of [...bad, NaN, undefined, null]) expect(rule.accepts(value)).toBe(false);
  });
});
