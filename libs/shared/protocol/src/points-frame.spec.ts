import { InputError } from '@gradstream/numerics';
import fc from 'fast-check';
import { decodeFrame, encodeFrame } from './frame.ts';
import { decodePoints, encodePoints } from './points-frame.ts';
import { formatPoints, parsePoints, type PointsBatch } from './points.ts';
import { stringify } from './json-number.ts';

const value = fc.oneof(fc.double(), fc.float(), fc.constantFrom(NaN, Infinity, -Infinity, 0));
const name = fc.string({ minLength: 1, maxLength: 20, unit: fc.constantFrom(...'abc/ _é__proto__'.normalize('NFC')) });

const batches: fc.Arbitrary<PointsBatch> = fc.tuple(fc.integer({ min: 0, max: 12 }), fc.uniqueArray(name, { maxLength: 4 })).chain(([n, names]) => fc.record({
  writer: fc.constant('w'),
  seq: fc.integer({ min: 1, max: 1e9 }),
  attempt: fc.nat(5),
  t0: fc.integer({ min: 0, max: 2e12 }),
  step: fc.oneof(
    fc.array(fc.nat(2 ** 40), { minLength: n, maxLength: n }).map((steps) => Float64Array.from(steps)),
    fc.tuple(fc.nat(100), fc.integer({ min: 1, max: 9 })).map(([from, by]) => Float64Array.from({ length: n }, (_, i) => from + i * by)),
  ),
  dt: fc.array(fc.oneof(fc.nat(1000), fc.double({ noNaN: true, noDefaultInfinity: true })), { minLength: n, maxLength: n }).map((ms) => Float64Array.from(ms, (x) => x + 0)),
  columns: fc.tuple(...names.map((metric) => fc.tuple(fc.array(value, { minLength: n, maxLength: n }), fc.option(fc.array(fc.boolean(), { minLength: n, maxLength: n }))).map(([values, kept]) => {
    const rows = kept && kept.includes(false) ? kept.flatMap((keep, i) => (keep ? [i] : [])) : undefined;
    return rows ? { metric, at: Uint32Array.from(rows), values: Float64Array.from(rows, (row) => values[row]) } : { metric, values: Float64Array.from(values) };
  }))),
}));

