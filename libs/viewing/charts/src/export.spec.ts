import { Curve } from './curve.ts';
import { toCsv, toJson, toSvg } from './export.ts';

const line = (label: string, points: readonly (readonly [number, number])[]) => {
  const curve = new Curve();
  for (const [x, y] of points) curve.append(x, y);
  return { label, curve };
};
const lines = [line('train', [[0, 1], [1, NaN], [2, 0.5]]), line('validation, "best"', [[1, Infinity], [5, 3]])];

describe('toCsv', () => {
  it('has a row for each x of the window and quotes what needs it', () => {
    expect(toCsv('step', lines, [0, 2])).toBe('step,train,"validation, ""best"""\n0,1,\n1,NaN,Infinity\n2,0.5,\n');
  });

  it('gives a spreadsheet nothing to compute', () => {
    expect(toCsv('step', [line('=cmd()', [[0, 1]])], [0, 1])).toContain("'=cmd()");
  });
});

describe('toJson', () => {
  it('spells what JSON has no numbers for', () => {
    expect(JSON.parse(toJson(lines, [0, 9]))).toEqual([{ label: 'train', x: [0, 1, 2], y: [1, 'NaN', 0.5] }, { label: 'validation, "best"', x: [1, 5], y: ['Infinity', 3] }]);
  });
});

describe('toSvg', () => {
  const picture = (label: string, log = false) => toSvg({
    title: '<script>', x: [0, 2], y: [0.1, 2], log, colors: { text: '#000', grid: '#eee', surface: '#fff' },
    lines: [{ label, color: '#1b62d4', dash: [6, 3], columns: lines[0].curve.columns(0, 2, 100) }],
  });

  it('breaks a line where values are not finite, and names it', () => {
    const svg = picture('train');
    const path = /<path d="(M[^"]+)" stroke="#1b62d4" stroke-dasharray/.exec(svg)![1];
    expect(path.match(/M/g)).toHaveLength(2);
    expect(svg).toContain('>train</text>');
  });

  it('takes every text for text', () => {
    expect(picture('"><img onerror=1>')).not.toMatch(/<(img|script)/);
  });

  it('has powers of ten on a logarithmic axis', () => {
    expect([...picture('train', true).matchAll(/text-anchor="end"[^>]*>([^<]+)</g)].map(([, label]) => label)).toEqual(['0.1', '1']);
  });
});
