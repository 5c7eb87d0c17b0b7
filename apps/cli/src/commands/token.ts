import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { InputError } from '@gradstream/numerics';
import { stringify } from '@gradstream/protocol';
import { defaultStoreDir, scope, Tokens, type Limits, type Scope, type TokenRecord } from '@gradstream/server';
import { durationOption, sizeOption } from '../run/quantities.ts';

/** File of a store's tokens. A server that has the store open hears of changes within a second. */
export const tokenFile = (dir: string): string => join(dir, 'tokens.json');

const withStore = (command: Command): Command => command.option('--store <dir>', 'folder of the store', defaultStoreDir());

const rateOption = (name: string) => (text: string): number => {
  if (!/^\d+(\.\d+)?$/.test(text) || Number(text) === 0) throw new InputError(`--${name} must be a number above 0, received '${text}'`);
  return Number(text);
};

interface NewFlags {
  readonly store: string;
  readonly name: string;
  readonly scope: readonly Scope[];
  readonly project?: string;
  readonly expires?: number;
  readonly requestsPerSecond?: number;
  readonly bytesPerSecond?: number;
  readonly pointsPerSecond?: number;
}

const date = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');

const line = ({ id, name, scopes, project, created, expires }: Omit<TokenRecord, 'hash'>, now: number): string =>
  [id, name, scopes.join(','), project ?? 'every project', `made ${date(created)}`, expires === undefined ? 'never expires' : `${expires <= now ? 'expired' : 'expires'} ${date(expires)}`].join('  ');

/** Tokens of a store's server. */
export const tokenCommand = (): Command => {
  const token = new Command('token').description('tokens of a server: create, list, revoke');
  withStore(token.command('create').description('make a token; it is printed this once, and kept as a hash'))
    .requiredOption('--name <text>', 'whose it is, for people')
    .addOption(new Option('--scope <scope...>', 'what it may do; admin may do everything').choices(scope.options).default(['read']))
    .option('--project <name>', 'only runs of this project')
    .option('--expires <time>', 'after which it is refused, like 12h or 30d', durationOption('expires'))
    .option('--requests-per-second <n>', 'rate of its requests', rateOption('requests-per-second'))
    .option('--bytes-per-second <size>', 'rate of what it sends, like 1MB', sizeOption('bytes-per-second'))
    .option('--points-per-second <n>', 'rate of its points', rateOption('points-per-second'))
    .action(({ store, name, scope: scopes, project, expires, requestsPerSecond, bytesPerSecond, pointsPerSecond }: NewFlags) => {
      mkdirSync(store, { recursive: true });
      const limits: Limits = { ...(requestsPerSecond ? { requestsPerSecond } : {}), ...(bytesPerSecond ? { bytesPerSecond } : {}), ...(pointsPerSecond ? { pointsPerSecond } : {}) };
      const text = new Tokens(tokenFile(store)).create({ name, scopes, project, ...(expires === undefined ? {} : { expires: Date.now() + expires }), ...(Object.keys(limits).length > 0 ? { limits } : {}) });
      process.stdout.write(`${text}\n`);
      process.stderr.write('Keep it: it cannot be shown again. Clients and the command line read GRADSTREAM_TOKEN.\n');
    });
  withStore(token.command('list').description('tokens by id, without their texts'))
    .option('--json', 'one JSON object per line')
    .action(({ store, json }: { store: string; json?: boolean }) => {
      const found = existsSync(tokenFile(store)) ? new Tokens(tokenFile(store)).list() : [];
      if (found.length === 0 && !json) process.stderr.write(`No tokens in ${store}; 'gradstream token create' makes one.\n`);
      for (const each of found) process.stdout.write(`${json ? stringify(each) : line(each, Date.now())}\n`);
    });
  withStore(token.command('revoke <id...>').description('refuse tokens from now on')).action((ids: string[], { store }: { store: string }) => {
    const tokens = new Tokens(tokenFile(store));
    for (const id of ids) {
      if (!tokens.revoke(id)) throw new InputError(`token: there is no token '${id}' in ${store}; 'gradstream token list' shows what there is`);
      process.stdout.write(`revoked ${id}\n`);
    }
  });
  return token;
};
