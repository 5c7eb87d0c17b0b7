import { Command, Option } from 'commander';
import { InputError } from '@gradstream/numerics';
import { defaultStoreDir, isDatabase, LogDir, openStore, readWebhooks, serve, Tokens, type Retention } from '@gradstream/server';
import { durationOption, sizeOption } from '../run/quantities.ts';
import { viewerFolder } from '../run/servers.ts';
import { tokenFile } from './token.ts';
import { wholeOption } from './train.ts';

interface Flags {
  readonly port: number;
  readonly host: string;
  readonly store: string;
  readonly bus?: string;
  readonly requireToken?: true;
  readonly control?: true;
  readonly allowHost?: readonly string[];
  readonly allowOrigin?: readonly string[];
  readonly keepAge?: number;
  readonly keepRows?: number;
  readonly keepBytes?: number;
  readonly webhooks?: string;
  readonly logdir?: string;
}

/** A port from the command line; 0 takes a free one. */
export function portOption(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65535) throw new InputError(`--port must be a whole number in [0, 65535], received '${text}'`);
  return port;
}

function retentionOf({ keepAge, keepRows, keepBytes }: Flags): Retention | undefined {
  const retention = { ...(keepAge === undefined ? {} : { maxAgeMs: keepAge }), ...(keepRows === undefined ? {} : { maxRows: keepRows }), ...(keepBytes === undefined ? {} : { maxBytes: keepBytes }) };
  return Object.keys(retention).length > 0 ? retention : undefined;
}

/** How often a log directory of TensorBoard is looked at, in ms. */
const lookEveryMs = 2000;

/** Takes in what TensorBoard's writers log into a directory, now and as it grows. @returns what ends it */
function tail(dir: LogDir, say: (message: string) => void): () => void {
  let timer: NodeJS.Timeout;
  let ended = false;
  const look = async (): Promise<void> => {
    await dir.read().catch((error: unknown) => say(`logdir: ${error instanceof Error ? error.message : String(error)}\n`));
    if (!ended) timer = setTimeout(() => void look(), lookEveryMs);
  };
  void look();
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}

/** Starts a server with the viewer, and says so; a parent process hears the address. */
export const serveCommand = (): Command =>
  new Command('serve')
    .description('start the metrics server and the viewer')
    .option('--port <n>', 'port; 0 takes a free one', portOption, 4319)
    .option('--host <address>', 'address to listen on; where others can reach it a token is needed', '127.0.0.1')
    .addOption(new Option('--store <place>', 'folder of the store and of its tokens, or postgres://… for several servers').env('GRADSTREAM_STORE').default(defaultStoreDir()))
    .addOption(new Option('--bus <url>', 'nats://… that points go over on their way to PostgreSQL').env('GRADSTREAM_BUS'))
    .option('--require-token', 'ask for a token on this machine too')
    .option('--control', 'let runs be steered without a token')
    .option('--allow-host <name...>', 'names by which the server may be called, besides its own')
    .option('--allow-origin <origin...>', 'pages of other origins that may call it')
    .option('--keep-age <time>', 'let single points go after so long, like 30d; curves keep every extreme', durationOption('keep-age'))
    .option('--keep-rows <n>', 'keep the newest so many rows of each run, and of older ones the curves', wholeOption('keep-rows'))
    .option('--keep-bytes <size>', 'let points of the quietest runs go while the store is larger, like 10GB', sizeOption('keep-bytes'))
    .option('--webhooks <file>', 'what to tell when runs finish, fail or raise an alert')
    .option('--logdir <dir>', 'TensorBoard log directory to take in as it grows')
    .action(async (flags: Flags) => {
      const { port, host, store: place, bus, requireToken, control, allowHost: hosts, allowOrigin: origins } = flags;
      const webhooks = flags.webhooks === undefined ? [] : readWebhooks(flags.webhooks);
      const store = await openStore(place, { bus });
      const server = await serve({ port, host, store, viewerDir: viewerFolder(), tokens: new Tokens(tokenFile(isDatabase(place) ? defaultStoreDir() : place)), requireToken, control, hosts, origins, retention: retentionOf(flags), webhooks }).catch(async (error: unknown) => {
        await store.close();
        throw error;
      });
      process.stderr.write(`Metrics server and viewer at ${server.url} (${store.description})\n`);
      if (server.token !== undefined) process.stderr.write(`A token is needed; for this start it is ${server.token}\n`);
      const leave = flags.logdir === undefined ? undefined : tail(new LogDir(store, flags.logdir), (message) => process.stderr.write(message));
      process.send?.({ url: server.url });
      await new Promise<void>((resolve) => {
        const end = () => {
          leave?.();
          void server.close().then(resolve);
        };
        process.once('SIGTERM', end);
        // Under a parent, Ctrl-C reaches both: the parent ends its run first and then this process.
        if (process.send) process.on('SIGINT', () => undefined).once('disconnect', end);
        else process.once('SIGINT', end);
      });
      // An open channel to the parent would keep this process alive.
      if (process.connected) process.disconnect?.();
    });
