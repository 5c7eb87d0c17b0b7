import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Guard } from '../security/guard.ts';
import type { ServerMetrics } from './openmetrics.ts';

/** What is answered to a request without Express. */
export interface RawAnswer {
  readonly status: number;
  readonly value: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers a request without Express, which would cost more than a batch of points: counted as the app counts, with its headers. */
export function answerRaw(response: ServerResponse, counts: ServerMetrics, answer: Promise<RawAnswer>): void {
  response.once('finish', () => counts.count(response.statusCode));
  void answer.then(({ status, value, headers = {} }) => {
    if (response.destroyed) return;
    const text = JSON.stringify(value);
    response.writeHead(status, {
      'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(text), 'x-content-type-options': 'nosniff', 'cross-origin-resource-policy': 'same-origin',
      ...(status === 401 ? { 'www-authenticate': 'Bearer realm="gradstream"' } : {}), ...(status === 413 ? { connection: 'close' } : {}), ...headers,
    }).end(text);
  });
}

/** Whether a request can be read and answered without Express, which alone inflates, and names the pages that may read the answer. */
export const isPlain = (request: IncomingMessage, guard: Guard): boolean => request.headers['content-encoding'] === undefined && guard.foreignOrigin(request) === undefined;

/** A body that grew too large, in the words of the body parser. */
const tooLarge = (limit: number) => Object.assign(new Error('too large'), { status: 413, type: 'entity.too.large', limit });

/** The whole body of a request. @throws what the body parser throws for one above the limit, or broken off */
export function bodyOf(request: IncomingMessage, limit: number): Promise<Buffer> {
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
