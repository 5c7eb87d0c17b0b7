import { InputError, nearest, shown, type JsonSchema, type Spec } from '@gradstream/numerics';
import { parseDocument, type Document } from 'yaml';
import { z } from 'zod';
import { parseWith } from './parse.ts';

/** Version of the run document that this code writes. */
export const RUN_SPEC_VERSION = 1 as const;

const part = z.union([z.string().min(1), z.looseObject({ name: z.string('must have a name').min(1) })], 'must be a name, or an object with a name').meta({ description: 'A part: its name, or its name and options' });
const options = z.record(z.string(), z.unknown(), 'must be an object of options');
const parts = z.array(part, 'must be a list of parts');

/** The envelope of a run document. What stands inside the parts is checked by the parts themselves. */
export const runSpecSchema = z.strictObject(
  {
    version: z.literal(RUN_SPEC_VERSION, `must be ${RUN_SPEC_VERSION}`).meta({ description: 'Version of this format' }),
    name: z.string('must be a text').min(1).max(250).optional().meta({ description: 'What lists call the run' }),
    seed: z.number('must be a whole number of at least 0').int('must be a whole number of at least 0').min(0, 'must be a whole number of at least 0').optional().meta({ description: 'Decides first weights, order, masks and augmentation. Default 0' }),
    data: part.meta({ description: 'A data set and how it is divided' }),
    batches: options.optional().meta({ description: 'size, epochs or steps, order, lastBatch' }),
    augment: parts.optional().meta({ description: 'Random changes of each batch, in order' }),
    model: part,
    loss: part.meta({ description: 'What to minimise' }),
    regularizers: parts.optional().meta({ description: 'Penalties, weight noise, constraints' }),
    optimizer: z.union([part, parts], 'must be an optimizer, or a list of transformations').meta({ description: 'An optimizer, or a chain of transformations' }),
    engine: options.optional().meta({ description: 'backend, engine' }),
    metrics: parts.optional(),
    evaluate: options.optional().meta({ description: 'every, size: how the validation split is evaluated' }),
    guard: options.optional().meta({ description: 'nonFinite: stop, skip or backOff; every, limit' }),
    budget: options.optional().meta({ description: 'seconds, steps: what the run may take' }),
    earlyStopping: options.optional().meta({ description: 'monitor, patience or rule, minDelta, mode, baseline, startFrom, restoreBest' }),
  },
  'must be an object',
);

/** A run as a document: what `gradstream train` reads, `describe` writes and the server keeps. */
export interface RunSpec {
  readonly version: typeof RUN_SPEC_VERSION;
  readonly name?: string;
  readonly seed?: number;
  readonly data: PartSpec;
  readonly batches?: Readonly<Record<string, unknown>>;
  readonly augment?: readonly PartSpec[];
  readonly model: PartSpec;
  readonly loss: PartSpec;
  readonly regularizers?: readonly PartSpec[];
  readonly optimizer: PartSpec | readonly PartSpec[];
  readonly engine?: Readonly<Record<string, unknown>>;
  readonly metrics?: readonly PartSpec[];
  readonly evaluate?: Readonly<Record<string, unknown>>;
  readonly guard?: Readonly<Record<string, unknown>>;
  readonly budget?: Readonly<Record<string, unknown>>;
  readonly earlyStopping?: Readonly<Record<string, unknown>>;
}

export type PartSpec = string | Spec;

/**
 * Checks the envelope of a run document.
 *
 * @param where begins the sentence: the file's name
 * @throws InputError for an unknown key (with the nearest known one), a wrong type, a version this code does not read
 */
export function parseRunSpec(document: unknown, where: string): RunSpec {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) throw new InputError(`${where}: a run document must be an object with version, data, model, loss and optimizer, received ${shown(document)}`);
  const known = Object.keys(runSpecSchema.shape);
  for (const key of Object.keys(document)) {
    if (known.includes(key)) continue;
    const near = nearest(key, known);
    throw new InputError(`${where}: '${key}' is not a part of a run document${near ? `; did you mean '${near}'?` : ''} Known: ${known.join(', ')}`);
  }
  const { version } = document as { version?: unknown };
  if (version !== RUN_SPEC_VERSION) throw new InputError(`${where}: version must be ${RUN_SPEC_VERSION}, received ${shown(version)}${typeof version === 'number' && version > RUN_SPEC_VERSION ? '; this document was written by a newer gradstream' : ''}`);
  return parseWith(runSpecSchema, document, where) as RunSpec;
}

/** Reads a run document from YAML or JSON text. What YAML itself is not sure of (an unknown tag) is refused. */
export function readRunSpec(text: string, where: string): RunSpec {
  const parsed = parseDocument(text, { stringKeys: true });
  const [problem] = [...parsed.errors, ...parsed.warnings];
  if (problem) {
    const line = problem.linePos?.[0].line;
    throw new InputError(`${where}${line ? `:${line}` : ''}: not YAML or JSON: ${problem.message.split('\n')[0].replace(/[:.]$/, '')}`);
  }
  return parseRunSpec(valueOf(parsed, where), where);
}

/** Refuses documents that grow out of all proportion when their aliases are written out. */
function valueOf(parsed: Document.Parsed, where: string): unknown {
  try {
    return parsed.toJS({ maxAliasCount: 50 });
  } catch (error) {
    throw new InputError(`${where}: not YAML or JSON: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`);
  }
}

/** JSON Schema (2020-12) of run documents, with the schemas of all parts in `$defs`. */
export function runSpecJsonSchema(parts: Readonly<Record<string, JsonSchema>> = {}): JsonSchema {
  const { properties, ...schema } = z.toJSONSchema(runSpecSchema) as { properties: Record<string, object> };
  const of = (kind: string) => (parts[kind] ? { $ref: `#/$defs/${kind}` } : undefined);
  const list = (kind: string) => of(kind) && { type: 'array', items: of(kind) };
  const precise: Record<string, JsonSchema | undefined> = {
    data: of('dataset'),
    augment: list('augmentation'),
    model: of('model'),
    loss: of('objective'),
    regularizers: list('regularizer'),
    optimizer: of('transformation') && { anyOf: [of('transformation'), list('transformation')] },
    metrics: list('metric'),
    earlyStopping: of('stopping') && { type: 'object', properties: { rule: of('stopping') } },
  };
  return {
    $id: 'https://gradstream.dev/schema/run-spec-1.json',
    title: 'A Gradstream run',
    ...schema,
    properties: Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, precise[key] ? { description: (value as { description?: string }).description, ...precise[key] } : value])),
    $defs: parts,
  };
}
