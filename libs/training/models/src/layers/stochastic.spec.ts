import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { fold, key } from '@gradstream/numerics';
import { apply, build, dense, dropConnect, dropElements, dropout, keepScales, keeps, sequential, spatialDropout, stochasticDepth, type Layer } from '../index.ts';

tf.enableProdMode();
beforeAll(() => tf.setBackend('cpu'));

/** What layers without params make of ones in training. */
const ofOnes = (layers: readonly Layer[], shape: number[], step = 1): number[] =>
  tf.tidy(() => {
    const built = { ...build(sequential({ layers: [...layers, dense({ units: 1 })] }), shape.slice(1), 1) };
    return [...apply({ ...built, layers: built.layers.slice(0, -1) }, {}, tf.ones(shape), { training: true, key: fold(key(1), step) }).outputs.dataSync()];
  });

it('a mask drops the asked share and scales what it keeps so that the mean stays', () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 20 }), fc.integer(), (twentieths, seed) => {
    const rate = twentieths / 20;
    const mask = keepScales(key(seed), 4_000, rate);
    const dropped = mask.filter((m) => m === 0).length / 4_000;
    expect(Math.abs(dropped - rate)).toBeLessThanOrEqual(5 * Math.sqrt((rate * (1 - rate)) / 4_000));
    expect([...new Set(mask)].filter((m) => m !== 0)).toEqual(rate < 1 ? [Math.fround(1 / (1 - rate))] : []);
    expect(keeps(key(seed), 4_000, rate)).toEqual(mask.map((m) => Number(m > 0)));
  }), { numRuns: 30 });
});

it('two layers of a model draw apart, and what a layer draws does not depend on the others', () => {
  const alone = ofOnes([dropout({ rate: 0.5, as: 'mine' })], [4, 50]);
  expect(ofOnes([dropout({ rate: 0.5, as: 'other' })], [4, 50])).not.toEqual(alone);
  expect(ofOnes([dropout({ rate: 0, as: 'first' }), dropout({ rate: 0.5, as: 'mine' })], [4, 50])).toEqual(alone);
  const twice = ofOnes([dropout({ rate: 0.5 }), dropout({ rate: 0.5 })], [4, 50]);
  expect(twice.filter((y) => y > 0).length).toBeLessThan(80);
});

it('spatial dropout drops whole channels of one example, stochastic depth whole examples', () => {
  const maps = ofOnes([spatialDropout({ rate: 0.5 }), { ...flatten }], [6, 3, 4, 5]);
  for (let example = 0; example < 6; example++) {
    for (let channel = 0; channel < 5; channel++) expect(new Set(Array.from({ length: 12 }, (_, place) => maps[example * 60 + place * 5 + channel])).size).toBe(1);
  }
  expect(new Set(maps)).toEqual(new Set([0, 2]));
  const rows = ofOnes([stochasticDepth({ rate: 0.5 })], [40, 3]);
  for (let example = 0; example < 40; example++) expect(new Set(rows.slice(3 * example, 3 * example + 3)).size).toBe(1);
  expect(new Set(rows)).toEqual(new Set([0, 2]));
  expect(new Set(ofOnes([stochasticDepth({ rate: 0.5, mode: 'batch' })], [40, 3])).size).toBe(1);
});

it('DropConnect drops weights, the same for the whole batch', () => {
  tf.tidy(() => {
    const built = build(sequential({ layers: [dropConnect({ units: 4, rate: 0.5, as: 'd' })] }), [3], 4);
    const kernel = tf.ones([3, 4]);
    const run = (training: boolean) => apply(built, { 'd/kernel': kernel, 'd/bias': tf.zeros([4]) }, tf.eye(3), { training, key: key(1) }).outputs;
    expect(new Set(run(true).dataSync())).toEqual(new Set([0, 2]));
    expect([...run(false).dataSync()]).toEqual(new Array(12).fill(1));
    const both = apply(built, { 'd/kernel': kernel, 'd/bias': tf.zeros([4]) }, tf.ones([2, 3]), { training: true, key: key(1) }).outputs.dataSync();
    expect([...both.slice(0, 4)]).toEqual([...both.slice(4)]);
  });
});

it('the gradient passes where the mask does, with the same scale', () => {
  tf.tidy(() => {
    const keep = Float32Array.of(1, 0, 1);
    const gradient = tf.grad((x) => tf.sum(dropElements(x, keep, [3], 0.75)))(tf.tensor1d([5, 6, 7]));
    expect([...gradient.dataSync()]).toEqual([4, 0, 4]);
  });
});

const flatten: Layer = { kind: 'flatten', name: 'flat' };
