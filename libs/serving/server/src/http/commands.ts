import { InputError } from '@gradstream/numerics';
import { commandAnswer, commandBody, parseWith, refusal, type Command } from '@gradstream/protocol';
import type { RunStore } from '../run-store.ts';
import { found, idOf, send, type Route } from './route.ts';

/** Steering a run while it trains. What is asked stands in the run's log, and so does what became of it. */
export const commandRoutes = (store: RunStore): Route[] => [
  {
    method: 'post', path: '/runs/:id/commands', scope: 'control', summary: 'Pause, resume, step, stop, or set a hyper-parameter within its bounds', body: commandBody, answers: { 200: commandAnswer },
    handle: async (request, response) => {
      const command = parseWith(commandBody, request.body, 'command');
      send(response, { id: command.id, lsn: found(await ask(store, idOf(request), command), request) });
    },
  },
];

/**
 * Puts a command into a run's log, where the run hears it.
 *
 * @returns its position; undefined where there is no such run
 * @throws InputError for a command that the run does not take
 */
export async function ask(store: RunStore, run: string, command: Command): Promise<number | undefined> {
  const peeked = await store.peek(run);
  if (!peeked) return undefined;
  const reason = refusal(command, peeked.controls);
  if (reason) throw new InputError(`command: ${reason}`);
  return store.note(run, { type: 'control', wall: Date.now(), status: 'asked', ...command });
}
