import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import { cookieName, Denied, type Guard } from '../security/guard.ts';

const escaped = (text: string): string => text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);

/** A page without any script: the token goes into a cookie that no script reads. */
const page = (next: string, problem?: string): string => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><title>Sign in · Gradstream</title></head>
<body>
<main>
<h1>Sign in</h1>
${problem ? `<p role="alert">${escaped(problem)}</p>\n` : ''}<form method="post" action="/sign-in">
<p><label for="token">Token of this metrics server</label></p>
<p><input id="token" name="token" type="password" autocomplete="current-password" required autofocus size="48"></p>
<input type="hidden" name="next" value="${escaped(next)}">
<p><button>Sign in</button></p>
</form>
<p>Whoever runs the server makes one with <code>gradstream token create --name you --scope read</code>.</p>
</main>
</body>
</html>
`;

/** Where to go on: a page of this server, and of no other. */
const localPath = (given: unknown): string => (typeof given === 'string' && /^\/(?![/\\])/.test(given) ? given : '/');

function show(response: Response, next: string, problem?: string): void {
  response.status(401).set('cache-control', 'no-store').type('html').send(page(next, problem));
}

/** Signing in by a form, for browsers that open a page of a server that asks for a token. */
export function signInRoutes(guard: Guard): Router {
  const router = express.Router();
  router.post('/sign-in', express.urlencoded({ extended: false, limit: 4096, parameterLimit: 5 }), (request: Request, response: Response) => {
    const { token, next } = (request.body ?? {}) as Record<string, unknown>;
    const grant = typeof token === 'string' ? guard.options.tokens?.grant(token) : undefined;
    if (!grant) return show(response, localPath(next), 'This token is unknown or has expired.');
    setCookie(request, response, token as string);
    response.redirect(303, localPath(next));
  });
  return router;
}

/** Keeps a token in the browser, out of reach of scripts and of other sites. */
export const setCookie = (request: Request, response: Response, token: string): void =>
  void response.cookie(cookieName, token, { httpOnly: true, sameSite: 'strict', secure: request.secure, path: '/' });

/** Shows the form instead of a page to whoever has to sign in first. */
export const signedIn = (guard: Guard): RequestHandler => (request, response, next) => {
  try {
    guard.grant(request);
    next();
  } catch (error) {
    if (!(error instanceof Denied)) throw error;
    show(response, localPath(request.originalUrl));
  }
};
