import { z } from 'zod';
import { parseWith } from '@gradstream/protocol';
import { cookieName, Denied, type Guard } from '../security/guard.ts';
import { scope, type Grant } from '../security/tokens.ts';
import { grantOf, send, type Route } from './route.ts';
import { setCookie } from './sign-in.ts';

const signIn = z.strictObject({ token: z.string().min(1).max(200) });
const session = z.object({
  /** Whether this server asks for a token. */
  required: z.boolean(),
  /** What this browser may do now; nothing where it has to sign in first. */
  scopes: z.array(scope),
  project: z.string().optional(),
});

/** Signing in, and tickets for streams. */
export function sessionRoutes(guard: Guard): Route[] {
  const shown = ({ scopes, project }: Grant): z.output<typeof session> => ({ required: guard.requiresToken, scopes: [...scopes], project });
  return [
    {
      method: 'get', path: '/session', scope: 'public', summary: 'What the caller may do', answers: { 200: session },
      handle: (request, response) => {
        try {
          send(response, shown(guard.grant(request)));
        } catch (error) {
          if (!(error instanceof Denied)) throw error;
          send(response, { required: true, scopes: [] });
        }
      },
    },
    {
      method: 'post', path: '/session', scope: 'public', summary: 'Sign a browser in: the token goes into a cookie that no script reads', body: signIn, answers: { 200: session },
      handle: (request, response) => {
        const { token } = parseWith(signIn, request.body, 'session');
        const grant = guard.options.tokens?.grant(token);
        if (!grant) throw new Denied(401, 'the token is unknown or has expired');
        setCookie(request, response, token);
        send(response, shown(grant));
      },
    },
    {
      method: 'delete', path: '/session', scope: 'public', summary: 'Sign out', answers: { 204: undefined },
      handle: (_, response) => void response.clearCookie(cookieName, { path: '/' }).status(204).end(),
    },
    {
      method: 'post', path: '/stream-tickets', scope: 'read', summary: 'A ticket that opens one stream within 30 s, for clients that cannot send a header', answers: { 200: z.object({ ticket: z.string() }) },
      handle: (_, response) => send(response, { ticket: guard.tickets.issue(grantOf(response)) }),
    },
  ];
}
