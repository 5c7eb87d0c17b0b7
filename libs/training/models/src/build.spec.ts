import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { key } from '@gradstream/numerics';
import { activation, apply, batchNorm, build, conv2d, defineLayer, dense, dropout, initialize, maxPool, residual, sequential } from './index.ts';

tf.enableProdMode();
beforeAll(() => tf.setBackend('cpu'));

const names = (...layers: Parameters<typeof sequential>[0]['layers']) => build(sequential({ layers }), [8, 8, 1], 10).params.map(({ name }) => name);
const image = (...layers: Parameters<typeof sequential>[0]['layers']) => () => build(sequential({ layers }), [8, 8, 1], 10);
const flat = (...layers: Parameters<typeof sequential>[0]['layers']) => () => build(sequential({ layers }), [4], 2);

describe('names', () => {
  it('come from the position among layers of one kind, or are given', () => {
    const built = build(sequential({ layers: [dense({ units: 3 }), dropout({ rate: 0.5 }), dense({ units: 3, as: 'middle' }), dense({ units: 2 })] }), [4], 2);
    expect(built.params.map(({ name }) => name)).toEqual(['dense1/kernel', 'dense1/bias', 'middle/kernel', 'middle/bias', 'dense2/kernel', 'dense2/bias']);
  });

  it('are paths inside of a residual', () => {
    const { params } = build(sequential({ layers: [residual({ layers: [dense({ units: 4 }), batchNorm()] }), dense({ units: 2 })] }), [4], 2);
    expect(params.map(({ name }) => name)).toEqual([
      'block1/dense1/kernel', 'block1/dense1/bias', 'block1/batchNorm1/gamma', 'block1/batchNorm1/beta', 'block1/batchNorm1/mean', 'block1/batchNorm1/variance',
      'dense1/kernel', 'dense1/bias',
    ]);
  });
});

it.each([
  [image(conv2d({ filters: 2, size: 3 }), dense({ units: 10 })), 'sequential: dense1: expects [inputs] or [positions, inputs], received [8,8,2]; flatten() before it'],
  [flat(dense({ units: 3 }), conv2d({ filters: 2, size: 3, as: 'edge' })), 'sequential: edge: expects images [height, width, channels], received [3]'],
  [image(conv2d({ filters: 2, size: 9, padding: 'valid' })), "sequential: conv1: its window of 9 x 9 is larger than the image of 8 x 8; use padding 'same' or fewer layers before it"],
  [flat(dense({ units: 3 })), "sequential: its last layer 'dense1' gives [3], the targets need [2] (or [positions, 2])"],
  [flat(dense({ units: 2, as: 'a' }), dense({ units: 2, as: 'a' })), "sequential: two layers are named 'a'"],
  [image(residual({ layers: [maxPool({ size: 3, stride: 1 })] })), 'sequential: block1: its layers turn [8,8,1] into [6,6,1], which nothing can be added to'],
  [image(residual({ layers: [dense({ units: 2, as: 'inside' })] })), 'sequential: block1/inside: expects'],
  [() => build(sequential({ layers: [dense({ units: 1e12, as: 'wide' }), dense({ units: 2 })] }), [4], 2), "sequential: has 7000000000002 params, and at most 1073741824 fit in memory; the largest is 'wide/kernel' [4,1000000000000]"],
  [() => dense({ units: 0 }), 'dense: units must be a whole number of at least 1, received 0'],
  [() => dense({ units: 2, as: 'a/b' }), "dense: as must be a name without a slash, received 'a/b'"],
  [() => sequential({ layers: [{ kind: 'nothing' }] }), 'sequential: layers must be a list of at least 1, each a layer (dense, conv2d, …), received [{"kind":"nothing"}]'],
  [() => sequential({ layers: [] }), 'sequential: layers must be'],
])('%# refuses what does not fit with one sentence', (make, sentence) => {
  expect(make).toThrow(sentence);
});

it('refuses inputs of another shape when it is applied', () => {
  const built = build(sequential({ layers: [dense({ units: 2 })] }), [4], 2);
  expect(() => tf.tidy(() => apply(built, {}, tf.zeros([3, 5]), { training: false, key: key(0) }))).toThrow('sequential: expects inputs [batch, 4], received [3,5]');
});

it('draws each param from its name, so that another layer changes none of the others', () => {
  const small = initialize(build(sequential({ layers: [dense({ units: 4, as: 'first' }), dense({ units: 2, as: 'last' })] }), [4], 2), key(1));
  const large = initialize(build(sequential({ layers: [dense({ units: 4, as: 'first' }), dense({ units: 4, as: 'new' }), dense({ units: 2, as: 'last' })] }), [4], 2), key(1));
  for (const name of small.keys()) expect(large.get(name)).toEqual(small.get(name));
  expect(large.get('new/kernel')!.values).not.toEqual(large.get('first/kernel')!.values);
  const again = initialize(build(sequential({ layers: [dense({ units: 4, as: 'first' }), dense({ units: 2, as: 'last' })] }), [4], 2), key(2));
  expect(again.get('first/kernel')).not.toEqual(small.get('first/kernel'));
});

it('knows layers that a user defines', () => {
  const scale = defineLayer<{ by?: number }>({
    kind: 'scaleForTest',
    options: { by: { says: 'a number', accepts: (x) => typeof x === 'number', schema: {} } },
    defaults: { by: 2 },
    outputShape: (_, shape) => shape,
    params: () => [],
    apply: ({ by }, x) => tf.mul(x, by),
  });
  const built = build(sequential({ layers: [scale({ by: 3 }), activation({ of: 'relu' })] }), [2], 2);
  tf.tidy(() => expect([...apply(built, {}, tf.tensor2d([[1, -1]]), { training: true, key: key(0) }).outputs.dataSync()]).toEqual([3, 0]));
  expect(() => defineLayer({ kind: 'dense', options: {}, defaults: {}, outputShape: (_, s) => s, params: () => [], apply: (_, x) => x })).toThrow("defineLayer: 'dense' is defined already");
});

it('keeps names of one list apart from those of a list inside', () => {
  expect(names(conv2d({ filters: 2, size: 3 }), residual({ layers: [conv2d({ filters: 2, size: 3 })] }), maxPool({ size: 8 }), { ...activation({ of: 'relu' }) }, conv2d({ filters: 10, size: 1 }), ...flatHead))
    .toEqual(['conv1/kernel', 'conv1/bias', 'block1/conv1/kernel', 'block1/conv1/bias', 'conv2/kernel', 'conv2/bias']);
});

const flatHead = [defineLayer({ kind: 'flatForTest', options: {}, defaults: {}, outputShape: () => [10], params: () => [], apply: (_, x) => tf.reshape(x, [-1, 10]) })()];

it('refuses a batch of one in batch normalization with the reason, by layer', () => {
  const built = build(sequential({ layers: [residual({ layers: [batchNorm({ as: 'a' })] }), dense({ units: 2 })] }), [4], 2);
  const params = Object.fromEntries(built.params.map(({ name, shape }) => [name, tf.ones([...shape])]));
  expect(() => tf.tidy(() => apply(built, params, tf.zeros([1, 4]), { training: true, key: key(0) }))).toThrow(/^block1\/a: a batch of one has no variance to normalize by; train on larger batches/);
  tf.tidy(() => expect(apply(built, params, tf.zeros([1, 4]), { training: false, key: key(0) }).outputs.shape).toEqual([1, 2]));
  tf.dispose(params);
});
