import express, { type Express, type Request, type Response } from 'express';
import helmet from 'helmet';
import { InputError } from '@gradstream/numerics';
import { decodeAllPoints, isRunId, note, parsePoints, parseWith, pointsMediaType, runPatch, runPut, runsQuery, seriesQuery, stringify, type PointsAnswer, type PointsBatch } from '@gradstream/protocol';
import type { RunStore } from '../run-store.ts';
import { Hub } from '../stream/hub.ts';
import { errorHandler, NotFound } from './errors.ts';
import { streamRoute } from './stream.ts';
import { viewerRoutes } from './viewer.ts';

/** Largest bodies, in bytes, after inflating. */
export const maxJsonBytes = 2 ** 20;
export const maxFrameBodyBytes = 8 * 2 ** 20;

export interface AppOptions {
  /** Folder of the built viewer, served at every address that is not the API's. */
  readonly viewerDir?: string;
  /** Told of faults of the server's own. Default: writes to stderr. */
  readonly onError?: (message: string, error: unknown) => void;
}

/**
 * The metrics server without its socket.
 *
 *   GET    /health                       "ok"
 *   GET    /api/v1/runs                  runs, newest first: project, state, after, limit
 *   PUT    /api/v1/runs/{id}             create a run, or bring it up to date
 *   GET    /api/v1/runs/{id}             a run with its document
 *   PATCH  /api/v1/runs/{id}             name, tags, spec, state
 *   DELETE /api/v1/runs/{id}             the run and all its points
 *   POST   /api/v1/runs/{id}/points      points: JSON columns or frames back to back, gzip or plain
 *   POST   /api/v1/runs/{id}/events      an alert, text, histogram, image
 *   POST   /api/v1/runs/{id}/heartbeat   the run is alive
 *   GET    /api/v1/runs/{id}/series      the curve of a metric: metric, from, to, points, attempt, axis, scale
 *   GET    /api/v1/stream                replay, then live: run, metric, since, format, mode, every, follow
 *   GET    /*                            the viewer
 */
export function createApp(store: RunStore, { viewerDir, onError = (message, error) => console.error(message, error) }: AppOptions = {}): Express {
  const app = express();
  const hub = new Hub(store);
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(helmet({ contentSecurityPolicy: { useDefaults: false, directives: contentSecurity }, strictTransportSecurity: false }));
  app.get('/health', (_, response) => void response.type('text').send('ok'));
  app.use('/api/v1', api(store, hub));
  app.use('/api', () => {
    throw new NotFound('the API has no such address');
  });
  app.use(viewerRoutes(viewerDir));
  app.use(errorHandler(onError));
  return app;
}

const contentSecurity = {
  defaultSrc: ["'self'"],
  scriptSrc: ["'self'", "'wasm-unsafe-eval'"],
  workerSrc: ["'self'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'", 'data:', 'blob:'],
  connectSrc: ["'self'"],
  objectSrc: ["'none'"],
  baseUri: ["'none'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
};

function api(store: RunStore, hub: Hub): express.Router {
  const router = express.Router();
  const json = express.json({ limit: maxJsonBytes });
  const frame = express.raw({ type: pointsMediaType, limit: maxFrameBodyBytes });

  router.get('/runs', async (request, response) => {
    send(response, await store.runs(parseWith(runsQuery, request.query, 'runs')));
  });
  router.put('/runs/:id', json, async (request, response) => {
    const { run, created } = await store.put(idOf(request), parseWith(runPut, request.body ?? {}, 'run'));
    send(response.status(created ? 201 : 200), run);
  });
  router.get('/runs/:id', async (request, response) => {
    send(response, found(await store.run(idOf(request)), request));
  });
  router.patch('/runs/:id', json, async (request, response) => {
    send(response, found(await store.patch(idOf(request), parseWith(runPatch, request.body, 'run')), request));
  });
  router.delete('/runs/:id', async (request, response) => {
    found((await store.delete(idOf(request))) || undefined, request);
    response.status(204).end();
  });
  router.post('/runs/:id/points', frame, json, async (request, response) => {
    const id = idOf(request);
    const answers = await Promise.all(batchesOf(request).map(({ batch, bytes }) => store.append(id, batch, bytes)));
    send(response, answers.map((answer) => found(answer, request)).reduce(added));
  });
  router.post('/runs/:id/events', json, async (request, response) => {
    const lsn = await store.note(idOf(request), parseWith(note, { wall: Date.now(), ...(request.body as object) }, 'event'));
    send(response, { lsn: found(lsn, request) });
  });
  router.post('/runs/:id/heartbeat', async (request, response) => {
    found((await store.heartbeat(idOf(request))) || undefined, request);
    response.status(204).end();
  });
  router.get('/runs/:id/series', async (request, response) => {
    send(response, found(await store.series(idOf(request), parseWith(seriesQuery, request.query, 'series')), request));
  });
  router.get('/stream', streamRoute(store, hub));
  return router;
}

function idOf(request: Request): string {
  const id = String(request.params.id);
  if (!isRunId(id)) throw new InputError(`run: the id must be 1 to 128 letters, digits, '.', '_' or '-', beginning with a letter or digit, received '${id}'`);
  return id;
}

function found<T>(value: T | undefined, request: Request): T {
  if (value === undefined) throw new NotFound(`there is no run '${idOf(request)}'`);
  return value;
}

/** Reads batches from either form; a frame is handed on as it came, too. */
function batchesOf(request: Request): readonly { readonly batch: PointsBatch; readonly bytes?: Uint8Array }[] {
  const body: unknown = request.body;
  if (Buffer.isBuffer(body)) return decodeAllPoints(body);
  if (body === undefined) throw new InputError(`points: the body must be application/json or ${pointsMediaType}, received ${request.get('content-type') ?? 'no content type'}`);
  return [{ batch: parsePoints(body) }];
}

/** One answer to several batches. */
const added = (a: PointsAnswer, b: PointsAnswer): PointsAnswer => ({
  lsn: Math.max(a.lsn, b.lsn), accepted: a.accepted + b.accepted, duplicate: a.duplicate + b.duplicate, conflict: a.conflict + b.conflict, rejected: [...a.rejected, ...b.rejected],
});

const send = (response: Response, value: unknown): void => void response.type('json').send(stringify(value));
