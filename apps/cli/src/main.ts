/** The `gradstream` command. Exit codes: 0 done, 1 a fault, 2 wrong input (one sentence, nothing created). */
import { Command, CommanderError } from 'commander';
import { isInputError } from '@gradstream/numerics';
import { dataCommand } from './commands/data.ts';
import { doctorCommand } from './commands/doctor.ts';
import { predictCommand } from './commands/predict.ts';
import { recipeCommand } from './commands/recipe.ts';
import { runsCommand, tailCommand } from './commands/runs.ts';
import { schemaCommand } from './commands/schema.ts';
import { serveCommand } from './commands/serve.ts';
import { steerCommand } from './commands/steer.ts';
import { startCommand } from './commands/start.ts';
import { storeCommand } from './commands/store.ts';
import { tokenCommand } from './commands/token.ts';
import { trainCommand } from './commands/train.ts';

const program = new Command('gradstream')
  .description('Training as observable streams.')
  .version('0.1.0')
  .showHelpAfterError('(gradstream --help lists the commands)')
  .showSuggestionAfterError()
  .exitOverride()
  .configureHelp({ sortSubcommands: false });

for (const command of [startCommand, trainCommand, predictCommand, serveCommand, runsCommand, tailCommand, steerCommand, storeCommand, tokenCommand, dataCommand, recipeCommand, schemaCommand, doctorCommand]) program.addCommand(command().exitOverride());

// A reader that has seen enough (`| head`) is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else if (isInputError(error)) {
    process.stderr.write(`gradstream: ${error.message}\n`);
    process.exitCode = 2;
  } else {
    process.stderr.write(`gradstream: ${process.env['GRADSTREAM_DEBUG'] && error instanceof Error ? error.stack : error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
