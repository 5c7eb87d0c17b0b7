import { ago } from './ago.ts';

describe('ago', () => {
  it.each([[0, 'now'], [59, 'now'], [-5, 'now'], [60, '1 min. ago'], [7_300, '2 hr. ago'], [86_400, 'yesterday'], [5 * 86_400, '5 days ago']])('%d seconds are "%s"', (seconds, text) => {
    expect(ago(1e12 - seconds * 1_000, 1e12, 'en')).toBe(text);
  });
});
