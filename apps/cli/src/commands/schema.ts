import { Command } from 'commander';
import { runSchema } from '@gradstream/pipeline';
import { registriesIn } from '@gradstream/pipeline/node';

export const schemaCommand = (): Command =>
  new Command('schema').description('print the JSON Schema of run documents').action(() => void process.stdout.write(`${JSON.stringify(runSchema(registriesIn()), null, 2)}\n`));
