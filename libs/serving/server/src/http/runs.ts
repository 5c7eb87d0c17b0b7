import type { Request } from 'express';
import { InputError } from '@gradstream/numerics';
import { parsePoints, parseWith, pointsAnswer, pointsBody, pointsMediaType, runDetail, runList, runPatch, runPut, runsQuery, seriesAnswer, seriesQuery } from '@gradstream/protocol';
import type { RunStore } from '../run-store.ts';
import { Denied } from '../security/guard.ts';
import type { Grant } from '../security/tokens.ts';
import { added, batchesOf } from './ingest.ts';
import { curveJson } from './curve-json.ts';
import { runJson, runListJson } from './run-json.ts';
import { found, grantOf, idOf, queryOf, send, sendBytes, type Route } from './route.ts';

/** Runs, their points and their curves. */
export const runRoutes = (store: RunStore): Route[] => [
  {
    method: 'get', path: '/runs', scope: 'read', summary: 'Runs: filtered, sorted, by pages', query: runsQuery, answers: { 200: runList },
    handle: async (request, response) => sendBytes(response, runListJson(await store.runs({ ...queryOf(runsQuery, request, 'runs'), ...ownProject(grantOf(response)) }))),
  },
  {
    method: 'put', path: '/runs/:id', scope: 'write', summary: 'Create a run, or bring it up to date', body: runPut, answers: { 200: runDetail, 201: runDetail },
    handle: async (request, response) => {
      const body = parseWith(runPut, request.body ?? {}, 'run');
      const { run, created } = await store.put(idOf(request), { ...body, ...withinProject(body.project, grantOf(response)) });
      sendBytes(response.status(created ? 201 : 200), runJson(run));
    },
  },
  {
    method: 'get', path: '/runs/:id', scope: 'read', summary: 'A run with its document and the summaries of its metrics', answers: { 200: runDetail },
    handle: async (request, response) => sendBytes(response, runJson(found(await store.run(idOf(request)), request))),
  },
  {
    method: 'patch', path: '/runs/:id', scope: 'write', summary: 'Change a run: name, tags, document, state', body: runPatch, answers: { 200: runDetail },
    handle: async (request, response) => {
      const body = parseWith(runPatch, request.body, 'run');
      withinProject(body.project, grantOf(response));
      sendBytes(response, runJson(found(await store.patch(idOf(request), body), request)));
    },
  },
  {
    method: 'delete', path: '/runs/:id', scope: 'write', summary: 'Delete a run and all its points', answers: { 204: undefined },
    handle: async (request, response) => {
      found((await store.delete(idOf(request))) || undefined, request);
      response.status(204).end();
    },
  },
  {
    method: 'post', path: '/runs/:id/points', scope: 'write', summary: 'Points: columns as JSON, or frames back to back', body: pointsBody, frames: true, answers: { 200: pointsAnswer },
    handle: async (request, response) => {
      const id = idOf(request);
      const answers = await Promise.all(batchesIn(request).map(({ batch, bytes }) => store.append(id, batch, bytes)));
      send(response, answers.map((answer) => found(answer, request)).reduce(added));
    },
  },
  {
    method: 'post', path: '/runs/:id/heartbeat', scope: 'write', summary: 'The run is alive', answers: { 204: undefined },
    handle: async (request, response) => {
      found((await store.heartbeat(idOf(request))) || undefined, request);
      response.status(204).end();
    },
  },
  {
    method: 'get', path: '/runs/:id/series', scope: 'read', summary: 'The curve of a metric, extremes and NaN kept at every zoom', query: seriesQuery, answers: { 200: seriesAnswer },
    handle: async (request, response) => sendBytes(response, curveJson(found(await store.series(idOf(request), queryOf(seriesQuery, request, 'series')), request))),
  },
];

const ownProject = ({ project }: Grant): { project?: string } => (project === undefined ? {} : { project });

/** The project that a run gets, by a token for one project: that one. @throws Denied for another */
function withinProject(asked: string | undefined, { project }: Grant): { project?: string } {
  if (project === undefined) return {};
  if (asked !== undefined && asked !== project) throw new Denied(403, `the token is for the project '${project}', and this is about '${asked}'`);
  return { project };
}

/** The body as Express read it: bytes of frames, or parsed JSON. */
function batchesIn(request: Request) {
  const body: unknown = request.body;
  if (Buffer.isBuffer(body)) return batchesOf(body, true);
  if (body === undefined) throw new InputError(`points: the body must be application/json or ${pointsMediaType}, received ${request.get('content-type') ?? 'no content type'}`);
  return [{ batch: parsePoints(body), bytes: undefined }];
}
