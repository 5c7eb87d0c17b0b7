import { z } from 'zod';
import { jsonNumber } from './json-number.ts';
import { newId } from './names.ts';

/** What a running run can be told. */
export const commandName = z.enum(['pause', 'resume', 'step', 'stop', 'set']);
export type CommandName = z.output<typeof commandName>;

/** How long a command waits for the run, in ms; after that the run no longer carries it out. */
export const commandLifetimeMs = 60_000;

/** What a run lets itself be told: it says so when it is created. */
export const controls = z.strictObject({
  commands: z.array(commandName.exclude(['set'])).default([]),
  /** Hyper-parameters that may be set while it runs, each between its bounds. */
  set: z.record(z.string().min(1).max(250), z.strictObject({ min: z.number(), max: z.number() })).default({}),
});
export type Controls = z.output<typeof controls>;

/** Body of `POST /api/v1/runs/{id}/commands`. */
export const commandBody = z.strictObject({
  id: z.string().min(1).max(64).default(() => newId()).meta({ description: 'Chosen by the sender, so that it knows the answer' }),
  command: commandName,
  path: z.string().min(1).max(250).optional().meta({ description: 'For `set`: the hyper-parameter', examples: ['optimizer.learningRate'] }),
  value: jsonNumber.optional().meta({ description: 'For `set`' }),
});
export type CommandBody = z.input<typeof commandBody>;
export type Command = z.output<typeof commandBody>;

/** Answer to a command: its id, and the position of the marker in the log. What became of it comes in the stream. */
export const commandAnswer = z.object({ id: z.string(), lsn: z.number() });
export type CommandAnswer = z.output<typeof commandAnswer>;

/** Why a run cannot be told this; undefined when it can. */
export function refusal({ command, path, value }: Command, allowed: Controls | undefined): string | undefined {
  if (!allowed) return 'the run takes no commands';
  if (command !== 'set') return allowed.commands.includes(command) ? undefined : `the run takes ${[...allowed.commands, ...Object.keys(allowed.set).map((name) => `set ${name}`)].join(', ') || 'no commands'}`;
  if (path === undefined || value === undefined) return 'set needs a path and a value';
  if (!Object.hasOwn(allowed.set, path)) return `the run lets be set: ${Object.keys(allowed.set).join(', ') || 'nothing'}`;
  const { min, max } = allowed.set[path];
  return value >= min && value <= max ? undefined : `${path} must be in [${min}, ${max}], received ${value}`;
}
