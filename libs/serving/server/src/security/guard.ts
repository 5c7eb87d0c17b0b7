import type { IncomingMessage } from 'node:http';
import { allows, type Grant, type Scope, type Tokens } from './tokens.ts';
import { TooMany } from '../http/errors.ts';
import { Rates, type Spending } from './rates.ts';
import { Tickets } from './tickets.ts';

export interface GuardOptions {
  /** Who is let in by a token. Where there are none, everybody who reaches the server is. */
  readonly tokens?: Tokens;
  /** Whether a token is needed. Default: when there are tokens. */
  readonly requireToken?: boolean;
  /** Names by which this server may be called, besides those of this machine: `metrics.example.org`. */
  readonly hosts?: readonly string[];
  /** Pages of other origins that may call: `https://example.org`. */
  readonly origins?: readonly string[];
  /** Whether runs may be steered without a token. Default false. */
  readonly control?: boolean;
}

/** A request that is not let in, and what it is told. */
export class Denied extends Error {
  constructor(readonly status: 401 | 403 | 421, message: string) {
    super(message);
  }
}

const loopbackNames = ['localhost', '127.0.0.1', '[::1]'];

/** Name of the cookie that holds a signed-in browser's token. */
export const cookieName = 'gradstream';

/** Decides who may do what, for routes and upgrades alike. */
export class Guard {
  readonly tickets = new Tickets();
  private readonly rates = new Rates();
  private required: boolean;
  private readonly hosts: ReadonlySet<string>;
  private readonly origins: ReadonlySet<string>;
  private readonly everybody: Grant;

  constructor(readonly options: GuardOptions = {}) {
    this.required = options.requireToken ?? false;
    this.hosts = new Set([...loopbackNames, ...(options.hosts ?? [])].map((name) => name.toLowerCase()));
    this.origins = new Set(options.origins ?? []);
    this.everybody = { scopes: new Set<Scope>(['read', 'write', ...(options.control ? ['control' as const] : [])]) };
  }

  /** Whether a token is needed: from the first token on that anybody made, to the end. */
  get requiresToken(): boolean {
    this.required ||= this.options.requireToken === undefined && (this.options.tokens?.size ?? 0) > 0;
    return this.required;
  }

  /**
   * Lets a request in that may do this.
   *
   * @throws Denied, or TooMany for a token beyond its rates
   */
  admit(request: IncomingMessage, scope: Scope, ticket?: string): Grant {
    const grant = this.grant(request, ticket);
    this.require(grant, scope);
    this.spend(grant, { requests: 1, bytes: Number(request.headers['content-length'] ?? 0) });
    return grant;
  }

  /** Takes from what a token may do each second. @throws TooMany */
  spend(grant: Grant, spending: Spending): void {
    const wait = this.rates.spend(grant, spending);
    if (wait > 0) throw new TooMany(`the token is beyond its rate; it may come again in ${wait} ms`, wait);
  }

  /**
   * Whether the request was meant for this server, and came from a page of its own or from no page. Closes DNS
   * rebinding (a foreign name that points here) and requests that other sites' pages make.
   *
   * @throws Denied
   */
  checkOrigin({ headers }: IncomingMessage): void {
    const host = headers.host?.toLowerCase();
    const name = host?.replace(/:\d+$/, '');
    if (!name || !this.hosts.has(name)) throw new Denied(421, `this server is not called '${host ?? ''}'; allow the name where it is started`);
    const { origin } = headers;
    if (origin !== undefined && !this.origins.has(origin) && origin !== `http://${host}` && origin !== `https://${host}`) throw new Denied(403, `pages of '${origin}' may not call this server`);
    if (origin === undefined && headers['sec-fetch-site'] === 'cross-site' && headers['sec-fetch-mode'] !== 'navigate') throw new Denied(403, 'pages of other sites may not call this server');
  }

  /** Whether pages of the request's origin may read answers. */
  foreignOrigin({ headers }: IncomingMessage): string | undefined {
    return headers.origin !== undefined && this.origins.has(headers.origin) ? headers.origin : undefined;
  }

  /**
   * What the request may do.
   *
   * @param ticket a ticket in its address, where it has one
   * @throws Denied where a token is needed and there is none, or an invalid one
   */
  grant({ headers }: IncomingMessage, ticket?: string): Grant {
    if (ticket !== undefined) return known(this.tickets.redeem(ticket), 'the ticket is unknown, used or expired');
    const token = tokenOf(headers.authorization) ?? cookieOf(headers.cookie);
    if (token !== undefined && this.options.tokens) return known(this.options.tokens.grant(token), 'the token is unknown or has expired');
    if (this.requiresToken) throw new Denied(401, 'a token is needed: send it as Authorization: Bearer, or sign in');
    return this.everybody;
  }

  /** @throws Denied where the grant does not cover the scope */
  require(grant: Grant, scope: Scope): void {
    if (!allows(grant, scope)) throw new Denied(403, `this needs the scope '${scope}', and ${this.requiresToken ? 'the token has' : 'without a token there is'} ${[...grant.scopes].join(', ')}${scope === 'control' && !this.requiresToken ? '; the server gives it to everybody when it is started with --control' : ''}`);
  }
}

function known(grant: Grant | undefined, otherwise: string): Grant {
  if (!grant) throw new Denied(401, otherwise);
  return grant;
}

/** The token of an Authorization header: a bearer's, or the password of Basic. */
function tokenOf(header: string | undefined): string | undefined {
  const [, scheme, value] = /^(Bearer|Basic) +([\w.~+/=-]+)$/i.exec(header ?? '') ?? [];
  if (!scheme) return undefined;
  return scheme.toLowerCase() === 'bearer' ? value : Buffer.from(value, 'base64').toString().split(':').slice(1).join(':');
}

function cookieOf(header: string | undefined): string | undefined {
  for (const part of header?.split(';') ?? []) {
    const [name, value] = part.trim().split('=', 2);
    if (name === cookieName && value) return value;
  }
  return undefined;
}
