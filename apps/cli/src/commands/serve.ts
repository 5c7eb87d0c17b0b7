import { Command } from 'commander';
import { InputError } from '@gradstream/numerics';
import { defaultStoreDir, openStore, serve } from '@gradstream/server';
import { viewerFolder } from '../run/servers.ts';

interface Flags {
  readonly port: number;
  readonly host: string;
  readonly store: string;
}

/** A port from the command line; 0 takes a free one. */
export function portOption(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65535) throw new InputError(`--port must be a whole number in [0, 65535], received '${text}'`);
  return port;
}

/** Starts a server with the viewer, and says so; a parent process hears the address. */
export const serveCommand = (): Command =>
  new Command('serve')
    .description('start the metrics server and the viewer')
    .option('--port <n>', 'port; 0 takes a free one', portOption, 4319)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--store <dir>', 'folder of the store', defaultStoreDir())
    .action(async ({ port, host, store: dir }: Flags) => {
      const store = await openStore(dir);
      const server = await serve({ port, host, store, viewerDir: viewerFolder() }).catch(async (error: unknown) => {
        await store.close();
        throw error;
      });
      process.stderr.write(`Metrics server and viewer at ${server.url} (${store.description})\n`);
      process.send?.({ url: server.url });
      await new Promise<void>((resolve) => {
        const end = () => void server.close().then(resolve);
        process.once('SIGTERM', end);
        // Under a parent, Ctrl-C reaches both: the parent ends its run first and then this process.
        if (process.send) process.on('SIGINT', () => undefined).once('disconnect', end);
        else process.once('SIGINT', end);
      });
      // An open channel to the parent would keep this process alive.
      if (process.connected) process.disconnect?.();
    });
