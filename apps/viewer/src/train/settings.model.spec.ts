import { buildParts, registries } from '@gradstream/pipeline';
import { parseRunSpec } from '@gradstream/protocol';
import fc from 'fast-check';
import { activationNames, bounds, codeOf, dataNames, formatSettings, optimizerNames, parseSettings, readHidden, readNumber, specOf, startSettings, type TrainSettings } from './settings.model.ts';

const settings: fc.Arbitrary<TrainSettings> = fc.record({
  data: fc.constantFrom(...dataNames),
  file: fc.constantFrom('', 'my data.csv', '\'"${x}`.csv'),
  target: fc.constantFrom('', 'class', 'a"b'),
  noise: fc.constantFrom(0, 0.1, 0.7),
  hidden: fc.array(fc.integer({ min: 1, max: 512 }), { maxLength: 6 }),
  activation: fc.constantFrom(...activationNames),
  dropout: fc.constantFrom(0, 0.25),
  optimizer: fc.constantFrom(...optimizerNames),
  learningRate: fc.constantFrom(1e-5, 0.003, 3),
  batchSize: fc.integer({ min: 1, max: 1_024 }),
  epochs: fc.integer({ min: 1, max: 10_000 }),
  l2: fc.constantFrom(0, 0.01),
  seed: fc.nat(),
  backend: fc.constantFrom('auto', 'webgl', 'wasm', 'cpu'),
}).map((any) => (any.data === 'csv' ? any : { ...any, file: '', target: '' }));

describe('settings', () => {
  it('survive the address', () => {
    fc.assert(fc.property(settings, (settings) => expect(parseSettings(formatSettings(settings))).toEqual(settings)));
  });

  it('take no room in it while they are the defaults of their data', () => {
    expect(formatSettings(startSettings('digits'))).toEqual({});
    expect(formatSettings(startSettings('moons'))).toEqual({ data: 'moons' });
  });

  it('fall back on defaults for anything that is not allowed', () => {
    expect(parseSettings({ data: 'moon', batchSize: '1.5', dropout: '1', hidden: '9,x', optimizer: '__proto__', learningRate: 'NaN', seed: '-1', epochs: '' })).toEqual(startSettings());
    fc.assert(fc.property(fc.dictionary(fc.constantFrom('data', ...Object.keys(bounds), 'hidden'), fc.string()), (given) => {
      const { learningRate, dropout } = parseSettings(given);
      expect(learningRate).toBeGreaterThanOrEqual(1e-5);
      expect(dropout).toBeLessThanOrEqual(0.9);
    }));
  });

  it('read numbers within their bounds, and whole ones where only these make sense', () => {
    expect([readNumber('batchSize', '64'), readNumber('batchSize', '6.4'), readNumber('batchSize', '0'), readNumber('l2', '1e-4'), readNumber('l2', ' ')]).toEqual([64, undefined, undefined, 1e-4, undefined]);
    expect([readHidden('64, 32'), readHidden(''), readHidden('0'), readHidden('1,2,3,4,5,6,7')]).toEqual([[64, 32], [], undefined, undefined]);
  });
});

describe('specOf', () => {
  it('writes documents that the pipeline takes, whatever is chosen', () => {
    fc.assert(fc.property(settings, (settings) => {
      const spec = specOf(settings);
      expect(parseRunSpec(JSON.parse(JSON.stringify(spec)), 'spec')).toEqual(spec);
      if (settings.data !== 'csv') expect(Object.keys(registries.dataset)).toContain(settings.data);
      expect(buildParts(spec, 'spec').optimizer).toBeDefined();
    }), { numRuns: 50 });
  });
});

describe('codeOf', () => {
  it('names what it imports, and imports what it names', () => {
    fc.assert(fc.property(settings, (settings) => {
      const code = codeOf(settings);
      const imported = [...code.matchAll(/import \{ ([^}]+) \}/g)].flatMap(([, names]) => names.split(', '));
      const body = code.slice(code.indexOf('\nconst ')).replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');
      for (const name of imported) expect(body).toMatch(new RegExp(`\\b${name}\\(`));
      for (const [, name] of body.matchAll(/(?<![.\w])(\w+)\(/g)) if (name !== 'import') expect(imported).toContain(name);
    }));
  });
});
