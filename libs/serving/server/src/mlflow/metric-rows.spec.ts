import fc from 'fast-check';
import { batchOf } from './metric-writer.ts';
import { readLogBatch, rowsOf, type MetricRows } from './metric-rows.ts';
import { metrics as metricsSchema } from './model.ts';
import { notPlain, PlainJson } from './plain-json.ts';

const columns = ({ keys, key, value, timestamp, step }: MetricRows) => ({ keys: [...keys], key: [...key], value: [...value], timestamp: [...timestamp], step: [...step] });

/** What `JSON.parse` and the schema make of a body. */
function schemaReads(body: Buffer) {
  const { run_id: id, run_uuid: uuid, metrics = [] } = JSON.parse(body.toString());
  return { run: id ?? uuid ?? '', rows: columns(rowsOf(metricsSchema.parse(metrics))) };
}

const reads = (text: string) => {
  const read = readLogBatch(Buffer.from(text));
  return read && { run: read.run, rows: columns(read.rows) };
};

const key = fc.constantFrom('loss', 'train/accuracy', 'a b', ...'xyz');
const whole = fc.oneof(fc.nat(1e6), fc.integer({ min: 0, max: 999_999_999_999_999 }));
const value = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.float({ noNaN: true, noDefaultInfinity: true }), fc.integer(), fc.constantFrom(0, -0, 0.1, 5e-324, 1e22, 1.7976931348623157e308));
const metric = fc.tuple(key, value, whole, fc.option(whole, { nil: undefined }), fc.boolean()).map(([k, v, timestamp, step, turned]) => {
  const fields = { key: k, value: v, timestamp, ...(step === undefined ? {} : { step }) };
  return turned ? Object.fromEntries(Object.entries(fields).reverse()) : fields;
});
const body = fc.record({ run_id: fc.constantFrom('r1', 'a.b-c'), metrics: fc.array(metric, { maxLength: 30 }) }, { requiredKeys: ['run_id'] }).chain((plain) => fc.constantFrom(plain, { ...plain, params: [], tags: [] }, { run_uuid: 'u', ...plain }));
const written = fc.tuple(body, fc.constantFrom(undefined, 1, '\t', '\r\n ')).map(([given, space]) => JSON.stringify(given, undefined, space));

describe('a log-batch of metrics', () => {
  it('is read from its bytes as JSON.parse and the schema read it', () => {
    fc.assert(fc.property(written, (text) => expect(reads(text)).toEqual(schemaReads(Buffer.from(text)))), { numRuns: 500 });
  });

  it('is left to them where a byte of it is wrong, or read as they read it', () => {
    const mutant = fc.tuple(written, fc.nat(), fc.oneof(fc.constantFrom(...'"\\{}[]:,.-+eE0123456789 \tabn\u007fé'), fc.constant('')), fc.nat(1)).map(([text, at, by, gone]) => {
      const place = at % (text.length + 1);
      return text.slice(0, place) + by + text.slice(place + gone);
    });
    fc.assert(fc.property(mutant, (text) => {
      const read = reads(text);
      if (read) expect(read).toEqual(schemaReads(Buffer.from(text)));
    }), { numRuns: 5000 });
  });

  it.each([
    '', '{', '{}{}', '[]', '{"metrics":[{}]}', '{"metrics":[{"key":"","value":1,"timestamp":1}]}', `{"metrics":[{"key":"${'k'.repeat(251)}","value":1,"timestamp":1}]}`,
    '{"metrics":[{"key":"a","value":"NaN","timestamp":1}]}', '{"metrics":[{"key":"a","value":1}]}', '{"metrics":[{"key":"a","value":1,"timestamp":-1}]}', '{"metrics":[{"key":"a","key":"b","value":1,"timestamp":1}]}',
    '{"metrics":[{"key":"a","value":1,"timestamp":1,"model_id":"m"}]}', '{"metrics":[{"key":"a\\u0062","value":1,"timestamp":1}]}', '{"metrics":[{"key":"é","value":1,"timestamp":1}]}', '{"metrics":[{"key":"a","value":1,"timestamp":1e3}]}',
    '{"metrics":[{"key":"a","value":1,"timestamp":9007199254740993}]}', '{"metrics":[],"metrics":[]}', '{"params":[{"key":"a","value":"b"}]}', '{"tags":{}}', '{"run_id":7}', '{"metrics":[{"key":"a","value":01,"timestamp":1}]}', '{"metrics":[,]}',
    `{"metrics":[${Array.from({ length: 1001 }, () => '{"key":"a","value":1,"timestamp":1}').join()}]}`,
  ])('leaves %s to them', (text) => expect(reads(text)).toBeUndefined());
});

describe('a number', () => {
  const numberOf = (text: string): number => new PlainJson(Buffer.from(text)).number();

  it('is the one that JSON.parse reads, to the last bit', () => {
    const digits = (n: number) => fc.string({ minLength: 1, maxLength: n, unit: fc.constantFrom(...'0123456789') });
    const text = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }).map(String), fc.float({ noNaN: true, noDefaultInfinity: true }).map(String),
      fc.tuple(fc.constantFrom('', '-'), fc.nat(1e9), fc.option(digits(24)), fc.constantFrom('', '', 'e5', 'E-7', 'e+22', 'e-330', 'e400')).map(([sign, n, part, exponent]) => `${sign}${n}${part === null ? '' : `.${part}`}${exponent}`),
    );
    fc.assert(fc.property(text, (given) => expect(numberOf(given)).toBe(JSON.parse(given))), { numRuns: 20_000 });
  });

  it('is rounded right between two doubles, however near the middle', () => {
    fc.assert(fc.property(fc.integer({ min: 2 ** 52, max: 2 ** 53 - 1 }), fc.integer({ min: -3, max: 3 }), fc.integer({ min: 0, max: 22 }), (n, off, scale) => {
      const digits = String(BigInt(n) * 20n + 10n + BigInt(off));
      const text = scale === 0 || scale >= digits.length ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
      expect(numberOf(text)).toBe(Number(text));
    }), { numRuns: 20_000 });
  });

  it.each(['', '-', '.5', '1.', '01', '-01', '1e', '1e+', '+1', 'NaN', '-.1', 'e5'])('%s is none', (text) => expect(() => numberOf(text)).toThrow(notPlain));
});

describe('rows', () => {
  it('hold every value at its step and time, in order', () => {
    fc.assert(fc.property(fc.array(fc.record({ key, value, timestamp: fc.integer({ min: 1000, max: 1003 }), step: fc.nat(4) }), { minLength: 1, maxLength: 40 }), (metrics) => {
      const { t0, step, dt, columns: given } = batchOf('w', 1, rowsOf(metrics));
      const found = given.flatMap(({ metric: name, values, at }) => Array.from(values, (x, i) => ({ key: name, value: x, timestamp: t0 + dt[at ? at[i] : i], step: step[at ? at[i] : i] })));
      for (const name of new Set(metrics.map((each) => each.key))) expect(found.filter((each) => each.key === name)).toEqual(metrics.filter((each) => each.key === name));
      for (const { at } of given) if (at) expect([...at]).toEqual([...new Set(at)].sort((a, b) => a - b));
    }));
  });
});
