import express, { type Request, type RequestHandler, type Response } from 'express';
import type { ZodType } from 'zod';
import { InputError } from '@gradstream/numerics';
import { isRunId, parseWith, pointsMediaType, stringify } from '@gradstream/protocol';
import type { RunStore } from '../run-store.ts';
import type { Guard } from '../security/guard.ts';
import type { Grant, Scope } from '../security/tokens.ts';
import { NotFound } from './errors.ts';

/** Largest bodies, in bytes, after inflating. */
export const maxJsonBytes = 2 ** 20;
export const maxFrameBodyBytes = 8 * 2 ** 20;

/** One address of the API: what it is for, who may call it, what it takes and gives. OpenAPI is written from these. */
export interface Route {
  readonly method: 'get' | 'put' | 'post' | 'patch' | 'delete';
  /** Below /api/v1, parameters as `:id`. */
  readonly path: string;
  /** What a caller must be allowed; `public` asks nothing. */
  readonly scope: Scope | 'public';
  readonly summary: string;
  readonly query?: ZodType;
  readonly body?: ZodType;
  /** Whether the body may be frames of points as well. */
  readonly frames?: boolean;
  /** Answers by status; undefined for one without a body. */
  readonly answers: Readonly<Record<number, ZodType | string | undefined>>;
  readonly handle: (request: Request, response: Response) => Promise<void> | void;
}

/** Puts routes behind the guard. Whatever is no route is refused. */
export function routerOf(routes: readonly Route[], store: RunStore, guard: Guard): express.Router {
  const router = express.Router();
  const json = express.json({ limit: maxJsonBytes, verify: (_, __, bytes) => checkDepth(bytes) });
  const frames = express.raw({ type: pointsMediaType, limit: maxFrameBodyBytes });
  for (const { method, path, scope, body, frames: takesFrames, handle } of routes) {
    router[method](path, authorize(store, guard, scope), ...(takesFrames ? [frames] : []), ...(body ? [json] : []), handle as RequestHandler);
  }
  return router;
}

/** Deepest JSON that is read. */
const maxDepth = 64;

/** Refuses JSON that is nested so deeply that what walks it could run out of stack. */
export function checkDepth(bytes: Uint8Array): void {
  let depth = 0;
  let inText = false;
  for (let i = 0; i < bytes.length; i += 1) {
    const byte = bytes[i];
    if (inText) {
      if (byte === 0x5c) i += 1;
      else if (byte === 0x22) inText = false;
    } else if (byte === 0x22) inText = true;
    else if (byte === 0x5b || byte === 0x7b) depth += 1;
    else if (byte === 0x5d || byte === 0x7d) depth -= 1;
    if (depth > maxDepth) throw new InputError(`the body must be nested at most ${maxDepth} deep`);
  }
}

/** Lets a request through that may do this, to this run. A run of another project is as if it were not there. */
function authorize(store: RunStore, guard: Guard, scope: Route['scope']): RequestHandler {
  return async (request, response, next) => {
    if (scope !== 'public') {
      const { ticket } = request.query;
      const grant = guard.admit(request, scope, scope === 'read' && typeof ticket === 'string' ? ticket : undefined);
      response.locals.grant = grant;
      if (request.params.id !== undefined) await checkProject(store, grant, idOf(request));
    }
    next();
  };
}

/** @throws NotFound for a run of a project that the grant is not for */
export async function checkProject(store: RunStore, grant: Grant, id: string): Promise<void> {
  if (grant.project === undefined) return;
  const run = await store.peek(id);
  if (run && run.project !== grant.project) throw new NotFound(`there is no run '${id}'`);
}

/** What the request was found to be allowed. */
export const grantOf = (response: Response): Grant => response.locals.grant as Grant;

/** The run that the address names. @throws InputError for what can name none */
export function idOf(request: Request): string {
  const id = String(request.params.id);
  if (!isRunId(id)) throw new InputError(`run: the id must be 1 to 128 letters, digits, '.', '_' or '-', beginning with a letter or digit, received '${id}'`);
  return id;
}

/** @throws NotFound where there is nothing */
export function found<T>(value: T | undefined, request: Request): T {
  if (value === undefined) throw new NotFound(`there is no run '${idOf(request)}'`);
  return value;
}

/** The query without the ticket that let it in. */
export function queryOf<S extends ZodType>(schema: S, { query: { ticket: _, ...query } }: Request, where: string) {
  return parseWith(schema, query, where);
}

/** Answers with JSON in which NaN and infinities are words. */
export const send = (response: Response, value: unknown): void => void response.type('json').send(stringify(value));

/** Answers with JSON that is written already. */
export const sendBytes = (response: Response, json: Buffer): void => void response.type('json').send(json);
