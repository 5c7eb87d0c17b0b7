import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RunStore } from '../run-store.ts';
import { memoryStore } from '../open-store.ts';
import { serve } from '../serve.ts';
import { parseWebhooks, type WebhookInput } from './config.ts';
import { deliver } from './deliver.ts';
import { mayCall } from './public-address.ts';
import { Webhooks, type WebhookOptions } from './webhooks.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

interface Call {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A hook on this machine that answers as it is told, then with 204, and tells of each call. */
async function hook(...answers: ((response: ServerResponse) => void)[]) {
  const calls: Call[] = [];
  let wake = (): void => {};
  const server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString())).on('end', () => {
      calls.push({ headers: request.headers, body });
      const answer = answers.shift();
      if (answer) answer(response);
      else response.writeHead(204).end();
      wake();
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  ends.push(() => new Promise((resolve) => server.close(resolve)));
  const until = async (n: number): Promise<Call[]> => {
    while (calls.length < n) await new Promise<void>((resolve) => (wake = resolve));
    return calls;
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, port: (server.address() as AddressInfo).port, calls, until };
}

const secret = `whsec_${Buffer.from('a key that only two know').toString('base64')}`;
const hooksOf = (...given: WebhookInput[]) => parseWebhooks({ version: 1, webhooks: given });
const own = ['127.0.0.0/8'];

async function storeWith(hooks: WebhookInput[], options: WebhookOptions = {}): Promise<{ store: RunStore; errors: string[] }> {
  const store = await memoryStore();
  const errors: string[] = [];
  const webhooks = new Webhooks(store, hooksOf(...hooks), { retryMs: [1, 1, 1], onError: (message) => errors.push(message), ...options });
  ends.push(() => webhooks.close());
  return { store, errors };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 50));

