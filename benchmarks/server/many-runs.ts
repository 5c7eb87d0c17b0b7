/** How long a server with many runs takes to start, and to list, filter and sort them. */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { encodePoints, pointsMediaType } from '@gradstream/protocol';
import { median, rounded } from '../harness.ts';
import { begin, residentMegabytes, send, settled, startOurs, stop, timed } from './databases.ts';

export async function manyRuns(root: string, runs: number, say: (line: string) => void): Promise<object[]> {
  const dir = join(root, 'many');
  const first = await startOurs(dir);
  await begin(first, 'run1');
  await send(`${first.url}/api/v1/runs/run1/points`, pointsMediaType, encodePoints({
    writer: 'bench', seq: 1, attempt: 0, t0: 1.79e12, step: Float64Array.from({ length: 100 }, (_, i) => i), dt: new Float64Array(100),
    columns: Array.from({ length: 100 }, (_, c) => ({ metric: `m${c}/loss`, values: Float64Array.from({ length: 100 }, (_, i) => c + i) })),
  }));
  await send(`${first.url}/api/v1/runs/run1`, 'application/json', '{"state":"finished"}', 'PATCH');
  await settled(first);
  await stop(first);
  repeat(join(dir, 'runs.sqlite'), runs);

  const began = performance.now();
  const server = await startOurs(dir);
  await timed(`${server.url}/api/v1/runs?limit=1`);
  const rows: object[] = [{ question: `start with ${runs} runs x 100 metrics, ms to the first answer`, ms: rounded(performance.now() - began) }];
  for (const [what, query] of [['list', ''], ['filter', `?filter=${encodeURIComponent('m5/loss<20')}`], ['sort', '?sort=-m7/loss'], ['both', `?sort=m7/loss&filter=${encodeURIComponent('tags.lr=3 and m9/loss>50')}`]]) {
    const cold = await timed(`${server.url}/api/v1/runs${query}`);
    const warm: number[] = [];
    for (let i = 0; i < 20; i += 1) warm.push(await timed(`${server.url}/api/v1/runs${query}`));
    rows.push({ question: `${what} ${runs} runs, a page of 100, ms`, first: rounded(cold), p50: rounded(median(warm)), megabytes: rounded(residentMegabytes(server)) });
    say(JSON.stringify(rows.at(-1)));
  }
  await stop(server);
  return rows;
}

/** Writes the one run that there is again under other names, with other last values. */
function repeat(file: string, runs: number): void {
  const db = new Database(file);
  const numbers = `WITH RECURSIVE n(k) AS (SELECT 2 UNION ALL SELECT k + 1 FROM n WHERE k < ${runs})`;
  db.exec(`BEGIN;
    ${numbers} INSERT INTO run SELECT k, 'run' || k, json_set(record, '$.id', 'run' || k, '$.created', json_extract(record, '$.created') + k, '$.tags.lr', CAST(k % 13 AS TEXT), '$.project', 'p' || (k % 7)) FROM n, run WHERE key = 1;
    ${numbers} INSERT INTO series SELECT k, no, metric, attempt, json_set(record, '$.last', (k * 7919 % 10007) / 100.0) FROM n, series WHERE run = 1;
    COMMIT;`);
  db.close();
}
