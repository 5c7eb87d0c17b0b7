/**
 * The metrics server alone:
 * `node dist/main.js [--port N] [--host ADDRESS] [--store DIR|postgres://…] [--bus nats://…] [--viewer DIR] [--streams N] [--streams-per-address N]`.
 * Prints its address, serves until it is told to stop, and ends with exit code 0.
 */
import { parseArgs } from 'node:util';
import { InputError, isInputError } from '@gradstream/numerics';
import { defaultPort, openStore, serve } from '@gradstream/server';

async function main(): Promise<void> {
  const { port, host, store: place, bus, viewer, ...limits } = options();
  const store = await openStore(place, { bus });
  const server = await serve({ store, port, host, viewerDir: viewer, ...limits });
  console.log(`Gradstream metrics server at ${server.url}, runs in ${store.description}`);
  await new Promise((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve));
  await server.close();
}

function options() {
  const text = { type: 'string' } as const;
  try {
    const { values: { port = String(defaultPort), streams, 'streams-per-address': streamsPerAddress, ...values } } =
      parseArgs({ options: { port: text, host: text, store: text, bus: text, viewer: text, streams: text, 'streams-per-address': text } });
    return { ...values, port: Number(port), maxStreams: count('streams', streams), maxStreamsPerAddress: count('streams-per-address', streamsPerAddress) };
  } catch (error) {
    throw new InputError(error instanceof Error ? error.message : String(error));
  }
}

function count(name: string, text: string | undefined): number | undefined {
  if (text !== undefined && !/^[1-9]\d*$/.test(text)) throw new InputError(`--${name} must be a whole number of at least 1, received '${text}'`);
  return text === undefined ? undefined : Number(text);
}

main().catch((error: unknown) => {
  console.error(isInputError(error) ? error.message : error);
  process.exitCode = isInputError(error) ? 2 : 1;
});
