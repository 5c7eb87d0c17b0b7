import { execFileSync } from 'node:child_process';
import asyncApiSpecs from '@asyncapi/specs';
import { Ajv } from 'ajv';
import { WebSocket } from 'ws';
import { parseStreamEvent } from '@gradstream/protocol';
import { memoryStore } from '../open-store.ts';
import { serve, type RunningServer } from '../serve.ts';
import { Tokens } from '../security/tokens.ts';
import { eventExamples, exampleRun, examples, socketExamples } from './examples.ts';

let server: RunningServer;
let token: string;
beforeEach(async () => {
  const tokens = new Tokens();
  token = tokens.create({ name: 'test', scopes: ['admin'] });
  server = await serve({ store: await memoryStore(), port: 0, tokens });
});
afterEach(() => server.close());

type Json = Record<string, never>;
const get = async (path: string) => (await (await fetch(`${server.url}/api/v1/${path}`)).json()) as Json;
/** Sends an example as it stands in the document. */
const sendExample = (key: string, body: unknown, query: Record<string, string>): Promise<Response> => {
  const [method, path] = key.split(' ');
  const address = `${server.url}/api/v1${path.replace(':id', exampleRun)}${Object.keys(query).length > 0 ? `?${new URLSearchParams(query)}` : ''}`;
  return fetch(address, { method: method.toUpperCase(), headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }, body: body === undefined ? undefined : JSON.stringify(body) });
};

describe('the OpenAPI document', () => {
  it('is OpenAPI 3.1', async () => {
    const script = "import { Validator } from '@seriousme/openapi-schema-validator'; import { readFileSync } from 'node:fs'; console.log(JSON.stringify(await new Validator().validate(JSON.parse(readFileSync(0, 'utf8')))))";
    const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: __dirname, input: JSON.stringify(await get('openapi.json')) });
    expect(JSON.parse(said.toString())).toEqual({ valid: true });
  });

  it('shows an example of every request, and every one of them works', async () => {
    const { paths } = (await get('openapi.json')) as unknown as { paths: Record<string, Record<string, { parameters: { name: string; in: string; example?: string; required?: boolean }[]; requestBody?: { content: Record<string, { example?: unknown }> }; responses: Record<string, unknown> }>> };
    const documented = Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => [`${method} ${path.replace('/api/v1', '').replace('{id}', ':id')}`, operation] as const));
    expect(documented.map(([key]) => key).sort()).toEqual(Object.keys(examples).sort());
    const byKey = new Map<string, (typeof documented)[number][1]>(documented);
    for (const [key, { status }] of Object.entries(examples)) {
      const { parameters, requestBody, responses } = byKey.get(key)!;
      const query = Object.fromEntries(parameters.filter((each) => each.in === 'query' && each.example !== undefined).map(({ name, example }) => [name, example!]));
      const body = requestBody?.content['application/json'].example;
      // The token in a document is no real one.
      const response = await sendExample(key, key === 'post /session' ? { token } : body, query);
      expect({ key, status: response.status, text: response.status === status ? '' : await response.text() }).toEqual({ key, status, text: '' });
      expect(Object.keys(responses)).toContain(String(status));
      if (response.body) await response.body.cancel();
    }
  });
});

describe('the AsyncAPI document', () => {
  it('is AsyncAPI 3.0', async () => {
    const ajv = new Ajv({ strict: false, validateFormats: false });
    const validate = ajv.compile(asyncApiSpecs.schemasWithoutId['3.0.0'] as object);
    const valid = validate(await get('asyncapi.json'));
    expect(validate.errors?.slice(0, 3) ?? []).toEqual([]);
    expect(valid).toBe(true);
  });

  it('shows an example of every message', async () => {
    const { components } = (await get('asyncapi.json')) as unknown as { components: { messages: Record<string, { examples: { payload: object }[] }> } };
    for (const [name, { examples: shown }] of Object.entries(components.messages)) expect({ name, shown: shown.length > 0 }).toEqual({ name, shown: true });
    for (const event of eventExamples) expect(parseStreamEvent(JSON.stringify(event)).type).toBe(event.type);
  });

  it('shows events that come out of a stream as they were put in', async () => {
    await sendExample('put /runs/:id', {}, {});
    const own = eventExamples.filter(({ type }) => ['alert', 'text', 'histogram', 'image', 'control'].includes(type));
    for (const event of own) {
      const { run: _, lsn: __, ...note } = event as unknown as { run: string; lsn: number[] };
      expect((await sendExample('post /runs/:id/events', note, {})).status).toBe(200);
    }
    const text = await (await sendExample('get /stream', undefined, { run: exampleRun, format: 'ndjson', follow: '0', since: `${exampleRun}:2` })).text();
    expect(text.trim().split('\n').map((line) => ({ ...JSON.parse(line), lsn: undefined }))).toEqual(own.map((event) => ({ ...event, lsn: undefined })));
  });

  it('shows WebSocket messages that are obeyed', async () => {
    await sendExample('put /runs/:id', examples['put /runs/:id'].body, {});
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/api/v1/ws`, 'gradstream.v1', { headers: { authorization: `Bearer ${token}` } });
    await new Promise((resolve) => socket.once('open', resolve));
    const heard: { op?: string; lines?: string }[] = [];
    const answered = new Promise<void>((resolve) => socket.on('message', (data) => {
      heard.push(JSON.parse(String(data)));
      if (heard.some(({ op }) => op === 'ctl') && heard.some(({ lines }) => lines?.includes('"state"'))) resolve();
    }));
    for (const message of socketExamples.sent.slice(0, 3)) socket.send(JSON.stringify(message));
    await answered;
    socket.send(JSON.stringify(socketExamples.sent[3]));
    expect(heard.filter(({ op }) => op === 'error')).toEqual([]);
    socket.close();
  });
});
