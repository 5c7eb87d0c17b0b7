import { fuzzRequests, fuzzWire } from './fuzz/wire.ts';

jest.setTimeout(60_000);

/** `npm run fuzz:wire` tries a million. */
test.each(fuzzWire(1500).map((result) => [result.what, result] as const))('broken %s are taken or refused with a sentence', (what, { refused, faults, tried }) => {
  expect(faults).toEqual([]);
  if (what !== 'globs') expect(refused).toBeGreaterThan(tried / 10);
});

test('a server goes on answering whatever bytes come to it, and never with a fault of its own', async () => {
  const { refused, faults } = await fuzzRequests(300);
  expect(faults).toEqual([]);
  expect(refused).toBeGreaterThan(60);
});
