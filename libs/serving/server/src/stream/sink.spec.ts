import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { responseSink, type Sink } from './sink.ts';

/** A sink at one end of a connection of its own, and what ends the server. */
async function served(use: (sink: Sink, response: ServerResponse) => void): Promise<{ readonly port: number; close(): void }> {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/plain' });
    response.flushHeaders();
    use(responseSink(response), response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => void server.close().closeAllConnections() };
}

async function textAt(port: number, version?: '1.0'): Promise<string> {
  if (version) {
    const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.0\r\n\r\n'));
    const parts: Buffer[] = [];
    for await (const part of socket) parts.push(part as Buffer);
    return Buffer.concat(parts).toString().split('\r\n\r\n').slice(1).join('\r\n\r\n');
  }
  const response = await new Promise<IncomingMessage>((resolve, reject) => get({ port, host: '127.0.0.1' }, resolve).once('error', reject));
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

const words = ['retry\n', Buffer.from('ünë '), 'a text ', Buffer.from('twice '), Buffer.from('x'.repeat(70_000)), 'end'] as const;

describe('an answer as a sink', () => {
  it('brings texts and bytes in the order in which they are written, in chunks that a client understands', async () => {
    const twice = words[3];
    const { port, close } = await served((sink) => {
      for (const each of [...words, twice]) sink.write(each);
      sink.end();
    });
    expect(await textAt(port)).toBe([...words, twice].map(String).join(''));
    close();
  });

  it('writes the bytes alone where the answer has no chunks, as to a client of HTTP/1.0', async () => {
    const { port, close } = await served((sink) => {
      for (const each of words) sink.write(each);
      sink.end();
    });
    expect(await textAt(port, '1.0')).toBe(words.map(String).join(''));
    close();
  });

  it('makes one chunk of bytes that many readers are sent', async () => {
    const bytes = Buffer.from('for everyone');
    const sent: unknown[] = [];
    const { port, close } = await served((sink, { socket }) => {
      const write = jest.spyOn(socket!, 'write');
      sink.write(bytes);
      sent.push(...write.mock.calls.map(([chunk]) => chunk));
      write.mockRestore();
      sink.end();
    });
    expect([await textAt(port), await textAt(port)]).toEqual(['for everyone', 'for everyone']);
    expect(sent).toHaveLength(2);
    expect(sent[1]).toBe(sent[0]);
    expect(String(sent[0])).toBe('c\r\nfor everyone\r\n');
    close();
  });

  it('says when a reader that was behind has caught up, and keeps the order meanwhile', async () => {
    const block = Buffer.alloc(2 ** 20, 'b');
    let blocks = 0;
    const { port, close } = await served(async (sink) => {
      while (sink.write(block)) blocks += 1;
      blocks += 1;
      sink.write('after');
      await sink.ready();
      sink.write('end');
      sink.end();
    });
    const response = await new Promise<IncomingMessage>((resolve) => get({ port, host: '127.0.0.1' }, resolve));
    await new Promise((resolve) => setTimeout(resolve, 50));
    const parts: Buffer[] = [];
    for await (const part of response) parts.push(part as Buffer);
    const text = Buffer.concat(parts).toString();
    expect(text.length).toBe(blocks * block.length + 8);
    expect(text.endsWith('bafterend')).toBe(true);
    close();
  });

  it('lets nobody wait for a reader that is gone', async () => {
    let [closed, ready] = [0, Promise.resolve() as Promise<unknown>];
    const gone = new Promise<void>((resolve) => void served((sink) => {
      sink.onClose(() => {
        closed += 1;
        void ready.then(() => resolve());
      });
      while (sink.write(Buffer.alloc(2 ** 20)));
      ready = sink.ready();
    }).then(({ port, close }) => {
      const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'));
      socket.once('data', () => socket.destroy()).once('close', close);
    }));
    await gone;
    expect(closed).toBe(1);
  });
});
