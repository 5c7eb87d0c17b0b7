import express, { type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import type { Retention } from '../log/retention.ts';
import type { RunStore } from '../run-store.ts';
import { Guard, type GuardOptions } from '../security/guard.ts';
import { logBatchFirst } from '../mlflow/log-batch.ts';
import { Mlflow, mlflowRoutes } from '../mlflow/routes.ts';
import { Hub } from '../stream/hub.ts';
import { asyncApiRoute } from './asyncapi.ts';
import { commandRoutes } from './commands.ts';
import { errorHandler, NotFound } from './errors.ts';
import { eventRoutes } from './events.ts';
import { exportRoutes } from './export.ts';
import { healthHandler, healthOf } from './health.ts';
import { ingestFirst } from './ingest.ts';
import { openApiRoute } from './openapi.ts';
import { openMetricsRoutes, openMetricsType, ServerMetrics } from './openmetrics.ts';
import { routerOf, type Route } from './route.ts';
import { runRoutes } from './runs.ts';
import { serverInfoRoute } from './server-info.ts';
import { sessionRoutes } from './session.ts';
import { signInRoutes } from './sign-in.ts';
import { streamRoutes, type StreamLimits } from './stream.ts';
import { viewerRoutes } from './viewer.ts';

export interface AppOptions extends GuardOptions, StreamLimits {
  /** Folder of the built viewer, served at every address that is not the API's. */
  readonly viewerDir?: string;
  /** For how long single points are kept. Default: for ever. */
  readonly retention?: Retention;
  /** Told of faults of the server's own. Default: writes to stderr. */
  readonly onError?: (message: string, error: unknown) => void;
}

/**
 * The metrics server without its socket.
 *
 *   GET    /health                       "ok", and how the things are that the store depends on
 *   GET    /api/v1/runs                  runs, newest first
 *   PUT    /api/v1/runs/{id}             create a run, or bring it up to date
 *   GET    /api/v1/runs/{id}             a run with its document
 *   PATCH  /api/v1/runs/{id}             name, tags, spec, state
 *   DELETE /api/v1/runs/{id}             the run and all its points
 *   POST   /api/v1/runs/{id}/points      points: JSON columns, or frames back to back; gzip or plain
 *   GET    /api/v1/runs/{id}/events      alerts, texts, histograms, images, commands, states
 *   POST   /api/v1/runs/{id}/events      an alert, text, histogram, image
 *   POST   /api/v1/runs/{id}/heartbeat   the run is alive
 *   GET    /api/v1/runs/{id}/series      the curve of a metric
 *   GET    /api/v1/runs/{id}/export      every point, as CSV, NDJSON, Parquet or tfevents
 *   GET    /api/v1/runs/{id}/series/export  a curve as such a file
 *   GET    /api/v1/export/runs           runs with their last values as such a file
 *   POST   /api/v1/series                curves of several metrics of several runs
 *   POST   /api/v1/runs/{id}/commands    pause, resume, step, stop, set: for runs that take them
 *   GET    /api/v1/stream                replay, then live; POST for a query too long for an address
 *   GET    /api/v1/ws                    WebSocket: many subscriptions and commands over one connection
 *   GET    /api/v1/openmetrics           the last value of every metric, for Prometheus; /metrics: the server's own
 *   GET    /api/v1/openapi.json          this API, as OpenAPI 3.1; asyncapi.json: its streams, as AsyncAPI 3.0
 *   GET    /api/v1/server                for how long points are kept
 *   GET    /api/v1/session               what the caller may do; POST signs in, DELETE out
 *   POST   /api/v1/stream-tickets        a ticket for one stream
 *   *      /api/2.0/mlflow/…            MLflow's tracking client
 *   POST   /sign-in                      a browser signs in by a form
 *   GET    /*                            the viewer
 */
export const createApp = (store: RunStore, options: AppOptions = {}): Express => createService(store, options).app;

/** The app, the handler in front of it, and what they share with the WebSocket beside them. */
export function createService(store: RunStore, { viewerDir, onError = (message, error) => console.error(message, error), ...options }: AppOptions = {}) {
  const app = express();
  const guard = new Guard(options);
  const hub = new Hub(store);
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(helmet({ contentSecurityPolicy: { useDefaults: false, directives: contentSecurity }, strictTransportSecurity: false }));
  app.use(ownPagesOnly(guard));
  const counts = new ServerMetrics();
  const mlflow = new Mlflow(store);
  app.use(counting(counts));
  app.get('/health', healthHandler(store));
  // MLflow's client asks which version of its protocol is spoken here.
  app.get('/version', (_, response) => void response.type('text').send('2.22.0'));
  app.get('/metrics', async (_, response) => void response.set('content-type', openMetricsType).send(counts.format((await healthOf(store)).gauges)));
  app.use('/api/v1', routerOf(apiRoutes(store, guard, hub, options), store, guard));
  app.use(['/api/2.0/mlflow', '/ajax-api/2.0/mlflow'], mlflowRoutes(mlflow, guard));
  app.use('/api', () => {
    throw new NotFound('the API has no such address');
  });
  app.use(signInRoutes(guard));
  app.use(viewerRoutes(viewerDir, guard));
  app.use(errorHandler(onError));
  return { handle: ingestFirst(store, guard, counts, logBatchFirst(mlflow, guard, counts, app), onError), app, guard, hub };
}

/** Every address of the API. */
export function apiRoutes(store: RunStore, guard: Guard, hub: Hub, { retention, ...limits }: StreamLimits & Pick<AppOptions, 'retention'> = {}): Route[] {
  const routes = [...runRoutes(store), ...eventRoutes(store), ...exportRoutes(store), ...commandRoutes(store), ...streamRoutes(store, hub, limits), ...openMetricsRoutes(store), ...sessionRoutes(guard), serverInfoRoute(retention), asyncApiRoute()];
  routes.push(openApiRoute(routes));
  return routes;
}

const counting = (counts: ServerMetrics): RequestHandler => (_, response, next) => {
  response.once('finish', () => counts.count(response.statusCode));
  next();
};

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

/** Refuses foreign names and foreign pages, on every method; answers the preflights of origins that are allowed. */
function ownPagesOnly(guard: Guard): RequestHandler {
  return (request, response, next) => {
    guard.checkOrigin(request);
    const origin = guard.foreignOrigin(request);
    if (origin === undefined) return next();
    response.set({ 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true', vary: 'origin', 'cross-origin-resource-policy': 'cross-origin' });
    if (request.method !== 'OPTIONS') return next();
    response.set({ 'access-control-allow-methods': 'GET, PUT, POST, PATCH, DELETE', 'access-control-allow-headers': 'authorization, content-type, content-encoding, last-event-id', 'access-control-max-age': '600' }).status(204).end();
  };
}
