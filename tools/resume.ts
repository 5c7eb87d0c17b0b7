/**
 * npm run resume -- [--kills 50] [--seed 1] [--only NAME] [--json]
 *
 * Kills training runs with SIGKILL at random moments, resumes them, and compares the final weights with those of the uninterrupted
 * run, bit for bit. The documents of tools/resume/ hold every regularizer, every augmentation, every layer that draws, averages,
 * guards and stopping rules (tools/resume.spec.ts sees to it). Exit code 1 where one differs.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fold, key, uniformAt } from '@gradstream/numerics';
import { carryOut, cases } from './resume/kill.ts';

const { values: { kills, seed, only, json } } = parseArgs({ options: { kills: { type: 'string', default: '50' }, seed: { type: 'string', default: '1' }, only: { type: 'string' }, json: { type: 'boolean', default: false } } });

const chosen = cases.filter(({ name }) => only === undefined || name === only);
const each = Math.ceil(Number(kills) / chosen.length);
const dir = mkdtempSync(join(tmpdir(), 'gradstream-resume-'));
const results: { name: string; kills: number; differed: number; weightsSha256: string }[] = [];
try {
  for (const [c, one] of chosen.entries()) {
    const run = carryOut(one, dir);
    const whole = await run.whole();
    let differed = 0;
    for (let i = 0; i < each; i++) {
      const moment = whole.ms * uniformAt(fold(fold(key(Number(seed)), one.name), c), i);
      const { weightsSha256, steps } = await run.killed([moment]);
      const same = weightsSha256 === whole.weightsSha256 && steps === whole.steps;
      if (!same) differed++;
      process.stderr.write(`${one.name}  ${i + 1}/${each}  killed after ${moment.toFixed(0)} of ${whole.ms.toFixed(0)} ms  ${same ? 'the same weights' : `DIFFERS: ${steps} steps, ${weightsSha256}; uninterrupted ${whole.steps}, ${whole.weightsSha256}`}\n`);
    }
    results.push({ name: one.name, kills: each, differed, weightsSha256: whole.weightsSha256! });
    if (!json) process.stdout.write(`${one.name}: ${each - differed} of ${each} kills end in the same bits\n`);
  }
} finally {
  rmSync(dir, { recursive: true, force: true });
}
if (json) process.stdout.write(`${JSON.stringify(results)}\n`);
process.exitCode = results.some(({ differed }) => differed > 0) ? 1 : 0;
