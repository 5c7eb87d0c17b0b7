import { InputError } from '@gradstream/numerics';

/** How to reach a server. */
export interface Connection {
  /** Sent as `Authorization: Bearer …`. Default: the environment's GRADSTREAM_TOKEN, where there is an environment. */
  readonly token?: string;
  /** Instead of the platform's `fetch`. */
  readonly fetch?: typeof fetch;
}

/** The server would not have it, and will not another time either. */
export class Refused extends Error {
  override readonly name = 'Refused';
  constructor(readonly status: number, message: string) {
    super(message);
  }
}

/** The server could not be reached, or asked to come back later. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
  /** @param retryAfterMs what the server asked for, if it did */
  constructor(message: string, readonly retryAfterMs?: number) {
    super(message);
  }
}

/** A server's address without its last slashes. @throws InputError for what is no http address */
export function serverUrl(url: string, where: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !/^https?:$/.test(parsed.protocol)) throw new InputError(`${where}: the server's address must be like http://127.0.0.1:4319, received '${url}'`);
  return url.replace(/\/+$/, '');
}

const tokenOf = ({ token }: Connection): string | undefined => token ?? (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env?.GRADSTREAM_TOKEN;

/**
 * One request. What is worth another try is told from what is not: `Unavailable` from `Refused`.
 *
 * @param signal ends it
 */
export async function request(connection: Connection, url: string, init: RequestInit = {}): Promise<Response> {
  const token = tokenOf(connection);
  const headers = new Headers(init.headers);
  if (token) headers.set('authorization', `Bearer ${token}`);
  let response: Response;
  try {
    response = await (connection.fetch ?? fetch)(url, { ...init, headers });
  } catch (error) {
    if (init.signal?.aborted && init.signal.reason === ended) throw error;
    throw new Unavailable(reasonOf(error));
  }
  if (response.ok) return response;
  const message = await messageOf(response);
  if (response.status >= 500 || [408, 425, 429].includes(response.status)) throw new Unavailable(message, Number(response.headers.get('retry-after')) * 1000 || undefined);
  throw new Refused(response.status, message);
}

/** Reason with which a request is ended by whoever asked for it. */
export const ended = new Error('ended');

async function messageOf(response: Response): Promise<string> {
  const body = (await response.json().catch(() => undefined)) as { error?: { message?: string } } | undefined;
  return body?.error?.message ?? `the server answered ${response.status}`;
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause as { code?: string } | undefined) : undefined;
  return cause?.code ?? (error instanceof Error ? error.message : String(error));
}

/** Pause before try number `n` (0-based): doubles from `first` up to `most`, half of it by chance so that clients do not come at once. */
export const backoffMs = (n: number, first: number, most: number): number => Math.min(most, first * 2 ** n) * (0.5 + Math.random() / 2);
