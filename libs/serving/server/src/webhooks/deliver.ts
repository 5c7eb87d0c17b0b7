import { createHmac } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { ForbiddenAddress, guardedLookup, mayCall, type Resolve } from './public-address.ts';
import type { Webhook } from './config.ts';

/** What is sent to a hook. The id stays the same when it is sent again. */
export interface Delivery {
  readonly id: string;
  readonly body: string;
}

/** What became of a try. */
export type Outcome =
  | { readonly type: 'delivered' }
  /** Another try makes no sense. */
  | { readonly type: 'refused'; readonly reason: string }
  | { readonly type: 'failed'; readonly reason: string; readonly retryAfterMs?: number };

/** ms that a hook may take to answer. */
const timeoutMs = 10_000;

/** Signature of Standard Webhooks 1.0: HMAC-SHA256 over id, seconds and body. */
export const signature = (secret: string, id: string, seconds: number, body: string): string =>
  `v1,${createHmac('sha256', Buffer.from(secret.replace(/^whsec_/, ''), 'base64')).update(`${id}.${seconds}.${body}`).digest('base64')}`;

/** One try. Redirects are not followed, and nothing of the answer is read but its status. */
export function deliver({ url, secret, allow }: Webhook, { id, body }: Delivery, signal: AbortSignal, resolve?: Resolve, now: number = Date.now()): Promise<Outcome> {
  const target = new URL(url);
  const may = mayCall(allow);
  const literal = target.hostname.replace(/^\[|\]$/g, '');
  // An address needs no look-up, so that nothing would check it on the way.
  if (isIP(literal) && !may(literal)) return Promise.resolve({ type: 'refused', reason: `${literal} is not on the public internet` });
  const seconds = Math.floor(now / 1000);
  const request = target.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((settle) => {
    const call = request(target, {
      method: 'POST', agent: false, signal, timeout: timeoutMs, lookup: guardedLookup(may, resolve),
      headers: {
        'content-type': 'application/json', 'content-length': Buffer.byteLength(body), 'user-agent': 'gradstream', 'webhook-id': id, 'webhook-timestamp': String(seconds),
        ...(secret ? { 'webhook-signature': signature(secret, id, seconds, body) } : {}),
      },
    }, (response) => {
      response.destroy();
      settle(outcomeOf(response.statusCode ?? 0, response.headers['retry-after']));
    });
    call.once('timeout', () => call.destroy(new Error(`no answer in ${timeoutMs / 1000} s`)));
    call.once('error', (error) => settle(error instanceof ForbiddenAddress ? { type: 'refused', reason: error.message } : { type: 'failed', reason: error.message }));
    call.end(body);
  });
}

function outcomeOf(status: number, retryAfter: string | undefined): Outcome {
  if (status >= 200 && status < 300) return { type: 'delivered' };
  if (status >= 300 && status < 400) return { type: 'refused', reason: `it answered ${status}, and redirects are not followed` };
  if (status >= 400 && status < 500 && ![408, 425, 429].includes(status)) return { type: 'refused', reason: `it answered ${status}` };
  return { type: 'failed', reason: `it answered ${status}`, ...(retryAfter && /^\d+$/.test(retryAfter) ? { retryAfterMs: Number(retryAfter) * 1000 } : {}) };
}
