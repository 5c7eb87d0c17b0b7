/** Entry of a thread that carries out runs and hands on their events. */
import { parentPort, workerData } from 'node:worker_threads';
import { lastValueFrom, tap } from 'rxjs';
import { buildFrom } from '@gradstream/numerics';
import { parseRunSpec, type RunEvent } from '@gradstream/protocol';
import type { Data } from '@gradstream/datasets';
import { useBackend } from '@gradstream/engine';
import { buildParts, compose, RUN, type Live } from '@gradstream/pipeline';
import { registriesIn } from '@gradstream/pipeline/node';
import { CHUNK, IN_FLIGHT, type FromRun, type ToRun } from './run-messages.ts';

const port = parentPort!;
const registries = registriesIn((workerData as { readonly dataDir?: string }).dataDir);
const say = (message: FromRun): void => port.postMessage(message);

/** The run under way hears here that a message was taken in; one run at a time. */
let acknowledged = (): void => undefined;

port.on('message', (message: ToRun) => {
  if (message.type === 'acknowledge') return acknowledged();
  start(message).catch((error: unknown) => say({ type: 'failed', message: error instanceof Error ? error.message : String(error) }));
});

async function start({ spec }: Extract<ToRun, { type: 'run' }>): Promise<void> {
  await useBackend();
  const checked = parseRunSpec(spec, 'run');
  const parts = buildParts(checked, 'run', registries);
  const data = await buildFrom<Data | Promise<Data>>(registries, 'dataset', checked.data, 'data');
  let chunk: RunEvent[] = [];
  let inFlight = 0;
  let go: (() => void) | undefined;
  const send = (): void => {
    if (chunk.length === 0) return;
    say({ type: 'events', events: chunk });
    chunk = [];
    inFlight++;
  };
  acknowledged = () => {
    if (--inFlight >= IN_FLIGHT) return;
    go?.();
    go = undefined;
  };
  await lastValueFrom(compose(parts, data).pipe(tap((event: RunEvent & Live) => {
    chunk.push(event);
    if (chunk.length >= CHUNK || event.type !== 'step') send();
    // The source waits while the other side is behind.
    if (inFlight >= IN_FLIGHT) go ??= event[RUN].pacer.hold();
  })));
  send();
  say({ type: 'done' });
}
