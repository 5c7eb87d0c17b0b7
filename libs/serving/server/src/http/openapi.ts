import { z, type ZodType } from 'zod';
import { pointsMediaType, streamEvent } from '@gradstream/protocol';
import { exampleOf, exampleRun, type Example } from './examples.ts';
import { send, type Route } from './route.ts';

type Json = Record<string, unknown>;

const error = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/** The schema as JSON Schema: as it is sent (`input`), or as it is answered (`output` before words become numbers). */
export const schemaOf = (schema: ZodType): Json => {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Json;
  return json;
};

/** OpenAPI 3.1, written from the table of routes and the schemas that check every request. */
export function openApi(routes: readonly Route[]): Json {
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const path = `/api/v1${route.path.replace(/:(\w+)/g, '{$1}')}`;
    paths[path] = { ...paths[path], [route.method]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Gradstream metrics server', version: '1', description: 'Runs as append-only logs. Non-finite numbers are written "NaN", "Infinity", "-Infinity".' },
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' }, cookie: { type: 'apiKey', in: 'cookie', name: 'gradstream' } },
      schemas: { Error: schemaOf(error), StreamEvent: schemaOf(streamEvent) },
    },
  };
}

function operation({ method, path, scope, summary, query, body, frames, answers }: Route): Json {
  const example = exampleOf({ method, path });
  return {
    summary,
    ...(scope === 'public' ? { security: [] } : { security: [{ token: [] }, { cookie: [] }], 'x-scope': scope }),
    parameters: [...pathParameters(path), ...(query ? queryParameters(query, example?.query) : [])],
    ...(body ? { requestBody: { content: { 'application/json': { schema: schemaOf(body), ...(example?.body ? { example: example.body } : {}) }, ...(frames ? { [pointsMediaType]: { schema: { type: 'string', format: 'binary' } } } : {}) } } } : {}),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, response(answer)])),
      default: { description: 'Anything else', content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } } },
    },
  };
}

function response(answer: ZodType | string | undefined): Json {
  if (answer === undefined) return { description: 'Done' };
  if (typeof answer === 'string') return { description: 'A stream or a file', content: { [answer]: { schema: { type: 'string' } } } };
  return { description: 'The answer', content: { 'application/json': { schema: schemaOf(answer) } } };
}

const pathParameters = (path: string): Json[] => [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: { type: 'string' }, example: exampleRun }));

function queryParameters(query: ZodType, example: Example['query'] = {}): Json[] {
  const { properties = {}, required = [] } = schemaOf(query) as { properties?: Record<string, Json>; required?: string[] };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({ name, in: 'query', required: required.includes(name), ...(description ? { description } : {}), ...(Object.hasOwn(example, name) ? { example: example[name] } : {}), schema }));
}

/** Where the document is served. */
export const openApiRoute = (routes: readonly Route[]): Route => ({
  method: 'get', path: '/openapi.json', scope: 'public', summary: 'This document', answers: { 200: z.record(z.string(), z.unknown()) },
  handle: (_, answer) => send(answer, openApi(routes)),
});
