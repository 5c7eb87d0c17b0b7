import { Argument, Command } from 'commander';
import { filter, firstValueFrom, map, of, timeout } from 'rxjs';
import { InputError, shown } from '@gradstream/numerics';
import { commandName, formatCursor, newId, type CommandName } from '@gradstream/protocol';
import { steer, subscribe } from '@gradstream/client';
import { ask, DEFAULT_SERVER } from '../run/api.ts';

/** ms in which a run that hears a command has answered: the length of a step, and much to spare. */
const patienceMs = 10_000;

/** Tells a run that trains what to do, and says what became of it. Exit code 2 where the run, or the server, will not. */
export const steerCommand = (): Command =>
  new Command('steer')
    .description('tell a run that trains to pause, resume, take one step, stop, or set a hyper-parameter')
    .argument('<run>', 'its id')
    .addArgument(new Argument('<command>', 'what it is told').choices(commandName.options))
    .argument('[name]', 'for set: the hyper-parameter, such as learningRate')
    .argument('[value]', 'for set: its value from now on')
    .option('--server <url>', 'metrics server', DEFAULT_SERVER)
    .action(async (run: string, command: CommandName, path: string | undefined, text: string | undefined, { server }: { server: string }) => {
      const value = text === undefined ? undefined : Number(text);
      if (command === 'set' ? path === undefined || value === undefined || Number.isNaN(value) : path !== undefined) {
        throw new InputError(`steer: ${command === 'set' ? 'set takes a name and a number' : `${command} takes nothing more`}, received ${[path, text].filter((word) => word !== undefined).map((word) => shown(word)).join(' and ') || 'neither'}`);
      }
      const id = newId();
      const { lsn } = await ask(server, () => steer(server, run, { id, command, ...(path === undefined ? {} : { path, value }) }));
      const answer = await firstValueFrom(subscribe(server, { run, event: 'control', since: formatCursor(new Map([[run, lsn]])), everyMs: 0 }).pipe(
        filter((event) => event.type === 'control'),
        filter((event) => event.id === id && event.status !== 'asked'),
        map(({ status, step, old, reason }) => ({ status, step, old, reason })),
        timeout({ first: patienceMs, with: () => of(undefined) }),
      ));
      if (!answer) throw new InputError(`steer: ${run} was told and has not answered in ${patienceMs / 1000} s; does it still train?`);
      if (answer.status !== 'applied') throw new InputError(`steer: ${run} will not: ${answer.reason ?? answer.status}`);
      process.stdout.write(`${command}${path === undefined ? '' : ` ${path} ${value}${answer.old === undefined ? '' : ` (it was ${answer.old})`}`} at step ${answer.step}\n`);
    });
