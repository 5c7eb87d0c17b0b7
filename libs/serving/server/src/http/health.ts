import type { Request, Response } from 'express';
import type { Health, RunStore } from '../run-store.ts';

/** A store that says nothing of what it depends on depends on nothing. */
export const healthOf = async (store: RunStore): Promise<Health> => (await store.health?.()) ?? { parts: [], gauges: [] };

/** `GET /health`: "ok", and a line for each thing that the store depends on; status 503 where one of them is away. */
export const healthHandler = (store: RunStore) => async (_: Request, response: Response): Promise<void> => {
  const { parts } = await healthOf(store);
  const well = parts.every(({ up }) => up);
  const lines = parts.map(({ name, up, description }) => `${name}: ${up ? 'up' : 'away'} (${description})`);
  response.status(well ? 200 : 503).type('text').send([well ? 'ok' : 'not well', ...lines].join('\n'));
};
