import fc from 'fast-check';
import { formatLogTick, formatSeconds, formatTick, formatValue } from './format.ts';

describe('formatValue', () => {
  it.each([
    [0, '0'], [1, '1'], [0.5, '0.5'], [0.123456, '0.1235'], [2.302585, '2.3026'], [12345.678, '12346'], [1e-3, '0.001'], [3e-4, '0.0003'],
    [1.25e-5, '1.25e−5'], [1e6, '1e6'], [-0.25, '−0.25'], [NaN, 'NaN'], [Infinity, '∞'], [-Infinity, '−∞'], [100, '100'], [1200, '1200'],
  ])('shows %p as %s', (value, text) => expect(formatValue(value)).toBe(text));

  it('is never off by more than one part in two hundred, and never longer than ten signs', () => {
    fc.assert(fc.property(fc.double({ min: -1e300, max: 1e300, noNaN: true }), (value) => {
      const text = formatValue(value);
      expect(Math.abs(Number(text.replaceAll('−', '-')) - value)).toBeLessThanOrEqual(Math.abs(value) / 200);
      expect(text.length).toBeLessThanOrEqual(10);
    }));
  });
});

describe('formatTick', () => {
  it('shows neighbours with the digits that tell them apart', () => {
    expect([0.001, 0.0015, 0.002].map((v) => formatTick(v, 0.0005))).toEqual(['0.0010', '0.0015', '0.0020']);
    expect([0.96, 0.98].map((v) => formatTick(v, 0.02))).toEqual(['0.96', '0.98']);
    expect(formatTick(-0.0002, 0.01)).toBe('0');
    expect([20_000, 40_000].map((v) => formatTick(v, 20_000))).toEqual(['20k', '40k']);
    expect([0.25, 0.5, 0.75].map((v) => formatTick(v, 0.25))).toEqual(['0.25', '0.50', '0.75']);
    expect([0.1, 0.2, 0.30000000000000004].map((v) => formatTick(v, 0.1))).toEqual(['0.1', '0.2', '0.3']);
    expect(formatTick(2e6, 1e6)).toBe('2e6');
    expect(formatTick(500, 500)).toBe('500');
  });
});

describe('formatSeconds', () => {
  it.each([[1.24, '1.2 s'], [48, '48 s'], [200, '3 min 20 s'], [7_500, '2 h 05 min'], [Infinity, '–']])('shows %p as %s', (seconds, text) => expect(formatSeconds(seconds)).toBe(text));
});

describe('formatLogTick', () => {
  it.each([[0.01, '0.01'], [1, '1'], [20, '20'], [0.16291213, '0.163'], [0.0815144, '0.0815'], [3.14159e-7, '3.14e−7'], [1e6, '1e6']])('shows %p as %s', (value, text) => expect(formatLogTick(value)).toBe(text));
});
