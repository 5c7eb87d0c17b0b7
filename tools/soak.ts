/**
 * `npm run soak -- [--cycles 300] [--reconnects 3000] [--seed 1]`: writes into a metrics server that is killed, runs out of disk and
 * finds torn writes at the end of its files, and follows one over connections that break at random bytes. Ends with 1 when
 * an acknowledged point was lost or stored twice.
 */
import { parseArgs } from 'node:util';
import { crashCycles } from './soak/crashes.ts';
import { reconnectCycles } from './soak/reconnects.ts';

const { values: { cycles, reconnects, seed } } = parseArgs({ options: { cycles: { type: 'string', default: '300' }, reconnects: { type: 'string', default: '3000' }, seed: { type: 'string', default: '1' } } });
const say = (line: string): void => void process.stderr.write(`${line}\n`);

const crashes = await crashCycles(Number(cycles), Number(seed), say);
say(JSON.stringify(crashes));
const broken = await reconnectCycles(Number(reconnects), Number(seed), say);
process.stdout.write(`${JSON.stringify({ crashes, reconnects: broken }, undefined, 2)}\n`);
if ([crashes, broken].some(({ lost, repeated, faults }) => lost > 0 || repeated > 0 || faults.length > 0)) process.exitCode = 1;
