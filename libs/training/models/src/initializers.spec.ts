import { key, sizeOf } from '@gradstream/numerics';
import { initializers, type InitializerName } from './index.ts';

const moments = (values: Float32Array) => {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  return { mean, variance: values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length, largest: values.reduce((m, v) => Math.max(m, Math.abs(v)), 0) };
};

it.each<[InitializerName, number]>([
  ['glorotUniform', 2 / 400], ['glorotNormal', 2 / 400], ['heUniform', 2 / 300], ['heNormal', 2 / 300], ['lecunUniform', 1 / 300], ['lecunNormal', 1 / 300], ['smallNormal', 4e-4],
])('%s has mean 0 and the variance of its paper', (name, expected) => {
  const { mean, variance, largest } = moments(initializers[name](key(1), [300, 100], { in: 300, out: 100 }));
  expect(Math.abs(mean)).toBeLessThan(5 * Math.sqrt(expected / 30_000));
  expect(variance / expected).toBeGreaterThan(0.96);
  expect(variance / expected).toBeLessThan(1.04);
  if (name.endsWith('Uniform')) expect(largest).toBeLessThanOrEqual(Math.sqrt(3 * expected) * (1 + 1e-6));
});

it.each([[[6, 4]], [[4, 6]], [[3, 3, 2, 5]], [[2, 2, 1, 9]]])('orthogonal %j has orthonormal columns, or rows where these are fewer', (shape) => {
  const values = initializers.orthogonal(key(3), shape, { in: 1, out: 1 });
  const outputs = shape.at(-1)!;
  const inputs = sizeOf(shape) / outputs;
  const at = inputs >= outputs ? (k: number, i: number) => values[i * outputs + k] : (k: number, i: number) => values[k * outputs + i];
  const [count, length] = inputs >= outputs ? [outputs, inputs] : [inputs, outputs];
  for (let a = 0; a < count; a++) {
    for (let b = 0; b < count; b++) {
      let dot = 0;
      for (let i = 0; i < length; i++) dot += at(a, i) * at(b, i);
      expect(dot).toBeCloseTo(a === b ? 1 : 0, 6);
    }
  }
});
