import { defer, filter, finalize, map, type Observable } from 'rxjs';
import { commandLifetimeMs, newId, stringify, type Command, type CommandAnswer, type CommandBody, type Note, type RunPatch } from '@gradstream/protocol';
import { request, serverUrl, type Connection } from './request.ts';
import { subscribe } from './subscribe.ts';

/** A command to a run, as the run hears it. It says what became of it, which everybody who follows the run then sees. */
export interface RunCommand extends Command {
  /** @param outcome the step at which it took effect, and the value that stood before */
  applied(outcome?: { readonly step?: number; readonly old?: number }): Promise<void>;
  refused(reason: string): Promise<void>;
}

/** Tells a run something while it trains. Rejects with `Refused` where the run, or the server, does not take it. */
export async function steer(url: string, run: string, command: CommandBody, connection: Connection = {}): Promise<CommandAnswer> {
  const response = await request(connection, `${serverUrl(url, 'steer')}/api/v1/runs/${encodeURIComponent(run)}/commands`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: stringify({ id: newId(), ...command }),
  });
  return (await response.json()) as CommandAnswer;
}

/** What a run is in afterwards, where that is not said when it ends. */
const stateAfter: Partial<Record<Command['command'], 'running' | 'paused'>> = { pause: 'paused', step: 'paused', resume: 'running' };

/**
 * What a run is told from now on. A command that is older than a minute when it comes (the run was away) is answered as
 * expired and left out.
 */
export function commands(url: string, run: string, connection: Connection = {}): Observable<RunCommand> {
  const address = `${serverUrl(url, 'commands')}/api/v1/runs/${encodeURIComponent(run)}`;
  const send = async (method: string, path: string, body: object): Promise<void> => {
    await request(connection, address + path, { method, headers: { 'content-type': 'application/json' }, body: stringify(body) });
  };
  const say = (note: Omit<Extract<Note, { type: 'control' }>, 'type' | 'wall'>): Promise<void> => send('POST', '/events', { type: 'control', ...note });
  return defer(() => {
    /** Whether the run still listens: one that has ended has said in which state. */
    let listens = true;
    return subscribe(url, { ...connection, run, event: 'control', since: 'now', everyMs: 0 }).pipe(
      filter((event) => event.type === 'control'),
      filter(({ status, wall, id, command }) => {
        if (status !== 'asked') return false;
        if (Date.now() - wall <= commandLifetimeMs) return true;
        void say({ id, command, status: 'expired' }).catch(() => {});
        return false;
      }),
      map(({ id, command, path, value }): RunCommand => {
        const told = { id, command, path, value };
        return {
          ...told,
          applied: async (outcome = {}) => {
            await say({ ...told, ...outcome, status: 'applied' });
            if (listens && command in stateAfter) await send('PATCH', '', { state: stateAfter[command] } satisfies RunPatch);
          },
          refused: (reason) => say({ ...told, reason, status: 'refused' }),
        };
      }),
      finalize(() => (listens = false)),
    );
  });
}
