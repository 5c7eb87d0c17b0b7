import { firstValueFrom, lastValueFrom, Observable, takeWhile, toArray } from 'rxjs';
import { WebSocket } from 'ws';
import { commands, connect, steer, subscribe, type RunCommand } from '@gradstream/client';
import { memoryStore } from '../open-store.ts';
import { serve, type RunningServer } from '../serve.ts';
import { Tokens } from '../security/tokens.ts';
import { subProtocol } from '../stream/websocket.ts';

let server: RunningServer;
const begin = async (options = {}) => {
  server = await serve({ store: await memoryStore(), port: 0, control: true, ...options });
  await connect(server.url).put('r', { controls: { commands: ['pause', 'stop'], set: { learningRate: { min: 0, max: 1 } } } }).catch(() => {});
};
afterEach(() => server.close());

describe('a command', () => {
  it('reaches the run, and what became of it reaches everybody', async () => {
    await begin();
    const trainer = commands(server.url, 'r').subscribe((command) => void (command.command === 'set' ? command.applied({ step: 12, old: 0.1 }) : command.refused('not now')));
    await new Promise((resolve) => setTimeout(resolve, 50));
    const seen = lastValueFrom(subscribe(server.url, { run: 'r', event: 'control', everyMs: 0 }).pipe(takeWhile((event) => !(event.type === 'control' && event.status === 'refused'), true), toArray()));
    await steer(server.url, 'r', { id: 'a', command: 'set', path: 'learningRate', value: 0.5 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    await steer(server.url, 'r', { id: 'b', command: 'pause' });
    expect(await seen).toMatchObject([
      { id: 'a', status: 'asked', command: 'set', value: 0.5 }, { id: 'a', status: 'applied', old: 0.1, step: 12 },
      { id: 'b', status: 'asked', command: 'pause' }, { id: 'b', status: 'refused', reason: 'not now' },
    ]);
    trainer.unsubscribe();
  });

  it.each([
    [{ command: 'step' }, 'command: the run takes pause, stop, set learningRate'],
    [{ command: 'set', path: 'learningRate', value: 2 }, 'command: learningRate must be in [0, 1], received 2'],
    [{ command: 'set', path: 'learningRate', value: 'NaN' }, 'command: learningRate must be in [0, 1], received NaN'],
    [{ command: 'set', path: '__proto__', value: 1 }, 'command: the run lets be set: learningRate'],
    [{ command: 'set' }, 'command: set needs a path and a value'],
  ] as const)('%j is refused where it is not allowed', async (command, sentence) => {
    await begin();
    await expect(steer(server.url, 'r', command)).rejects.toThrow(sentence);
  });

  it('changes the state of a run that listens, and not that of one that has ended meanwhile', async () => {
    await begin();
    const state = async () => (await connect(server.url).run('r'))!.state;
    const hear = () => firstValueFrom(new Observable<RunCommand>((listener) => {
      const listening = commands(server.url, 'r').subscribe((command) => listener.next(Object.assign(command, { leave: () => listening.unsubscribe() })));
    })) as Promise<RunCommand & { leave(): void }>;
    const ask = async () => {
      const heard = hear();
      await new Promise((resolve) => setTimeout(resolve, 50));
      await steer(server.url, 'r', { command: 'pause' });
      return heard;
    };
    const first = await ask();
    await first.applied({ step: 1 });
    expect(await state()).toBe('paused');
    first.leave();
    const second = await ask();
    second.leave();
    await connect(server.url).patch('r', { state: 'finished' });
    await second.applied({ step: 1 });
    expect(await state()).toBe('finished');
  });

  it('is refused without the scope', async () => {
    await begin({ control: false });
    await expect(steer(server.url, 'r', { command: 'pause' })).rejects.toThrow("this needs the scope 'control', and without a token there is read, write");
  });
});

describe('the WebSocket', () => {
  /** A client that notes what it hears. */
  async function open(headers: Record<string, string> = {}) {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/api/v1/ws`, [subProtocol], { headers });
    const heard: { op?: string; id: string; n: number; lines: string; message?: string; lsn?: number }[] = [];
    const waiting: (() => void)[] = [];
    socket.on('message', (data) => {
      heard.push(JSON.parse(String(data)));
      for (const check of waiting) check();
    });
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    const until = (enough: () => boolean) => new Promise<void>((resolve) => waiting.push(() => enough() && resolve()));
    return { socket, heard, until, say: (message: object) => socket.send(JSON.stringify(message)) };
  }

  it('carries several subscriptions and commands', async () => {
    await begin();
    const client = await open();
    client.say({ op: 'sub', id: 'all', run: ['r'], every: 0 });
    client.say({ op: 'sub', id: 'control', run: ['r'], event: ['control'], every: 0 });
    client.say({ op: 'ctl', id: 'c', run: 'r', command: 'stop' });
    await client.until(() => client.heard.some(({ id, lines }) => id === 'control' && lines?.includes('"stop"')));
    expect(client.heard.find(({ op }) => op === 'ctl')).toEqual({ op: 'ctl', id: 'c', lsn: 3 });
    expect(client.heard.find(({ id }) => id === 'all')!.lines).toContain('"type":"config"');
    client.say({ op: 'ctl', run: 'r', id: 'd', command: 'resume' });
    client.say({ op: 'nonsense' });
    await client.until(() => client.heard.filter(({ op }) => op === 'error').length === 2);
    expect(client.heard.filter(({ op }) => op === 'error').map(({ message }) => message).sort()).toEqual(['command: the run takes pause, stop, set learningRate', expect.stringContaining('message: op')]);
    client.socket.close();
  });

  it('sends no more than 64 messages ahead of a client that acknowledges none', async () => {
    await begin();
    const client = await open();
    client.say({ op: 'sub', id: 'a', run: ['r'], every: 0 });
    const api = `${server.url}/api/v1/runs/r/events`;
    for (let i = 0; i < 80; i += 1) {
      await fetch(api, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ type: 'text', name: 'log', text: String(i) }) });
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(client.heard.length).toBe(64);
    const rest = client.until(() => client.heard.at(-1)!.lines.includes('"text":"79"'));
    client.say({ op: 'ack', id: 'a', n: 64 });
    await rest;
    expect(client.heard.length).toBeLessThan(80);
    client.socket.close();
  });

  it('opens to nobody from a foreign page, under a foreign name or without a token', async () => {
    const tokens = new Tokens();
    const token = tokens.create({ name: 'a', scopes: ['read'] });
    await begin({ tokens });
    await expect(open()).rejects.toThrow('401');
    await expect(open({ authorization: `Bearer ${token}`, origin: 'http://evil.example' })).rejects.toThrow('403');
    await expect(open({ authorization: `Bearer ${token}`, host: 'evil.example' })).rejects.toThrow('421');
    const client = await open({ authorization: `Bearer ${token}` });
    client.say({ op: 'ctl', id: 'c', run: 'r', command: 'stop' });
    await client.until(() => client.heard.length > 0);
    expect(client.heard[0].message).toContain("needs the scope 'control'");
    client.socket.close();
  });
});

it('follows a run that does not exist yet', async () => {
  await begin();
  const first = firstValueFrom(subscribe(server.url, { run: 'later', everyMs: 0 }));
  await new Promise((resolve) => setTimeout(resolve, 30));
  await connect(server.url).put('later', {});
  expect(await first).toMatchObject({ type: 'config', run: 'later' });
});
