import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The built viewer, when there is one. */
export function viewerFolder(): string | undefined {
  const dir = fileURLToPath(new URL('../../../viewer/dist/', import.meta.url));
  return existsSync(join(dir, 'index.html')) ? dir : undefined;
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
