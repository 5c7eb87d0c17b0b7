import type { IncomingMessage, RequestListener } from 'node:http';
import { decodeAllPoints, isRunId, parsePoints, pointCount, pointsMediaType, type PointsAnswer, type PointsBatch } from '@gradstream/protocol';
import type { RunStore } from '../run-store.ts';
import type { Guard } from '../security/guard.ts';
import { answerTo, NotFound, retryAfter } from './errors.ts';
import type { ServerMetrics } from './openmetrics.ts';
import { answerRaw, bodyOf, isPlain } from './raw.ts';
import { checkDepth, checkProject, maxFrameBodyBytes, maxJsonBytes } from './route.ts';

const address = /^\/api\/v1\/runs\/([^/?%]+)\/points$/;

/**
 * `POST /api/v1/runs/{id}/points` without Express, which would cost more than the points themselves: the same guard, the
 * same limits, the same answers. What is compressed, or not plainly this, goes to the app.
 */
export function ingestFirst(store: RunStore, guard: Guard, counts: ServerMetrics, app: RequestListener, onError: (message: string, error: unknown) => void): RequestListener {
  return (request, response) => {
    const id = request.method === 'POST' ? address.exec(request.url ?? '')?.[1] : undefined;
    const type = request.headers['content-type'];
    if (id === undefined || !isRunId(id) || !isPlain(request, guard) || (type !== pointsMediaType && type !== 'application/json')) return app(request, response);
    answerRaw(response, counts, ingest(store, guard, request, id, type === pointsMediaType).then(
      (value) => ({ status: 200, value }),
      (error: unknown) => {
        const [status, code, message] = answerTo(error);
        if (status === 500) onError(`${request.method} ${request.url} failed`, error);
        return { status, value: { error: { code, message } }, headers: retryAfter(error) };
      },
    ));
  };
}

async function ingest(store: RunStore, guard: Guard, request: IncomingMessage, id: string, frames: boolean): Promise<PointsAnswer> {
  guard.checkOrigin(request);
  const grant = guard.admit(request, 'write');
  await checkProject(store, grant, id);
  const body = await bodyOf(request, frames ? maxFrameBodyBytes : maxJsonBytes);
  const batches = batchesOf(body, frames);
  guard.spend(grant, { points: batches.reduce((n, { batch }) => n + pointCount(batch), 0) });
  const answers = await Promise.all(batches.map(({ batch, bytes }) => store.append(id, batch, bytes)));
  return answers.map((answer) => {
    if (!answer) throw new NotFound(`there is no run '${id}'`);
    return answer;
  }).reduce(added);
}

/** Reads batches from either form; a frame is handed on as it came, too. */
export function batchesOf(body: Uint8Array, frames: boolean): readonly { readonly batch: PointsBatch; readonly bytes?: Uint8Array }[] {
  if (frames) return decodeAllPoints(body);
  checkDepth(body);
  return [{ batch: parsePoints(JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString())) }];
}

/** One answer to several batches. */
export const added = (a: PointsAnswer, b: PointsAnswer): PointsAnswer => ({
  lsn: Math.max(a.lsn, b.lsn), accepted: a.accepted + b.accepted, duplicate: a.duplicate + b.duplicate, conflict: a.conflict + b.conflict, rejected: [...a.rejected, ...b.rejected],
  ...(a.queued || b.queued ? { queued: (a.queued ?? 0) + (b.queued ?? 0) } : {}),
});
