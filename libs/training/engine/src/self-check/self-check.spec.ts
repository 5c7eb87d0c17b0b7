import { nativeBlas } from '../native/blas.ts';
import type { Kernel, Kernels } from '../kernels/kernels.ts';
import { families } from './families.ts';
import { selfCheck } from './self-check.ts';

it('finds every family sound, in each rounding, and times the heavy ones', () => {
  const checks = selfCheck({ seconds: 0.5 });
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  for (const rounding of ['strict', 'relaxed']) expect(checks.filter((check) => check.rounding === rounding).map(({ name }) => name)).toEqual(families.map(({ name }) => name));
  expect(checks.some(({ rounding }) => rounding === 'native')).toBe(typeof nativeBlas() !== 'string');
  for (const { name, rate, shapes } of checks) {
    expect(shapes).toBeGreaterThan(0);
    if (/products|^convolutions|updates/.test(name)) expect(rate!.value).toBeGreaterThan(0);
  }
});

/** A kernel of each family, and which of its arguments says where its result goes. */
const broken: Record<string, { readonly kernel: keyof Kernels; readonly out: number }> = {
  products: { kernel: 'gemm', out: 9 },
  convolutions: { kernel: 'convKernelGrad', out: 16 },
  'depthwise convolutions': { kernel: 'depthwiseInputGrad', out: 15 },
  pools: { kernel: 'averagePoolGrad', out: 11 },
  'losses, attention and normalizations': { kernel: 'softmaxCrossEntropy', out: 10 },
  activations: { kernel: 'activate', out: 3 },
  'look-ups and segment sums': { kernel: 'segmentSum', out: 7 },
  'random masks': { kernel: 'uniforms', out: 3 },
};

it.each(Object.entries(broken))('finds a broken kernel among %s, and only there', (name, { kernel, out }) => {
  const checks = selfCheck({
    seconds: 0.05,
    kernels: (own) => ({
      ...own,
      [kernel]: ((...words: number[]) => {
        const result = (own[kernel] as Kernel)(...words);
        // The first float is twice what it should be.
        own.addInto(words[out], words[out], 1, words[out]);
        return result;
      }) satisfies Kernel,
    }),
  });
  expect([...new Set(checks.filter(({ ok }) => !ok).map((check) => check.name))]).toEqual([name]);
});
