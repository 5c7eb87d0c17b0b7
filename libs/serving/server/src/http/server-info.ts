import { z } from 'zod';
import type { Retention } from '../log/retention.ts';
import { send, type Route } from './route.ts';

const serverInfo = z.object({
  api: z.literal('1'),
  /** For how long single points are kept; empty where they are kept for ever. Curves keep every extreme and every NaN. */
  retention: z.object({
    maxAgeMs: z.number().optional(),
    maxRows: z.number().optional(),
    maxBytes: z.number().optional(),
  }),
});

/** What somebody who reads should know of this server. */
export const serverInfoRoute = (retention: Retention = {}): Route => ({
  method: 'get', path: '/server', scope: 'read', summary: 'What this server does with what it is given: for how long it keeps single points', answers: { 200: serverInfo },
  handle: (_, response) => send(response, { api: '1', retention }),
});
