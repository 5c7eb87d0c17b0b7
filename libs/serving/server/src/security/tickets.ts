import { randomBytes } from 'node:crypto';
import type { Grant } from './tokens.ts';

/** How long a ticket lasts, in ms, and how many may be out at a time. */
const lifetimeMs = 30_000;
const most = 10_000;

/** Tickets that open one stream each, for clients that cannot send a header: no token ever stands in an address. */
export class Tickets {
  private readonly tickets = new Map<string, { readonly grant: Grant; readonly expires: number }>();

  issue(grant: Grant, now: number = Date.now()): string {
    for (const [ticket, { expires }] of this.tickets) if (expires <= now || this.tickets.size >= most) this.tickets.delete(ticket);
    const ticket = randomBytes(24).toString('base64url');
    this.tickets.set(ticket, { grant: { ...grant, scopes: new Set(grant.scopes.has('admin') ? ['read'] : [...grant.scopes].filter((scope) => scope === 'read')) }, expires: now + lifetimeMs });
    return ticket;
  }

  /** What a ticket allows, to the first who shows it. */
  redeem(ticket: string, now: number = Date.now()): Grant | undefined {
    const found = this.tickets.get(ticket);
    this.tickets.delete(ticket);
    return found && found.expires > now ? found.grant : undefined;
  }
}
