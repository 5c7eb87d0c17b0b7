import { z } from 'zod';
import { streamEvent } from '@gradstream/protocol';
import { socketAnswer, socketMessage, subProtocol } from '../stream/websocket.ts';
import { eventExamples, socketExamples } from './examples.ts';
import { schemaOf } from './openapi.ts';
import { send, type Route } from './route.ts';

type Json = Record<string, unknown>;

interface Message {
  readonly name: string;
  readonly schema: z.ZodType;
  readonly examples: readonly object[];
}

const messages: readonly Message[] = [
  ...streamEvent.options.map((schema): Message => {
    const [name] = schema.shape.type.values;
    return { name, schema, examples: eventExamples.filter(({ type }) => type === name) };
  }),
  ...socketMessage.options.map((schema): Message => {
    const [name] = schema.shape.op.values;
    return { name: `sent.${name}`, schema, examples: socketExamples.sent.filter(({ op }) => op === name) };
  }),
  ...Object.entries(socketAnswer).map(([name, schema]): Message => ({ name: `heard.${name}`, schema, examples: socketExamples.heard.filter((each) => schema.safeParse(each).success) })),
];

const events = messages.slice(0, streamEvent.options.length).map(({ name }) => name);
const sent = socketMessage.options.map((schema) => `sent.${[...schema.shape.op.values][0]}`);
const heard = Object.keys(socketAnswer).map((name) => `heard.${name}`);

const inComponents = (names: readonly string[]): Json => Object.fromEntries(names.map((name) => [name, { $ref: `#/components/messages/${name}` }]));
const inChannel = (channel: string, names: readonly string[]): Json[] => names.map((name) => ({ $ref: `#/channels/${channel}/messages/${name}` }));

/** AsyncAPI 3.0 of the streams, written from the schemas that check them: server-sent events, NDJSON and the WebSocket. */
export function asyncApi(): Json {
  return {
    asyncapi: '3.0.0',
    info: { title: 'Gradstream metrics server, as streams', version: '1', description: 'What runs log, replayed and then live. Delivery is at least once; with the cursor its effect is exactly once. Non-finite numbers are written "NaN", "Infinity", "-Infinity".' },
    defaultContentType: 'application/json',
    channels: {
      stream: {
        address: '/api/v1/stream', title: 'Server-sent events, or NDJSON with format=ndjson',
        description: 'GET; the query is in the OpenAPI document. As server-sent events each message has the name of its type as `event` and the cursor after it as `id`; a connection that broke goes on with Last-Event-ID.',
        messages: inComponents(events), bindings: { http: {} },
      },
      socket: {
        address: '/api/v1/ws', title: `WebSocket, sub-protocol ${subProtocol}`,
        description: 'Many subscriptions and commands over one connection. `lines` holds events of the channel `stream`, one JSON object a line; at most 64 messages of a subscription are on their way without an ack.',
        messages: inComponents([...sent, ...heard]), bindings: { ws: { method: 'GET' } },
      },
    },
    operations: {
      follow: { action: 'send', channel: { $ref: '#/channels/stream' }, summary: 'The server sends what runs log', messages: inChannel('stream', events) },
      ask: { action: 'receive', channel: { $ref: '#/channels/socket' }, summary: 'The server hears subscriptions, acknowledgements and commands', messages: inChannel('socket', sent) },
      tell: { action: 'send', channel: { $ref: '#/channels/socket' }, summary: 'The server sends events and answers', messages: inChannel('socket', heard) },
    },
    components: {
      messages: Object.fromEntries(messages.map(({ name, schema, examples }) => [name, { name, contentType: 'application/json', payload: schemaOf(schema), examples: examples.map((payload) => ({ payload })) }])),
    },
  };
}

/** Where the document is served. */
export const asyncApiRoute = (): Route => ({
  method: 'get', path: '/asyncapi.json', scope: 'public', summary: 'The streams, as AsyncAPI 3.0', answers: { 200: z.record(z.string(), z.unknown()) },
  handle: (_, answer) => send(answer, asyncApi()),
});
