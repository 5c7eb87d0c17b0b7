import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { augmentations } from '@gradstream/augment';
import { buildParts, stoppingRules } from '@gradstream/pipeline';
import { registriesIn } from '@gradstream/pipeline/node';
import { readRunSpec } from '@gradstream/protocol';
import { regularizers } from '@gradstream/regularizers';
import { carryOut, cases, documentOf } from './resume/kill.ts';

const dir = mkdtempSync(join(tmpdir(), 'gradstream-resume-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const documents = cases.map((each) => ({ name: each.name, spec: readRunSpec(documentOf(each, dir), each.name) }));

/** Names of parts anywhere in the documents. */
const named = new Set<string>();
const collect = (value: unknown): void => {
  if (typeof value === 'string') named.add(value);
  else if (typeof value === 'object' && value !== null) Object.values(value).forEach(collect);
};
documents.forEach(({ spec }) => collect(spec));
documents.forEach(({ spec }) => Object.keys(spec.earlyStopping ?? {}).forEach((key) => named.add(key)));

test.each<[string, readonly string[]]>([
  ['regularizer', Object.keys(regularizers)],
  ['augmentation', Object.keys(augmentations)],
  ['layer that draws', ['dropout', 'spatialDropout', 'alphaDropout', 'gaussianDropout', 'gaussianNoise', 'dropConnect', 'stochasticDepth']],
  ['stopping rule', Object.keys(stoppingRules).filter((name) => name !== 'generalizationLoss')],
  ['link with a memory of its own', ['addNoise', 'averageByEma', 'accumulate', 'sam', 'lookahead', 'scheduleFreeAdamW']],
])('the documents of npm run resume hold every %s', (_, names) => {
  expect(names.filter((name) => !named.has(name))).toEqual([]);
});

test.each(documents)('$name can be built', ({ name, spec }) => {
  expect(buildParts(spec, name, registriesIn()).spec).toBe(spec);
});

test('a run that is killed twice, with batches made ahead in two workers, ends in the same bits', async () => {
  const run = carryOut(cases.find(({ name }) => name === 'averages-of-a-table')!, dir);
  const whole = await run.whole();
  const { weightsSha256, steps } = await run.killed([0.55 * whole.ms, 0.8 * whole.ms]);
  expect([weightsSha256, steps]).toEqual([whole.weightsSha256, whole.steps]);
}, 180_000);
