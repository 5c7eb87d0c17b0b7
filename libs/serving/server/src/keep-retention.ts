import type { Retention } from './log/retention.ts';
import type { RunStore } from './run-store.ts';

/** How often points that are past their time are let go. */
const everyMs = 10 * 60_000;

/**
 * Applies retention now, and again every ten minutes.
 *
 * @returns what ends it
 * @throws InputError where this kind of store cannot let points go
 */
export async function keepRetention(store: RunStore, retention: Retention, onError: (message: string, error: unknown) => void): Promise<() => Promise<void>> {
  await store.retain(retention);
  let running: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    running = running.then(() => store.retain(retention)).catch((error: unknown) => onError('retention failed', error));
  }, everyMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}
