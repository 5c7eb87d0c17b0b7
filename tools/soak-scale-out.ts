/**
 * `node --conditions=@gradstream/source --import tsx tools/soak-scale-out.ts [--cycles 100] [--seed 1]`: three metrics servers over one
 * NATS JetStream and one PostgreSQL, each of which is killed again and again while writers write and followers follow.
 * Ends with 1 when an acknowledged point was lost, stored twice, or not seen exactly once by every follower.
 */
import { parseArgs } from 'node:util';
import { hasNats, hasPostgres } from '@gradstream/server/testing';
import { scaleOutCycles } from './soak/scale-out.ts';

const { values: { cycles, seed } } = parseArgs({ options: { cycles: { type: 'string', default: '100' }, seed: { type: 'string', default: '1' } } });
if (!hasNats() || !hasPostgres()) {
  process.stderr.write('This needs nats-server and postgresql: apt-get install nats-server postgresql\n');
  process.exit(2);
}
const report = await scaleOutCycles(Number(cycles), Number(seed), (line) => void process.stderr.write(`${line}\n`));
process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
if (report.lost + report.repeated + report.unseen + report.seenTwice + report.faults.length > 0) process.exitCode = 1;