describe('a batch of points', () => {
  it('comes back from a frame with every bit', () => {
    fc.assert(fc.property(batches, (batch) => {
      expect(decodePoints(encodePoints(batch))).toEqual(batch);
    }));
  });

  it('comes back from a frame that lies anywhere in a Buffer, as it does when it came over a socket', () => {
    fc.assert(fc.property(batches, fc.nat(8), (batch, at) => {
      const frame = encodePoints(batch);
      const received = Buffer.alloc(frame.length + at);
      received.set(frame, at);
      expect(decodePoints(received.subarray(at))).toEqual(batch);
    }));
  });

  it('comes back from JSON, where NaN and infinities are words and -0 is 0', () => {
    fc.assert(fc.property(batches, (batch) => {
      const columns = batch.columns.map((column) => ({ ...column, values: column.values.map((x) => x + 0) }));
      expect(parsePoints(JSON.parse(stringify(formatPoints(batch))))).toEqual({ ...batch, columns });
    }));
  });

  it('takes 4 bytes a value where 32 bits hold it', () => {
    const batch = (values: number[]): PointsBatch => ({ writer: 'w', seq: 1, attempt: 0, t0: 0, step: Float64Array.from(values, (_, i) => i), dt: new Float64Array(values.length), columns: [{ metric: 'm', values: Float64Array.from(values) }] });
    const n = 1000;
    const narrow = encodePoints(batch(Array.from({ length: n }, (_, i) => Math.fround(1 / (i + 3))))).length;
    const wide = encodePoints(batch(Array.from({ length: n }, (_, i) => 1 / (i + 3)))).length;
    expect(wide - narrow).toBe(4 * n);
    expect(narrow).toBeLessThan(4 * n + 200);
  });

  it('is refused, or known to be torn, with any byte changed or cut off', () => {
    const bytes = encodePoints({ writer: 'w', seq: 1, attempt: 0, t0: 5, step: Float64Array.of(3, 1, 2), dt: Float64Array.of(0, 1, 2), columns: [{ metric: 'a', values: Float64Array.of(1, NaN, 0.1) }] });
    fc.assert(fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const harmed = bytes.slice();
      harmed[at] ^= flip;
      expect(() => decodePoints(harmed)).toThrow(InputError);
    }));
    fc.assert(fc.property(fc.nat(bytes.length - 1), (length) => {
      expect(decodeFrame(bytes.subarray(0, length))).toBeUndefined();
    }));
  });

  it.each([
    ['another kind', { kind: 'x' }, 'kind must be'],
    ['no columns', { kind: 'points', writer: 'w', seq: 1, attempt: 0, t0: 0, n: 0, step: [0, 1], dt: '0' }, 'columns'],
    ['more rows than bytes', { kind: 'points', writer: 'w', seq: 1, attempt: 0, t0: 0, n: 4e6, step: 'f64', dt: '0', columns: [] }, 'more than the 0 bytes'],
    ['a control character in a name', { kind: 'points', writer: 'w', seq: 1, attempt: 0, t0: 0, n: 0, step: [0, 1], dt: '0', columns: [['a\n', 'f64']] }, 'metric name'],
  ])('with %s in its header is refused', (_, header, sentence) => {
    expect(() => decodePoints(encodeFrame(header))).toThrow(sentence);
  });

  it('is found at any offset of a journal, in turn', () => {
    const frames = [1, 2, 3].map((seq) => encodeFrame({ seq }, [Uint8Array.of(seq)]));
    const journal = Uint8Array.from([0, ...frames.flatMap((frame) => [...frame])]);
    let at = 1;
    for (const seq of [1, 2, 3]) {
      const frame = decodeFrame(journal, at)!;
      expect(frame.header).toEqual({ seq });
      expect(frame.body[0]).toBe(seq);
      at += frame.length;
    }
    expect(at).toBe(journal.length);
  });
});

describe('the JSON form', () => {
  const good = { writer: 'w', seq: 1, t0: 0, step: [1, 2], m: { a: [1, null] } };

  it('takes steps as a rule, and leaves dt and attempt at 0', () => {
    expect(parsePoints({ ...good, step: { from: 4, by: 2, n: 2 } })).toEqual({
      writer: 'w', seq: 1, attempt: 0, t0: 0, step: Float64Array.of(4, 6), dt: new Float64Array(2), columns: [{ metric: 'a', values: Float64Array.of(1), at: Uint32Array.of(0) }],
    });
  });

  it('keeps a metric named __proto__', () => {
    expect(parsePoints(JSON.parse('{"writer":"w","seq":1,"t0":0,"step":[1],"m":{"__proto__":[3]}}')).columns).toEqual([{ metric: '__proto__', values: Float64Array.of(3) }]);
  });

  it.each([
    [{ ...good, seq: 0 }, 'points: seq must be a whole number of at least 1, received 0'],
    [{ ...good, attempt: -1 }, 'points: attempt must be a whole number of at least 0, received -1'],
    [{ ...good, step: [1, -2] }, 'points: step[1] must be a whole number of at least 0, received -2'],
    [{ ...good, step: [1, 0.5] }, 'points: step[1] must be a whole number of at least 0, received 0.5'],
    [{ ...good, dt: [1] }, 'points: dt must be a list of 2 numbers, received 1 of them'],
    [{ ...good, m: { a: [1] } }, "points: m['a'] must be a list of 2 values, received 1 of them"],
    [{ ...good, m: { a: [1, 'nan'] } }, "points: m['a'][1] must be a number, null, 'NaN', 'Infinity' or '-Infinity', received 'nan'"],
    [{ ...good, m: { '': [1, 2] } }, "points: m has a name that must be 1 to 250 bytes of text without control characters, received ''"],
    [{ ...good, m: [] }, 'points: m must hold lists of values by metric name, received []'],
    [{ ...good, extra: 1 }, 'points: extra is not a known field'],
    [null, 'points: the body is wrong'],
  ])('refuses %j with one sentence', (body, sentence) => {
    expect(() => parsePoints(body)).toThrow(sentence);
  });
});
