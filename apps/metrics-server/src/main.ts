/**
 * The metrics server alone: `node dist/main.js [--port N] [--host ADDRESS] [--store DIR] [--viewer DIR]`.
 * Prints its address, serves until it is told to stop, and ends with exit code 0.
 */
import { parseArgs } from 'node:util';
import { InputError, isInputError } from '@gradstream/numerics';
import { defaultPort, openStore, serve } from '@gradstream/server';

async function main(): Promise<void> {
  const { port, host, store: dir, viewer } = options();
  const store = await openStore(dir);
  const server = await serve({ store, port, host, viewerDir: viewer });
  console.log(`Gradstream metrics server at ${server.url}, runs in ${store.description}`);
  await new Promise((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve));
  await server.close();
}

function options() {
  const text = { type: 'string' } as const;
  try {
    const { values: { port = String(defaultPort), ...values } } = parseArgs({ options: { port: text, host: text, store: text, viewer: text } });
    return { ...values, port: Number(port) };
  } catch (error) {
    throw new InputError(error instanceof Error ? error.message : String(error));
  }
}

main().catch((error: unknown) => {
  console.error(isInputError(error) ? error.message : error);
  process.exitCode = isInputError(error) ? 2 : 1;
});
