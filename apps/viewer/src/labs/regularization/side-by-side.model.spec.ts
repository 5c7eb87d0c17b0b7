import { useBackend } from '@gradstream/engine';
import { batches } from '@gradstream/pipeline';
import { lastValueFrom, toArray } from 'rxjs';
import { planeOf, surfaceOf } from '../../train/surface.ts';
import { armNames } from './arms.ts';
import { parseRegularization } from './regularization.settings.ts';
import { contendersOf, dataOf, differenceOf, probabilitiesOf, scoreOf, sideBySide, stepAll } from './side-by-side.model.ts';

const settings = parseRegularization({ width: '8', points: '40', epochs: '10', maxNorm: '0.5' });

describe('arms side by side', () => {
  beforeAll(async () => { await useBackend({ backend: 'wasm' }); });

  it('have the same first weights', async () => {
    const contenders = contendersOf(settings, await dataOf(settings));
    const [none, ...others] = contenders.map(({ trainer }) => trainer.weights());
    expect(contenders.map(({ name }) => name)).toEqual(armNames);
    for (const weights of others) {
      for (const [name, { values }] of none) if (weights.has(name)) expect([...weights.get(name)!.values]).toEqual([...values]);
      expect(weights.has('hidden2/kernel')).toBe(true);
    }
    contenders.forEach(({ trainer }) => trainer.dispose());
  });

  it('see the same batches: at strength 0 an arm is the arm without a regularizer, bit for bit', async () => {
    const zero = parseRegularization({ width: '8', points: '40', arms: 'none,dropout,inputNoise,weightNoise,labelSmoothing', dropout: '0', inputNoise: '0', weightNoise: '0', labelSmoothing: '0' });
    const data = await dataOf(zero);
    const contenders = contendersOf(zero, data);
    for (const batch of await lastValueFrom(batches(data.train, { size: 20, steps: 7, seed: zero.seed }).pipe(toArray()))) stepAll(contenders, batch);
    const [none, ...others] = contenders.map(({ trainer }) => trainer.weights());
    expect(others).toHaveLength(4);
    for (const weights of others) for (const [name, { values }] of none) expect([...weights.get(name)!.values]).toEqual([...values]);
    contenders.forEach(({ trainer }) => trainer.dispose());
  });

  it('differ with their strengths, and a run repeats itself bit for bit', async () => {
    const data = await dataOf(settings);
    const run = async () => lastValueFrom(sideBySide(settings, data, planeOf(data), contendersOf(settings, data)).pipe(toArray()));
    const [first, again] = [await run(), await run()];
    expect(again.map(({ standings }) => standings)).toEqual(first.map(({ standings }) => standings));
    const bytesOf = (run: typeof first) => Buffer.concat(run.flatMap(({ pictures = [] }) => pictures.flatMap(({ probabilities, weights }) => [probabilities, weights].map(({ buffer }) => Buffer.from(buffer)))));
    expect(bytesOf(again).equals(bytesOf(first))).toBe(true);
    const last = first.at(-1)!;
    expect(last.epoch).toBe(10);
    expect(last.pictures!.map(({ name }) => name)).toEqual(armNames);
    const losses = last.standings.map(({ train: { loss } }) => loss);
    // Early stopping alone trains as the plain arm does.
    expect(new Set(losses).size).toBeGreaterThanOrEqual(armNames.length - 1);
    for (const { loss, error } of last.standings.flatMap(({ train, validation }) => [train, validation])) expect(loss > 0 && error >= 0 && error <= 1).toBe(true);
  });

  it('stop early with the weights of their best evaluation', async () => {
    const eager = parseRegularization({ width: '32', points: '20', epochs: '120', arms: 'none,earlyStopping', earlyStopping: '5', noise: '0.5' });
    const data = await dataOf(eager);
    const progress = await lastValueFrom(sideBySide(eager, data, planeOf(data), contendersOf(eager, data)).pipe(toArray()));
    const plain = progress.map(({ standings }) => standings[0].validation.loss);
    const end = progress.at(-1)!.standings[1];
    expect(end.stopped).toBe(true);
    expect(end.validation.loss).toBe(plain[end.epoch - 1]);
    expect(end.validation.loss).toBe(Math.min(...plain.slice(0, end.epoch + 5)));
  });

  it('are drawn from their weights in float64 as the engine computes them', async () => {
    const data = await dataOf(settings);
    const plane = planeOf(data);
    const contenders = contendersOf(settings, data);
    for (const batch of await lastValueFrom(batches(data.train, { size: 20, steps: 30, seed: 1 }).pipe(toArray()))) stepAll(contenders, batch);
    expect(differenceOf(contenders, plane)).toBeLessThan(1e-5);
    const normalized = contenders.find(({ name }) => name === 'batchNorm')!.trainer;
    const plain = contenders.find(({ name }) => name === 'none')!.trainer;
    const [a, b] = [probabilitiesOf(normalized.evaluationWeights(), plane, 64), surfaceOf(plain, plane, 0).probabilities];
    expect(Math.max(...a.map((value, i) => Math.abs(value - b[i])))).toBeGreaterThan(0.01);
    contenders.forEach(({ trainer }) => trainer.dispose());
  });
});

it('scores outputs against plain labels', () => {
  const { loss, error } = scoreOf([0, Math.log(3), 5, 5 + Math.log(3)], { targets: { kind: 'classes', width: 2, shape: [2], values: Int32Array.from([1, 0]) } });
  expect(loss).toBeCloseTo((-Math.log(0.75) - Math.log(0.25)) / 2, 12);
  expect(error).toBe(0.5);
});