describe('webhooks', () => {
  it('are told of ends and alerts, once, in order, signed as Standard Webhooks are', async () => {
    const at = await hook();
    const store = await memoryStore();
    await store.put('old', {});
    await store.note('old', { type: 'alert', wall: 1, level: 'info', title: 'before' });
    const server = await serve({ store, port: 0, webhooks: hooksOf({ url: at.url, allow: own, secret }) });
    ends.push(() => server.close());
    await store.put('r', { name: 'first', project: 'p' });
    await store.append('r', { writer: 'w', seq: 1, attempt: 0, t0: 0, step: Float64Array.of(3), dt: Float64Array.of(0), columns: [{ metric: 'train/loss', values: Float64Array.of(NaN) }] });
    await store.note('r', { type: 'alert', wall: 5, level: 'error', title: 'not finite', step: 3 });
    await store.patch('r', { state: 'failed', reason: 'loss is NaN' });
    await store.patch('old', { state: 'finished' });
    const calls = await at.until(3);
    const said = calls.map(({ body }) => JSON.parse(body));
    expect(said.map(({ type, data }) => [type, data.run])).toEqual([['run.alert', 'r'], ['run.failed', 'r'], ['run.finished', 'old']]);
    expect(said[0]).toMatchObject({ timestamp: '1970-01-01T00:00:00.005Z', data: { name: 'first', project: 'p', alert: { title: 'not finite', level: 'error', step: 3 } } });
    expect(said[1].data).toMatchObject({ reason: 'loss is NaN', metrics: { 'train/loss': { last: 'NaN', step: 3 } } });
    for (const { headers, body } of calls) {
      const signed = createHmac('sha256', 'a key that only two know').update(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`).digest('base64');
      expect(headers['webhook-signature']).toBe(`v1,${signed}`);
    }
    expect(new Set(calls.map(({ headers }) => headers['webhook-id'])).size).toBe(3);
  });

  it('hear of their project and their events alone', async () => {
    const at = await hook();
    const { store } = await storeWith([{ url: at.url, allow: own, events: ['run.finished'], project: 'mine' }]);
    for (const project of ['mine', 'other']) {
      await store.put(project, { project });
      await store.note(project, { type: 'alert', wall: 1, level: 'info', title: 'x' });
      await store.patch(project, { state: 'finished' });
    }
    await at.until(1);
    await settled();
    expect(at.calls.map(({ body }) => JSON.parse(body).data.run)).toEqual(['mine']);
  });

  it('are tried again under the same id while they fail, and given up in the end', async () => {
    const failing = (response: ServerResponse) => void response.writeHead(503).end();
    const at = await hook(failing, (response) => void response.destroy(), failing);
    const gone = await hook(...Array.from({ length: 9 }, () => failing));
    const { store, errors } = await storeWith([{ url: at.url, allow: own }, { url: gone.url, allow: own }]);
    await store.put('r', {});
    await store.patch('r', { state: 'finished' });
    const calls = await at.until(4);
    expect(new Set(calls.map(({ headers }) => headers['webhook-id']))).toEqual(new Set(['r.3']));
    await gone.until(4);
    await settled();
    expect([at.calls.length, gone.calls.length]).toEqual([4, 4]);
    expect(errors).toEqual([`webhook at 127.0.0.1:${gone.port}: r.3 was not delivered: it answered 503, after 4 tries`]);
  });

  it('follow no redirect', async () => {
    const inside = await hook();
    const at = await hook((response) => void response.writeHead(307, { location: inside.url }).end());
    const { store, errors } = await storeWith([{ url: at.url, allow: own }]);
    await store.put('r', {});
    await store.patch('r', { state: 'finished' });
    await at.until(1);
    await settled();
    expect([at.calls.length, inside.calls.length]).toEqual([1, 0]);
    expect(errors[0]).toContain('it answered 307, and redirects are not followed');
  });

  it.each([
    [{ url: 'ftp://example.org' }, 'webhooks: webhooks.0.url must be an http or https address'],
    [{ url: 'https://example.org', secret: 'short' }, "webhooks: webhooks.0.secret must be 'whsec_' and at least 16 letters of base64"],
    [{ url: 'https://example.org', evnts: [] }, 'webhooks: webhooks.0.evnts is not a known field'],
  ])('are refused where they are written %j', (given, sentence) => {
    expect(() => hooksOf(given as WebhookInput)).toThrow(sentence);
  });
});

describe('what a webhook may call', () => {
  it.each(['127.0.0.1', '127.9.9.9', '0.0.0.0', '10.1.2.3', '100.64.0.1', '169.254.169.254', '172.31.0.1', '192.168.1.1', '224.0.0.1', '255.255.255.255', '::1', '::', 'fe80::1', 'fd00::1', 'fec0::1', '::ffff:10.0.0.1', '::ffff:7f00:1', '64:ff9b::a00:1', '2002:7f00:1::', 'no address'])('is not %s', (address) => {
    expect(mayCall()(address)).toBe(false);
  });

  it.each(['1.1.1.1', '93.184.215.14', '172.32.0.1', '2606:4700::1111', '::ffff:1.1.1.1'])('is %s', (address) => {
    expect(mayCall()(address)).toBe(true);
  });

  it('is also what the operator allows, and no more than that', () => {
    expect(mayCall(['10.1.0.0/16'])('10.1.2.3')).toBe(true);
    expect(mayCall(['10.1.0.0/16'])('10.2.2.3')).toBe(false);
    expect(() => mayCall(['10.1.0.0'])).toThrow("allow: a network must be like 10.0.0.0/8, received '10.1.0.0'");
  });

  it.each(['http://2130706433/', 'http://0x7f.1/', 'http://[::1]/', 'http://[::ffff:127.0.0.1]/', 'http://0/', 'http://127.1/'])('is not this machine under the name %s', async (url) => {
    const [given] = hooksOf({ url });
    expect(await deliver(given, { id: 'x', body: '{}' }, new AbortController().signal)).toMatchObject({ type: 'refused' });
  });

  it('is not a name that points inside, not even with one of its addresses, nor one that changes its mind', async () => {
    const inside = await hook();
    const [given] = hooksOf({ url: inside.url.replace('127.0.0.1', 'rebind.example') });
    const answers = [[{ address: '1.1.1.1', family: 4 }, { address: '127.0.0.1', family: 4 }], [{ address: '127.0.0.1', family: 4 }], [{ address: '::ffff:127.0.0.1', family: 6 }], []];
    for (const addresses of answers) {
      const outcome = await deliver(given, { id: 'x', body: '{}' }, new AbortController().signal, async () => addresses);
      expect(outcome).toMatchObject({ type: 'refused', reason: expect.stringMatching(/^rebind\.example (is .*not on the public internet|has no address)$/) });
    }
    expect(inside.calls).toEqual([]);
  });
});
