/**
 * npm run fuzz -- [--files 10000] [--seed 1] [--only FORMAT] [--json]
 *
 * Reads so many broken files of each format: IDX, CIFAR, CSV, text, PNG, JPEG, run documents and checkpoints. Each must be read
 * right or refused with one sentence that names the file. Exit code 1 where one is not.
 */
import { parseArgs } from 'node:util';
import { formats } from './fuzz/formats.ts';
import { fuzz } from './fuzz/run.ts';

const { values: { files, seed, only, json } } = parseArgs({ options: { files: { type: 'string', default: '10000' }, seed: { type: 'string', default: '1' }, only: { type: 'string' }, json: { type: 'boolean', default: false } } });

const results = formats.filter(({ name }) => only === undefined || name === only).map((format) => {
  const result = fuzz(format, Number(files), Number(seed));
  process.stderr.write(`${result.format.padEnd(32)} ${result.files} broken files: ${result.refused} refused, ${result.read} read, ${result.faults.length} faults; the longest took ${result.longestMs.toFixed(0)} ms of processor time\n`);
  for (const { file, fault } of result.faults.slice(0, 5)) process.stderr.write(`  file ${file}: ${fault}\n`);
  return result;
});
if (json) process.stdout.write(`${JSON.stringify(results)}\n`);
process.exitCode = results.some(({ faults }) => faults.length > 0) ? 1 : 0;
