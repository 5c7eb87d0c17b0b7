/** Whether memory stays flat over many runs in one process: `node --conditions=@gradstream/source --import tsx tools/runs-memory.ts [runs]`. Exit code 1 where it grows. */
import { growthOf, memoryOverRuns } from './science/memory.ts';

const seen = await memoryOverRuns(Number(process.argv[2] ?? 200));
for (const { runs, tensors, heldMb, rssMb } of seen) process.stdout.write(`${String(runs).padStart(4)} runs  ${tensors} tensors  ${heldMb.toFixed(1)} MB held  ${rssMb.toFixed(0)} MB resident\n`);
const growth = growthOf(seen);
process.stdout.write(`growth ${growth.toFixed(2)} MB\n`);
if (growth > 2 || seen.at(-1)!.tensors > seen[0].tensors) process.exitCode = 1;
