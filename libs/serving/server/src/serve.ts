import { createServer, type Server } from 'node:http';
import { hostname, networkInterfaces } from 'node:os';
import { InputError } from '@gradstream/numerics';
import { createService, type AppOptions } from './http/app.ts';
import { keepRetention } from './keep-retention.ts';
import type { RunStore } from './run-store.ts';
import { attachWebSocket } from './stream/websocket.ts';
import { Tokens } from './security/tokens.ts';
import type { Webhook } from './webhooks/config.ts';
import { Webhooks } from './webhooks/webhooks.ts';

/** Port of a metrics server, when nobody says another. */
export const defaultPort = 4319;

export interface ServeOptions extends AppOptions {
  readonly store: RunStore;
  /** Default 4319; 0 takes a free one. */
  readonly port?: number;
  /** Default 127.0.0.1: this machine only. */
  readonly host?: string;
  /** What is told when runs finish, fail or raise an alert. Default: nothing. */
  readonly webhooks?: readonly Webhook[];
}

export interface RunningServer {
  /** `http://127.0.0.1:4319` */
  readonly url: string;
  /** A token made for this start, where one is needed and there was none: shown once, and gone when the server ends. */
  readonly token?: string;
  /** Ends open streams, finishes what is being written, and closes the store. */
  close(): Promise<void>;
}

/**
 * Starts the metrics server. Where others than this machine can reach it, a token is needed; when there is none yet,
 * one is made.
 *
 * @throws InputError where the port is taken or not allowed
 */
export async function serve({ store, port = defaultPort, host = '127.0.0.1', tokens = new Tokens(), webhooks = [], ...options }: ServeOptions): Promise<RunningServer> {
  const local = isLoopback(host);
  const requireToken = options.requireToken ?? (local ? undefined : true);
  const token = requireToken && tokens.size === 0 ? tokens.create({ name: 'made at start', scopes: ['admin'] }, Date.now(), false) : undefined;
  const hosts = [...(options.hosts ?? []), ...(local ? [] : ownNames(host))];
  const { handle, guard, hub } = createService(store, { ...options, tokens, requireToken, hosts });
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000, keepAliveTimeout: 5_000, maxHeaderSize: 16_384 }, handle);
  server.maxHeadersCount = 100;
  const closeSockets = attachWebSocket(server, store, hub, guard);
  const endRetention = options.retention && (await keepRetention(store, options.retention, options.onError ?? console.error));
  await listen(server, port, host);
  const hooks = webhooks.length > 0 ? new Webhooks(store, webhooks, { onError: options.onError ?? ((message) => console.error(message)) }) : undefined;
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the server has no address');
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`,
    ...(token === undefined ? {} : { token }),
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      closeSockets();
      await closed;
      hub.close();
      await endRetention?.();
      await hooks?.close();
      await store.close();
    },
  };
}

/** Whether only this machine can reach an address. */
export const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);

/** Names by which a server is called that listens at an address: its own, or where that means all, those of the machine. */
function ownNames(host: string): string[] {
  if (host !== '0.0.0.0' && host !== '::') return [host];
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []).map(({ address, family }) => (family === 'IPv6' ? `[${address}]` : address));
  return [...addresses, hostname()];
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  }).catch((error: NodeJS.ErrnoException) => {
    throw explain(error, port, host);
  });
}

function explain(error: NodeJS.ErrnoException, port: number, host: string): Error {
  switch (error.code) {
    case 'EADDRINUSE': return new InputError(`serve: port ${port} on ${host} is in use; choose another with --port, or stop what uses it`);
    case 'EACCES': return new InputError(`serve: port ${port} on ${host} is not allowed for this user; choose one from 1024 on`);
    case 'EADDRNOTAVAIL': case 'ENOTFOUND': return new InputError(`serve: ${host} is no address of this machine`);
    case 'ERR_SOCKET_BAD_PORT': return new InputError(`serve: port must be a whole number from 0 to 65535, received ${port}`);
    default: return error;
  }
}
