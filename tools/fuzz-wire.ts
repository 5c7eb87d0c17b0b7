/**
 * `npm run fuzz:wire -- [--tries 140000] [--requests 20000] [--seed 1]`: breaks so many inputs of each of seven kinds that come over the
 * wire, and so many requests to a server. Each must be taken or refused with a sentence. Exit code 1 where one is not.
 */
import { parseArgs } from 'node:util';
import { fuzzRequests, fuzzWire } from './fuzz/wire.ts';

const { values: { tries, requests, seed } } = parseArgs({ options: { tries: { type: 'string', default: '140000' }, requests: { type: 'string', default: '20000' }, seed: { type: 'string', default: '1' } } });
const results = [...fuzzWire(Number(tries), Number(seed)), await fuzzRequests(Number(requests), Number(seed))];
for (const { what, tried, refused, faults, grown } of results) {
  process.stdout.write(`${what.padEnd(28)} ${tried} broken: ${refused} refused, ${faults.length} faults; memory grew by ${grown.toFixed(0)} MB\n`);
  for (const fault of faults.slice(0, 3)) process.stdout.write(`  ${fault}\n`);
}
process.exitCode = results.some(({ faults }) => faults.length > 0) ? 1 : 0;
