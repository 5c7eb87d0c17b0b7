import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import express from 'express';
import type { Guard } from '../security/guard.ts';
import { signedIn } from './sign-in.ts';

/**
 * Serves the viewer's files; an address that names none of them is a page of the viewer's own, so its index answers,
 * after signing in where that is needed.
 */
export function viewerRoutes(dir: string | undefined, guard: Guard): express.Router {
  const router = express.Router();
  const index = dir && join(resolve(dir), 'index.html');
  if (!dir || !index || !existsSync(index)) {
    router.get('/', (_, response) => void response.type('text').send('Gradstream metrics server. The viewer is not built here; the API is at /api/v1/runs.\n'));
    return router;
  }
  router.use('/assets', express.static(join(dir, 'assets'), { immutable: true, maxAge: '1y', fallthrough: false, redirect: false }));
  router.use(express.static(dir, { index: false, redirect: false }));
  router.get('/{*page}', signedIn(guard), (_, response) => void response.set('cache-control', 'no-cache').sendFile(index));
  return router;
}
