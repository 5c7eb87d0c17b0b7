/** What ordinary users do: each a loop with a pause, so many of them, for so long. */
import { encodePoints, pointsMediaType } from '@gradstream/protocol';

/** Times of requests by what they were, in ms, and what was refused. */
export class Times {
  readonly byKind = new Map<string, number[]>();
  failures = 0;

  async of(kind: string, request: Promise<Response>): Promise<void> {
    const began = performance.now();
    try {
      const response = await request;
      await response.arrayBuffer();
      if (!response.ok) this.failures += 1;
    } catch {
      this.failures += 1;
    }
    this.byKind.set(kind, [...(this.byKind.get(kind) ?? []), performance.now() - began]);
  }

  all(): number[] {
    return [...this.byKind.values()].flat();
  }
}

/** One user: publishes to a run of its own, looks at its curve, and at the list. */
export async function user(url: string, run: string, times: Times, goesOn: () => boolean, pauseMs: number): Promise<void> {
  const json = { 'content-type': 'application/json' };
  await times.of('put', fetch(`${url}/api/v1/runs/${run}`, { method: 'PUT', headers: json, body: '{}' }));
  for (let seq = 1; goesOn(); seq += 1) {
    const step = Float64Array.from({ length: 50 }, (_, i) => seq * 50 + i);
    const body = encodePoints({ writer: `${run}-${Date.now()}`, seq, attempt: 0, t0: Date.now(), step, dt: new Float64Array(50), columns: [{ metric: 'loss', values: step.map(Math.sin) }] });
    await times.of('points', fetch(`${url}/api/v1/runs/${run}/points`, { method: 'POST', headers: { 'content-type': pointsMediaType }, body: body as BodyInit }));
    await times.of('chart', fetch(`${url}/api/v1/runs/${run}/series?metric=loss&points=500`));
    if (seq % 5 === 0) await times.of('list', fetch(`${url}/api/v1/runs?limit=20`));
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
