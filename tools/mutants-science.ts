/** Shows that the recipes notice deliberate mistakes: `npm run mutants:science`. Exit code 1 where one goes unnoticed. */
import { mutationScore } from './science/mistakes.ts';

const { noticed, of } = await mutationScore();
process.stdout.write(`${noticed} of ${of} mistakes noticed\n`);
if (noticed < of) process.exitCode = 1;
