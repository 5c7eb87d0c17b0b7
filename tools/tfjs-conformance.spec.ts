import { conformance } from './tfjs-conformance.ts';

it('passes with our kernels all tests of TensorFlow.js that pass without them, and at least 80 more', async () => {
  const { broken, gained, stock } = await conformance();
  expect(stock.passed.length).toBeGreaterThan(3_000);
  expect(broken).toEqual([]);
  expect(gained.length).toBeGreaterThanOrEqual(80);
}, 300_000);
