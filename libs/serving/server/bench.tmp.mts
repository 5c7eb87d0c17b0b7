// quick ingest profile: server in this process, client in child? simple: child does the load
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { openStore, memoryStore, serve } from './src/index.ts';
import { encodePoints, formatPoints, stringify } from '@gradstream/protocol';
const dir = mkdtempSync('/tmp/bm-');
if (process.argv[2] === 'server') {
  const store = await openStore(dir);
  const s = await serve({ store, port: 0 });
  process.send!({ url: s.url });
  process.on('message', (m) => { if (m === 'cpu') process.send!({ cpu: process.cpuUsage(), rss: process.memoryUsage().rss }); if (m === 'end') s.close().then(() => { rmSync(dir, { recursive: true }); process.exit(0); }); });
} else {
  const child = fork(import.meta.filename ?? new URL(import.meta.url).pathname, ['server'], { execArgv: process.argv[3] === 'prof' ? [...process.execArgv, '--cpu-prof', '--cpu-prof-dir=/tmp/bm'] : process.execArgv });
  const next = () => new Promise<any>((r) => child.once('message', r));
  const { url } = await next();
  const http = await import('node:http');
  const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
  const send = (path: string, type: string, body: Uint8Array | string, method = 'POST') => new Promise<any>((res, rej) => { const q = http.request(url + path, { method, agent, headers: { 'content-type': type, 'content-length': Buffer.byteLength(body) } }, (r) => { let t = ''; r.on('data', (d) => t += d).on('end', () => res(JSON.parse(t))); }); q.on('error', rej); q.end(body); });
  for (const form of ['binary', 'json']) {
    const run = `r-${form}`;
    await send(`/api/v1/runs/${run}`, 'application/json', '{}', 'PUT');
    const N = form === 'binary' ? 2000 : 1000;
    const bodies: (Uint8Array | string)[] = [];
    for (let b = 0; b < N; b++) {
      const step = Float64Array.from({ length: 100 }, (_, i) => b * 100 + i);
      const batch = { writer: 'w', seq: b + 1, attempt: 0, t0: 1.7e12 + b * 1000, step, dt: step.map((_, i) => i * 10 + (i * 7) % 3), columns: Array.from({ length: 10 }, (_, c) => ({ metric: `train/metric${c}`, values: step.map((s) => Math.fround(Math.exp(-s / 1e5) + 0.1 * Math.random())) })) };
      bodies.push(form === 'binary' ? encodePoints(batch) : stringify(formatPoints(batch)));
    }
    child.send('cpu'); const before = await next(); const t = Date.now();
    let i = 0; let acc = 0;
    await Promise.all([0, 1, 2, 3].map(async () => { while (i < N) { const b = bodies[i++]; const a = await send(`/api/v1/runs/${run}/points`, form === 'binary' ? 'application/vnd.gradstream.points' : 'application/json', b); acc += a.accepted; } }));
    const wall = (Date.now() - t) / 1000;
    child.send('cpu'); const after = await next();
    const cpu = (after.cpu.user + after.cpu.system - before.cpu.user - before.cpu.system) / 1e6;
    console.log(form, 'accepted', acc, 'wall pts/s', Math.round(acc / wall), 'pts/cpu-s', Math.round(acc / cpu), 'B/pt', (bodies[5].length / 1000).toFixed(1), 'rss', Math.round(after.rss / 1e6));
  }
  const times: number[] = [];
  for (let k = 0; k < 60; k++) { const t = performance.now(); await new Promise<void>((res) => http.get(`${url}/api/v1/runs/r-binary/series?metric=train/metric3&points=1000`, { agent }, (r) => { r.on('data', () => {}).on('end', () => res()); })); times.push(performance.now() - t); }
  times.sort((a, b) => a - b); console.log('chart 200k p50', times[30].toFixed(2), 'p99', times[59].toFixed(2));
  child.send('end');
}
