import fc from 'fast-check';
import { formatView, goTo, isAnotherPage, parseView, startView, type View } from './view.model.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const view: fc.Arbitrary<View> = fc.record({
  runs: fc.uniqueArray(text.filter((id) => id !== ''), { maxLength: 3 }),
  other: fc.constantFrom('runs', 'train', 'labs', 'lessons'),
  lesson: text,
  filter: text,
  sort: fc.constantFrom('-created', 'name', '-metric:validation/accuracy'),
  axis: fc.constantFrom('step', 'relative', 'wall'),
  smoothing: fc.constantFrom(0, 0.6, 0.99),
  log: fc.uniqueArray(fc.constantFrom('loss', 'gradientNorm', '*', 'a/b'), { maxLength: 3 }),
  x: fc.option(fc.tuple(fc.integer(), fc.integer({ min: 1, max: 1e6 })).map(([from, width]) => [from, from + width] as const), { nil: undefined }),
  last: fc.option(fc.integer({ min: 1, max: 1e9 }), { nil: undefined }),
  at: fc.option(fc.nat(), { nil: undefined }),
  gap: fc.boolean(),
  group: text,
  columns: fc.array(text.filter((column) => column !== ''), { maxLength: 3 }),
  coordinates: fc.boolean(),
  spec: fc.boolean(),
  theme: fc.constantFrom('auto', 'light', 'dark'),
  language: fc.constantFrom('auto', 'en', 'ko'),
  lab: text,
  options: fc.dictionary(fc.constantFrom('on', 'steps'), text),
  train: fc.dictionary(fc.constantFrom('data', 'model', 'learningRate'), text),
}).map(({ other, lesson, lab, ...rest }) => {
  const page = rest.runs.length > 0 ? 'run' : other;
  return { ...rest, page, lesson: page === 'lessons' ? lesson : '', lab: page === 'labs' ? lab : '' } as View;
});

describe('the address', () => {
  it('holds the whole view', () => {
    fc.assert(fc.property(view, (view) => {
      const { x, last, at, ...rest } = parseView(formatView(view));
      expect({ ...rest, x, last, at }).toEqual({ ...view, train: { ...view.train }, options: { ...view.options } });
    }));
  });

  it('of the first page is empty', () => expect(formatView(startView)).toBe(''));

  it('reads well', () => {
    expect(formatView({ ...startView, page: 'run', runs: ['a', 'b'], smoothing: 0.6, log: ['loss'], x: [10, 250] })).toBe('?run=a&run=b&smooth=0.6&log=loss&x=10..250');
  });

  it('with nonsense in it shows defaults', () => {
    expect(parseView('?x=9..3&smooth=7&axis=moon&theme=&last=-1&run=&lang=xx&q')).toEqual(startView);
    fc.assert(fc.property(fc.string(), (query) => {
      const { smoothing, x } = parseView(query);
      expect(smoothing).toBeLessThan(1);
      if (x) expect(x[0]).toBeLessThan(x[1]);
    }));
  });
});

describe('goTo', () => {
  it('keeps what belongs to the person and drops what belongs to the page', () => {
    const run: View = { ...startView, page: 'run', runs: ['a'], x: [1, 2], theme: 'dark', smoothing: 0.5 };
    expect(goTo(run, 'train')).toEqual({ ...startView, page: 'train', theme: 'dark', smoothing: 0.5 });
    expect(isAnotherPage(run, goTo(run, 'run', ['b']))).toBe(true);
    expect(isAnotherPage(run, { ...run, smoothing: 0.9, x: undefined })).toBe(false);
  });
});
