import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { decodeAllPoints, isRunId, parsePoints, pointCount, pointsMediaType, type PointsAnswer, type PointsBatch } from '@gradstream/protocol';
import type { RunStore } from '../run-store.ts';
import type { Guard } from '../security/guard.ts';
import { answerTo, NotFound, retryAfter } from './errors.ts';
import type { ServerMetrics } from './openmetrics.ts';
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
    if (id === undefined || !isRunId(id) || request.headers['content-encoding'] !== undefined || (type !== pointsMediaType && type !== 'application/json')) return app(request, response);
    response.once('finish', () => counts.count(response.statusCode));
    ingest(store, guard, request, id, type === pointsMediaType).then(
      (answer) => send(response, 200, answer),
      (error: unknown) => {
        const [status, code, message] = answerTo(error);
        if (status === 500) onError(`${request.method} ${request.url} failed`, error);
        if (status === 413) response.setHeader('connection', 'close');
        send(response, status, { error: { code, message } }, retryAfter(error));
      },
    );
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

/** A body that grew too large, in the words of the body parser. */
const tooLarge = (limit: number) => Object.assign(new Error('too large'), { status: 413, type: 'entity.too.large', limit });

function bodyOf(request: IncomingMessage, limit: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= limit) return void chunks.push(chunk);
      request.pause();
      reject(tooLarge(limit));
    });
    request.once('end', () => resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)));
    request.once('error', () => reject(Object.assign(new Error('the connection ended before the body did'), { status: 400 })));
  });
}

function send(response: ServerResponse, status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): void {
  if (response.destroyed) return;
  const text = JSON.stringify(value);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(text), 'x-content-type-options': 'nosniff', 'cross-origin-resource-policy': 'same-origin',
    ...(status === 401 ? { 'www-authenticate': 'Bearer realm="gradstream"' } : {}), ...headers,
  }).end(text);
}
