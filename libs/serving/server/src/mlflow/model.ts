import { z } from 'zod';
import { crc32c, toJsonNumber, type JsonNumber, type RunDetail, type RunInfo, type RunState } from '@gradstream/protocol';

/** Protobuf's JSON: 64-bit integers may be texts, doubles may be the words NaN, Infinity, -Infinity. */
const int64 = z.coerce.number().int();
const double = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])]).transform(Number);

export const metric = z.object({ key: z.string().min(1).max(250), value: double, timestamp: int64.default(() => Date.now()), step: int64.min(0).optional() });
export const keyValue = z.object({ key: z.string().min(1).max(250), value: z.string().max(6000).default('') });
export type Metric = z.output<typeof metric>;

/** A metric as most clients write it: what the schema would leave as it is. */
const isPlain = (given: unknown): given is Metric => {
  if (typeof given !== 'object' || given === null) return false;
  const { key, value, timestamp, step } = given as Partial<Record<keyof Metric, unknown>>;
  return typeof key === 'string' && key.length > 0 && key.length <= 250 && typeof value === 'number' && Number.isSafeInteger(timestamp) && (step === undefined || (Number.isSafeInteger(step) && (step as number) >= 0));
};

/** A batch of metrics: looked at by hand, and by the schema where one of them needs it, which takes ten times as long. */
export const metrics = z.unknown().transform((given, context): readonly Metric[] => {
  if (Array.isArray(given) && given.length <= 1000 && given.every(isPlain)) return given;
  const { data, error } = z.array(metric).max(1000, 'must be at most 1000').safeParse(given);
  for (const { message, path, input } of error?.issues ?? []) context.addIssue({ code: 'custom', message, path: [...path], input });
  return data ?? z.NEVER;
});

/** A run is named by `run_id` or, by old clients, `run_uuid`. */
export const runReference = z.object({ run_id: z.string().optional(), run_uuid: z.string().optional() });

/** Prefix of the tags that hold MLflow's params. */
export const paramPrefix = 'params.';

/** Experiments are projects. Their ids are numbers made from their names, so that they are the same after a restart. */
export const experimentId = (project: string): string => (project === 'default' ? '0' : String(crc32c(new TextEncoder().encode(project))));
export const projectOf = (name: string): string => (name === 'Default' ? 'default' : name);

/** Tag of a run that was deleted, and can be restored. */
export const deletedTag = 'mlflow.deleted';
export const isDeleted = ({ tags }: RunInfo): boolean => tags[deletedTag] === 'true';

const statuses: Readonly<Record<RunState, string>> = { running: 'RUNNING', paused: 'RUNNING', finished: 'FINISHED', failed: 'FAILED', stopped: 'KILLED', lost: 'FAILED' };
const states: Readonly<Record<string, 'running' | 'finished' | 'failed' | 'stopped'>> = { RUNNING: 'running', SCHEDULED: 'running', FINISHED: 'finished', FAILED: 'failed', KILLED: 'stopped' };
export const stateOf = (status: string) => (Object.hasOwn(states, status) ? states[status] : undefined);

export const runInfo = ({ id, name, project, state, created, heartbeat, tags }: RunInfo) => ({
  run_id: id, run_uuid: id, run_name: name, experiment_id: experimentId(project), user_id: tags['mlflow.user'] ?? '', status: statuses[state],
  start_time: created, ...(state === 'running' ? {} : { end_time: heartbeat }), artifact_uri: '', lifecycle_stage: tags[deletedTag] === 'true' ? 'deleted' : 'active',
});

export const run = (detail: RunInfo | RunDetail) => ({
  info: runInfo(detail),
  data: {
    metrics: Object.entries(detail.summary).map(([key, { last, step }]) => ({ key, value: toJsonNumber(last), timestamp: detail.heartbeat, step })),
    params: Object.entries(detail.tags).filter(([key]) => key.startsWith(paramPrefix)).map(([key, value]) => ({ key: key.slice(paramPrefix.length), value })),
    tags: Object.entries(detail.tags).filter(([key]) => !key.startsWith(paramPrefix) && key !== deletedTag).map(([key, value]) => ({ key, value })),
  },
  inputs: {},
});

export interface HistoryPoint {
  readonly key: string;
  readonly value: JsonNumber;
  readonly timestamp: number;
  readonly step: number;
}

/** MLflow's filter in ours: params are tags, the status is the state. */
export const filterOf = (filter: string): string => filter
  .replace(/\bparam(?:eter)?s?\./g, `tags.${paramPrefix}`)
  .replace(/\b(?:attributes?\.|attr\.|run\.)?status\s*(!?=)\s*(['"])(\w+)\2/g, (_, operator: string, __, status: string) => `state ${operator} '${stateOf(status) ?? status}'`)
  .replace(/\b(?:attributes?|attr|run)\./g, '')
  .replace(/\brun_name\b/g, 'name').replace(/\brun_id\b/g, 'id').replace(/\bstart_time\b/g, 'created')
  .replace(/\bmetric\./g, 'metrics.').replace(/\btag\./g, 'tags.');

/** MLflow's first order, as ours: `metrics.loss DESC`. */
export function sortOf(orders: readonly string[]): string {
  const [, field, direction] = /^\s*(.+?)(?:\s+(ASC|DESC))?\s*$/i.exec(orders[0] ?? '') ?? [];
  if (!field) return '-created';
  return `${direction?.toUpperCase() === 'DESC' ? '-' : ''}${filterOf(field)}`;
}
