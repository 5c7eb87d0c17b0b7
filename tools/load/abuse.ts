/** What those do who wish a server no good: each for as long as it is asked to, over loopback. */
import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';

type Abuse = (url: string, goesOn: () => boolean) => Promise<unknown>;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const post = (url: string, path: string, body: BodyInit, headers: Record<string, string> = {}): Promise<unknown> =>
  fetch(url + path, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body, signal: AbortSignal.timeout(10_000) }).then((response) => response.text()).catch(() => {});

/** Holds connections that send a byte now and then; those that are closed come back. */
const dripping = (count: number, head: (host: string) => string): Abuse => async (url, goesOn) => {
  const { hostname, port, host } = new URL(url);
  const sockets = new Map<number, Socket>();
  while (goesOn()) {
    for (let i = 0; i < count; i += 1) {
      const known = sockets.get(i);
      if (known && !known.destroyed) known.write('x');
      else sockets.set(i, connect(Number(port), hostname, function opened(this: Socket) {
        this.write(head(host));
      }).on('error', () => {}));
    }
    await pause(500);
  }
  for (const socket of sockets.values()) socket.destroy();
};

const again = (everyMs: number, work: (url: string, i: number) => Promise<unknown>): Abuse => async (url, goesOn) => {
  for (let i = 0; goesOn(); i += 1) {
    await work(url, i);
    await pause(everyMs);
  }
};

const bomb = gzipSync(Buffer.alloc(64 * 2 ** 20));
const deep = `${'['.repeat(400_000)}${']'.repeat(400_000)}`;

export const abuses: Readonly<Record<string, Abuse>> = {
  'slow headers': dripping(100, (host) => `POST /api/v1/runs/healthy/points HTTP/1.1\r\nHost: ${host}\r\nX-Slow: `),
  'slow bodies': dripping(100, (host) => `POST /api/v1/runs/healthy/points HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{`),
  'gzip bombs': again(50, (url) => post(url, '/api/v1/runs/abused/points', bomb as BodyInit, { 'content-encoding': 'gzip' })),
  'deep JSON': again(50, (url) => post(url, '/api/v1/runs/abused/points', deep)),
  'a million metric names': again(20, (url, i) => post(url, '/api/v1/runs/abused/points', JSON.stringify({
    writer: 'abuse', seq: i + 1, t0: 0, step: [i], m: Object.fromEntries(Array.from({ length: 1000 }, (_, k) => [`name/${i * 1000 + k}`, [1]])),
  }))),
};
