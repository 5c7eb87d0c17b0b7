import { en } from './en.ts';
import { ko } from './ko.ts';
import { wordsOf } from './words.tsx';

type Tree = { readonly [key: string]: unknown };
const leaves = (tree: Tree, path = ''): [string, unknown][] => Object.entries(tree).flatMap(([key, value]) =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? leaves(value as Tree, `${path}${key}.`) : [[`${path}${key}`, value] as [string, unknown]]);

describe('the catalogues', () => {
  it('say the same things', () => {
    expect(leaves(ko).map(([path, value]) => [path, typeof value])).toEqual(leaves(en).map(([path, value]) => [path, typeof value]));
    expect(ko.help.keys.map(([keys]) => keys)).toEqual(en.help.keys.map(([keys]) => keys));
  });

  it('leave nothing untranslated but names', () => {
    const same = leaves(ko).filter(([path, value]) => typeof value === 'string' && value === leaves(en).find(([p]) => p === path)![1]).map(([path]) => path);
    expect(same.filter((path) => !path.startsWith('shell.languages.'))).toEqual([]);
  });

  it('are chosen by hand or by the browser, English where neither is known', () => {
    expect([wordsOf('ko', ['de']), wordsOf('auto', ['de', 'ko-KR', 'en']), wordsOf('auto', ['de'])].map(({ locale }) => locale)).toEqual(['ko', 'ko', 'en']);
  });
});

describe('summaries', () => {
  const summary = { points: 1_200, nan: 3, infinite: 0, first: { x: 0, y: 2.31 }, last: { x: 9, y: 0.04 }, min: { x: 9, y: 0.04 }, max: { x: 4, y: 7.9 }, trend: 'fell' } as const;
  it('say what a curve did', () => {
    expect(en.charts.summary('loss', [{ label: 'train', summary }], 'step')).toBe('loss. train fell from 2.31 to 0.04 over 1,200 points; least 0.04, greatest 7.9; 3 NaN.');
    expect(en.charts.summary('loss', [{ label: 'train', summary: { points: 0, nan: 0, infinite: 0 } }], 'step')).toBe('loss. train: no points yet.');
    expect(ko.charts.summary('loss', [{ label: 'train', summary }], 'step')).toContain('2.31에서 0.04');
  });
});
