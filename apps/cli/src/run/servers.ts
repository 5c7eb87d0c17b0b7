import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commands, type RunCommand } from '@gradstream/client';
import type { Observable } from 'rxjs';

/** The built viewer, when there is one. */
export function viewerFolder(): string | undefined {
  const dir = fileURLToPath(new URL('../../../viewer/dist/', import.meta.url));
  return existsSync(join(dir, 'index.html')) ? dir : undefined;
}

/** Where a run is published to: a server, or a bus that servers read from. */
export interface Target {
  readonly url: string;
  readonly fetch?: typeof fetch;
  /** What a run is told there while it trains; a bus carries no commands. */
  commands?(run: string): Observable<RunCommand>;
  close?(): Promise<void>;
}

/** A metrics server at `http://…`, or NATS JetStream at `nats://…`. @throws InputError for a bus that is not there */
export async function targetAt(url: string): Promise<Target> {
  if (!/^(nats|tls):/.test(url)) return { url, commands: (run) => commands(url, run) };
  const { natsTransport } = await import('@gradstream/client/nats');
  return natsTransport(url);
}

/** The address, when a metrics server answers there within half a second. */
export async function reachable(url: string): Promise<string | undefined> {
  try {
    const answer = await fetch(`${url}/api/v1/runs?limit=1`, { signal: AbortSignal.timeout(500) });
    return answer.ok || answer.status === 401 ? url : undefined;
  } catch {
    return undefined;
  }
}
