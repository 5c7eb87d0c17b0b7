import fc from 'fast-check';
import { formatCursor, parseCursor, parseNote, parseStreamEvent, pointsOf } from './stream.ts';

describe('a cursor', () => {
  it('of one run reads run:position', () => {
    expect(formatCursor(new Map([['r1', 12]]))).toBe('r1:12');
  });

  it('comes back from its text', () => {
    const id = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,12}$/);
    fc.assert(fc.property(fc.uniqueArray(fc.tuple(id, fc.nat()), { selector: ([run]) => run }), (entries) => {
      expect([...parseCursor(formatCursor(new Map(entries)))]).toEqual(entries);
    }));
  });

  it.each(['', 'r1', 'r1:', 'r1:-1', 'r1:1e3', '~', '~!!', '~W10x', '../a:1'])('is refused where it reads %j', (text) => {
    expect(() => parseCursor(text)).toThrow(`since: expected a cursor as the stream gave it, like run:12, received '${text}'`);
  });
});

describe('pointsOf', () => {
  it('gives single points row by row, without the absent ones', () => {
    expect(pointsOf({ run: 'r', attempt: 1, t0: 100, step: [5, 6], dt: [0, 2], m: { a: [1, null], b: [NaN, 2] } })).toEqual([
      { run: 'r', attempt: 1, metric: 'a', step: 5, wall: 100, value: 1 },
      { run: 'r', attempt: 1, metric: 'b', step: 5, wall: 100, value: NaN },
      { run: 'r', attempt: 1, metric: 'b', step: 6, wall: 102, value: 2 },
    ]);
  });
});

describe('an event beside the points', () => {
  const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]).toString('base64');

  it.each([
    { type: 'alert', wall: 1, level: 'error', title: 'diverged', step: 7 },
    { type: 'text', wall: 1, name: 'sample', text: 'Shall I compare thee', step: 7 },
    { type: 'histogram', wall: 1, name: 'weights/dense', step: 7, edges: [-1, 0, 1], counts: [3, 4], nan: 1 },
    { type: 'image', wall: 1, name: 'first layer', step: 7, png, caption: 'filters' },
  ] as const)('of type $type is read as a publisher sends it, and comes back from a stream', (given) => {
    expect(parseNote(given)).toEqual(given);
    expect(parseStreamEvent(JSON.stringify({ ...given, run: 'r', lsn: [3, 3] }))).toEqual({ ...given, run: 'r', lsn: [3, 3] });
  });

  it.each([
    [{ type: 'histogram', edges: [0, 1], counts: [1, 2] }, 'event: edges must be one more than the 2 counts, received 2'],
    [{ type: 'histogram', edges: [1, 0], counts: [1] }, 'event: edges must rise, received'],
    [{ type: 'histogram', edges: [0, 1], counts: [-1] }, 'event: counts.0 is wrong'],
    [{ type: 'image', png: 'PHN2Zz48L3N2Zz4=' }, 'event: png must be a PNG in base64, received'],
    [{ type: 'image', png, step: -1 }, 'event: step must be a whole number of at least 0, received -1'],
    [{ type: 'image', png, name: 'a\u0000' }, 'event: name must be 1 to 250 bytes of text'],
  ])('is refused where it is %j', (wrong, sentence) => {
    expect(() => parseNote({ wall: 1, name: 'n', step: 0, ...wrong })).toThrow(sentence);
  });
});
