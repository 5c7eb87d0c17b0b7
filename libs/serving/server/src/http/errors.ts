import type { ErrorRequestHandler } from 'express';
import { isInputError } from '@gradstream/numerics';
import { Unavailable } from '../unavailable.ts';

/** What was asked for is not there. */
export class NotFound extends Error {
  readonly status = 404;
}

/** There are as many as there may be; later there may be fewer. */
export class TooMany extends Error {
  readonly status = 429;

  /** @param retryAfterMs when another try makes sense. Default 1,000. */
  constructor(message: string, readonly retryAfterMs = 1000) {
    super(message);
  }
}

/** The Retry-After header that goes with an error; whole seconds, as HTTP has it. */
export function retryAfter(error: unknown): { readonly 'retry-after'?: string } {
  if (error instanceof Unavailable) return { 'retry-after': '1' };
  return error instanceof TooMany ? { 'retry-after': String(Math.max(1, Math.ceil(error.retryAfterMs / 1000))) } : {};
}

/** Errors that say themselves what they answer: ours, and those of the body parser. */
interface Expected {
  readonly status: number;
  readonly type?: string;
  readonly limit?: number;
  readonly message: string;
}

const isExpected = (error: unknown): error is Expected =>
  error instanceof Error && 'status' in error && typeof error.status === 'number' && (error.status >= 400 && error.status < 500 || error instanceof Unavailable);

/** Every error is `{"error": {"code", "message"}}`; what is no fault of the sender is logged, and not shown. */
export function errorHandler(log: (message: string, error: unknown) => void): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) return next(error);
    const [status, code, message] = answerTo(error);
    if (status === 401) response.set('www-authenticate', 'Bearer realm="gradstream"');
    response.set(retryAfter(error));
    if (status === 500) log(`${request.method} ${request.path} failed`, error);
    response.status(status).json({ error: { code, message } });
  };
}

const codes: Readonly<Record<number, string>> = { 401: 'unauthenticated', 403: 'forbidden', 404: 'not_found', 421: 'misdirected', 429: 'too_many', 503: 'unavailable' };

/** Status, code and sentence that answer an error. */
export function answerTo(error: unknown): [status: number, code: string, message: string] {
  if (isInputError(error)) return [400, 'bad_input', error.message];
  if (error instanceof SyntaxError && !('status' in error)) return [400, 'bad_input', `the body must be JSON (${error.message})`];
  if (error instanceof URIError) return [400, 'bad_input', 'the address holds a % sequence that is no text'];
  if (!isExpected(error)) return [500, 'internal', 'something went wrong in the server; its log says what'];
  switch (error.type) {
    case 'entity.too.large': return [413, 'too_large', `the body must be at most ${error.limit} bytes, inflated`];
    case 'entity.parse.failed': return [400, 'bad_input', `the body must be JSON (${error.message})`];
    default: return [error.status, codes[error.status] ?? 'bad_input', error.message];
  }
}
