import { randomBytes } from 'node:crypto';
import express, { type ErrorRequestHandler, type Request, type Response } from 'express';
import { z } from 'zod';
import { isInputError } from '@gradstream/numerics';
import { parseWith, stringify, toJsonNumber, type RunDetail } from '@gradstream/protocol';
import { retryAfter, TooMany } from '../http/errors.ts';
import { maxJsonBytes } from '../http/route.ts';
import type { RunStore } from '../run-store.ts';
import { Denied, type Guard } from '../security/guard.ts';
import type { Grant } from '../security/tokens.ts';
import { readLogBatch, rowsOf } from './metric-rows.ts';
import { MetricWriter } from './metric-writer.ts';
import { experiment, Experiments, named, type ExperimentRecord } from './experiments.ts';
import { deletedTag, experimentId, filterOf, isDeleted, keyValue, metric, metrics, paramPrefix, projectOf, run, runInfo, runReference, sortOf, stateOf, type HistoryPoint } from './model.ts';

/** An error as MLflow's client reads it. */
class MlflowError extends Error {
  constructor(readonly status: number, readonly code: string, message: string) {
    super(message);
  }
}

const missing = (what: string): MlflowError => new MlflowError(404, 'RESOURCE_DOES_NOT_EXIST', `${what} does not exist`);

type Handler = (given: Record<string, unknown>, grant: Grant) => Promise<object>;

type Call = readonly [method: 'get' | 'post', path: string, scope: 'read' | 'write', handler: Handler];

/** Every call that is known: its address, and what a token must be allowed for it. */
export const mlflowCalls = (api: Mlflow): readonly Call[] => [
  ['get', 'experiments/get-by-name', 'read', api.experimentByName],
  ['get', 'experiments/get', 'read', api.experimentById],
  ['post', 'experiments/create', 'write', api.createExperiment],
  ['post', 'experiments/search', 'read', api.searchExperiments],
  ['get', 'experiments/search', 'read', api.searchExperiments],
  ['post', 'experiments/update', 'write', api.updateExperiment],
  ['post', 'experiments/delete', 'write', api.deleteExperiment],
  ['post', 'experiments/restore', 'write', api.restoreExperiment],
  ['post', 'experiments/set-experiment-tag', 'write', api.setExperimentTag],
  ['post', 'runs/create', 'write', api.createRun],
  ['get', 'runs/get', 'read', api.getRun],
  ['post', 'runs/update', 'write', api.updateRun],
  ['post', 'runs/delete', 'write', api.deleteRun],
  ['post', 'runs/restore', 'write', api.restoreRun],
  ['post', 'runs/search', 'read', api.searchRuns],
  ['post', 'runs/log-metric', 'write', api.logMetric],
  ['post', 'runs/log-parameter', 'write', api.logParam],
  ['post', 'runs/log-batch', 'write', api.logBatch],
  ['post', 'runs/set-tag', 'write', api.setTag],
  ['post', 'runs/delete-tag', 'write', api.deleteTag],
  ['post', 'runs/log-inputs', 'write', api.ignore],
  ['post', 'runs/outputs', 'write', api.ignore],
  ['get', 'metrics/get-history', 'read', api.history],
  ['get', 'metrics/get-history-bulk-interval', 'read', api.historyOfSeveral],
  ['get', 'artifacts/list', 'read', api.artifacts],
];

/**
 * What MLflow's tracking client calls, over our runs: experiments are projects, params are tags, metrics are points.
 * Successes are status 200 with a JSON object, errors `{error_code, message}`; a GET's message is its query.
 */
export function mlflowRoutes(api: Mlflow, guard: Guard): express.Router {
  const router = express.Router();
  router.use(express.json({ limit: maxJsonBytes, type: () => true }));
  for (const [method, path, scope, handler] of mlflowCalls(api)) {
    router[method](`/${path}`, async (request: Request, response: Response) => {
      const grant = guard.admit(request, scope);
      const given = (method === 'get' ? request.query : request.body) as Record<string, unknown> | undefined;
      response.type('json').send(stringify(await handler(given ?? {}, grant)));
    });
  }
  router.use((request) => {
    throw new MlflowError(404, 'ENDPOINT_NOT_FOUND', `${request.path} is not among the calls that this server knows`);
  });
  router.use(answerError);
  return router;
}

const answerError: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (response.headersSent) return next(error);
  const { status, value, headers } = mlflowAnswerTo(error);
  response.status(status).set(headers).json(value);
};

/** An error as MLflow's client reads it. */
export function mlflowAnswerTo(error: unknown) {
  const say = (status: number, error_code: string, message: string) => ({ status, value: { error_code, message }, headers: retryAfter(error) });
  if (error instanceof MlflowError) return say(error.status, error.code, error.message);
  if (error instanceof TooMany) return say(429, 'REQUEST_LIMIT_EXCEEDED', error.message);
  if (error instanceof Denied) return say(error.status, error.status === 401 ? 'UNAUTHENTICATED' : 'PERMISSION_DENIED', error.message);
  if (isInputError(error)) return say(400, 'INVALID_PARAMETER_VALUE', error.message);
  if (error instanceof Error && 'status' in error && typeof error.status === 'number' && error.status < 500) return say(error.status, 'BAD_REQUEST', error.message);
  return say(500, 'INTERNAL_ERROR', 'something went wrong in the server');
}

/** @throws an error of status 400, as the body parser does */
function parseBody(bytes: Buffer): Record<string, unknown> {
  try {
    return JSON.parse(bytes.toString()) as Record<string, unknown>;
  } catch (error) {
    throw Object.assign(error as Error, { status: 400 });
  }
}

const newExperiment = z.object({ name: z.string().min(1).max(250), tags: z.array(keyValue).default([]) });

/** Which of deleted and other things are asked for. */
const viewType = z.enum(['ACTIVE_ONLY', 'DELETED_ONLY', 'ALL']).default('ACTIVE_ONLY');
const isSeen = (view: z.output<typeof viewType>, deleted: boolean): boolean => view === 'ALL' || deleted === (view === 'DELETED_ONLY');
const batch = runReference.extend({
  metrics: metrics.default([]),
  params: z.array(keyValue).max(100, 'must be at most 100').default([]),
  tags: z.array(keyValue).max(100, 'must be at most 100').default([]),
}).refine(({ metrics, params, tags }) => metrics.length + params.length + tags.length <= 1000, 'must hold at most 1000 metrics, params and tags together');

/** The calls, over a store. */
export class Mlflow {
  private readonly experiments: Experiments;
  private readonly metrics: MetricWriter;

  constructor(private readonly store: RunStore) {
    this.experiments = new Experiments(store);
    this.metrics = new MetricWriter(store);
  }

  experimentByName: Handler = async (given, grant) => {
    const { experiment_name: name } = parseWith(z.object({ experiment_name: z.string() }), given, 'experiments/get-by-name');
    const all = await this.visible(grant);
    const project = named(all, name);
    if (project === undefined) throw missing(`experiment '${name}'`);
    return { experiment: experiment(project, all.get(project)!) };
  };

  experimentById: Handler = async (given, grant) => {
    const project = await this.project(String(given.experiment_id), grant);
    return { experiment: experiment(project, (await this.experiments.all()).get(project)!) };
  };

  createExperiment: Handler = async (given, grant) => {
    const { name, tags } = parseWith(newExperiment, given, 'experiments/create');
    const project = projectOf(name);
    if (grant.project !== undefined && grant.project !== project) throw new Denied(403, `the token is for the project '${grant.project}'`);
    const all = await this.experiments.all();
    if (named(all, name) !== undefined || all.has(project)) throw new MlflowError(400, 'RESOURCE_ALREADY_EXISTS', `experiment '${name}' exists already`);
    await this.experiments.change(project, { tags: Object.fromEntries(tags.map(({ key, value }) => [key, value])) });
    return { experiment_id: experimentId(project) };
  };

  searchExperiments: Handler = async (given, grant) => {
    const { view_type: view, max_results: most } = parseWith(z.object({ view_type: viewType, max_results: z.coerce.number().int().min(1).max(50_000).default(1000) }), given, 'experiments/search');
    const all = [...(await this.visible(grant))].filter(([, { deleted }]) => isSeen(view, deleted));
    return { experiments: all.slice(0, most).map(([project, record]) => experiment(project, record)) };
  };

  /** Another name; the id stays. */
  updateExperiment: Handler = async (given, grant) => {
    const { new_name: name } = parseWith(z.object({ new_name: z.string().min(1).max(250) }), given, 'experiments/update');
    const project = await this.project(String(given.experiment_id), grant);
    const other = named(await this.experiments.all(), name);
    if (other !== undefined && other !== project) throw new MlflowError(400, 'RESOURCE_ALREADY_EXISTS', `experiment '${name}' exists already`);
    await this.experiments.change(project, { name });
    return {};
  };

  deleteExperiment: Handler = (given, grant) => this.changeExperiment(given, grant, { deleted: true });
  restoreExperiment: Handler = (given, grant) => this.changeExperiment(given, grant, { deleted: false });

  setExperimentTag: Handler = async (given, grant) => {
    const { key, value } = parseWith(keyValue, given, 'experiments/set-experiment-tag');
    const project = await this.project(String(given.experiment_id), grant);
    await this.experiments.change(project, { tags: { ...(await this.experiments.all()).get(project)!.tags, [key]: value } });
    return {};
  };

  createRun: Handler = async (given, grant) => {
    const schema = z.object({ experiment_id: z.coerce.string().default('0'), run_name: z.string().optional(), user_id: z.string().optional(), start_time: z.coerce.number().optional(), tags: z.array(keyValue).default([]) });
    const { experiment_id: experimentIdGiven, run_name: name, user_id: user, tags } = parseWith(schema, given, 'runs/create');
    const id = randomBytes(16).toString('hex');
    const all = Object.fromEntries([...(user ? [['mlflow.user', user]] : []), ...tags.map(({ key, value }) => [key, value])]);
    const { run: made } = await this.store.put(id, { project: await this.project(experimentIdGiven, grant), name: name || all['mlflow.runName'] || id, tags: all });
    return { run: run(made) };
  };

  getRun: Handler = async (given, grant) => ({ run: run(await this.find(given, grant)) });

  updateRun: Handler = async (given, grant) => {
    const { status, run_name: name } = parseWith(z.object({ status: z.string().optional(), run_name: z.string().optional() }), given, 'runs/update');
    const state = status === undefined ? undefined : stateOf(status);
    if (status !== undefined && !state) throw new MlflowError(400, 'INVALID_PARAMETER_VALUE', `status must be RUNNING, FINISHED, FAILED or KILLED, received '${status}'`);
    const { id } = await this.find(given, grant);
    const changed = await this.store.patch(id, { ...(state ? { state } : {}), ...(name ? { name } : {}) });
    return { run_info: runInfo(changed!) };
  };

  /** A deleted run is hidden, and can be restored; DELETE /api/v1/runs/{id} takes it away for good. */
  deleteRun: Handler = (given, grant) => this.markRun(given, grant, 'true');
  restoreRun: Handler = (given, grant) => this.markRun(given, grant, '');

  searchRuns: Handler = async (given, grant) => {
    const schema = z.object({ experiment_ids: z.array(z.coerce.string()).default([]), filter: z.string().default(''), order_by: z.array(z.string()).default([]), max_results: z.coerce.number().int().min(1).max(50_000).default(1000), page_token: z.string().optional(), run_view_type: viewType });
    const { experiment_ids: ids, filter, order_by: orders, max_results: most, page_token: after, run_view_type: view } = parseWith(schema, given, 'runs/search');
    const projects = new Set(await Promise.all(ids.map((id) => this.project(id, grant))));
    const within = [...projects].map((project) => `project = '${project.replaceAll("'", '')}'`).join(' or ');
    const whole = [within, filterOf(filter)].filter((part) => part.trim() !== '').map((part) => `(${part})`).join(' and ');
    const { runs, next } = await this.store.runs({ filter: whole, sort: sortOf(orders), limit: Math.min(1000, most), after, project: grant.project });
    return { runs: runs.filter((each) => isSeen(view, isDeleted(each))).map(run), ...(next === undefined ? {} : { next_page_token: next }) };
  };

  logMetric: Handler = async (given, grant) => {
    await this.metrics.write((await this.find(given, grant)).id, rowsOf([parseWith(metric, given, 'runs/log-metric')]));
    return {};
  };

  logParam: Handler = async (given, grant) => {
    await this.setParams(await this.find(given, grant), [parseWith(keyValue, given, 'runs/log-parameter')]);
    return {};
  };

  /** A batch from its bytes: metrics alone, as nearly all of them are, without an object for each. */
  logBatchBytes = async (bytes: Buffer, grant: Grant): Promise<object> => {
    const plain = readLogBatch(bytes);
    if (!plain) return this.logBatch(bytes.length === 0 ? {} : parseBody(bytes), grant);
    const found = await this.store.peek(plain.run);
    if (!found || (grant.project !== undefined && found.project !== grant.project)) throw missing(`run '${plain.run}'`);
    await this.metrics.write(plain.run, plain.rows);
    return {};
  };

  logBatch: Handler = async (given, grant) => {
    const { metrics, params, tags } = parseWith(batch, given, 'runs/log-batch');
    const found = await this.find(given, grant);
    await this.setParams(found, params);
    if (tags.length > 0) await this.store.patch(found.id, { tags: Object.fromEntries(tags.map(({ key, value }) => [key, value])) });
    await this.metrics.write(found.id, rowsOf(metrics));
    return {};
  };

  setTag: Handler = async (given, grant) => {
    const { key, value } = parseWith(keyValue, given, 'runs/set-tag');
    await this.store.patch((await this.find(given, grant)).id, { tags: { [key]: value }, ...(key === 'mlflow.runName' && value ? { name: value } : {}) });
    return {};
  };

  /** Tags are merged, never taken away: a tag that was deleted is an empty one. */
  deleteTag: Handler = async (given, grant) => {
    const { key } = parseWith(z.object({ key: z.string().min(1) }), given, 'runs/delete-tag');
    const found = await this.find(given, grant);
    if (!Object.hasOwn(found.tags, key)) throw missing(`tag '${key}'`);
    await this.store.patch(found.id, { tags: { [key]: '' } });
    return {};
  };

  ignore: Handler = async (given, grant) => {
    await this.find(given, grant);
    return {};
  };

  history: Handler = async (given, grant) => {
    const schema = z.object({ metric_key: z.string(), max_results: z.coerce.number().int().min(1).max(25_000).default(25_000), page_token: z.coerce.number().int().min(0).default(0) });
    const { metric_key: key, max_results: most, page_token: from } = parseWith(schema, given, 'metrics/get-history');
    const { id } = await this.find(given, grant);
    const all: HistoryPoint[] = [];
    for (let at = 0; ;) {
      const items = await this.store.read(id, at, 50_000);
      if (items.length === 0) break;
      at = items.at(-1)!.lsn[1];
      for (const item of items) {
        if (item.kind !== 'points') continue;
        const column = item.columns.find((each) => each.metric === key);
        column?.values.forEach((value, i) => {
          const row = column.at ? column.at[i] : i;
          all.push({ key, value: toJsonNumber(value), timestamp: item.wall[row], step: item.step[row] });
        });
      }
    }
    return { metrics: all.slice(from, from + most), ...(from + most < all.length ? { next_page_token: String(from + most) } : {}) };
  };

  /** What MLflow's charts ask: of each run at most so many points. Extremes and NaN of a bucket stand at its two ends. */
  historyOfSeveral: Handler = async (given, grant) => {
    const schema = z.object({ run_ids: z.union([z.string(), z.array(z.string())]).transform((ids) => [ids].flat()), metric_key: z.string(), start_step: z.coerce.number().optional(), end_step: z.coerce.number().optional(), max_results: z.coerce.number().int().min(2).max(2500).default(2500) });
    const { run_ids: ids, metric_key: key, start_step: from, end_step: to, max_results: most } = parseWith(schema, given, 'metrics/get-history-bulk-interval');
    if (ids.length > 100) throw new MlflowError(400, 'INVALID_PARAMETER_VALUE', `run_ids must be at most 100, received ${ids.length}`);
    const metrics: (HistoryPoint & { readonly run_id: string })[] = [];
    for (const id of ids) {
      await this.find({ run_id: id }, grant);
      const curve = await this.store.series(id, { metric: key, from, to, points: Math.floor(most / 2), axis: 'step', scale: 'linear' });
      curve?.count.forEach((count, i) => {
        const low = { key, run_id: id, step: curve.step0[i], timestamp: curve.wall0[i], value: toJsonNumber(curve.min[i]) };
        metrics.push(low);
        if (count > 1) metrics.push({ ...low, step: curve.step1[i], timestamp: curve.wall1[i], value: toJsonNumber(curve.nan[i] > 0 ? NaN : curve.max[i]) });
      });
    }
    return { metrics };
  };

  artifacts: Handler = async (given, grant) => {
    await this.find(given, grant);
    return { root_uri: '', files: [] };
  };

  /** A param is set once: another value for it is refused. */
  private async setParams({ id, tags }: RunDetail, params: readonly { key: string; value: string }[]): Promise<void> {
    for (const { key, value } of params) {
      const before = Object.hasOwn(tags, paramPrefix + key) ? tags[paramPrefix + key] : undefined;
      if (before !== undefined && before !== value) throw new MlflowError(400, 'INVALID_PARAMETER_VALUE', `param '${key}' is '${before}' already, and cannot become '${value}'`);
    }
    if (params.length > 0) await this.store.patch(id, { tags: Object.fromEntries(params.map(({ key, value }) => [paramPrefix + key, value])) });
  }

  private async find(given: Record<string, unknown>, { project }: Grant): Promise<RunDetail> {
    const { run_id: id, run_uuid: uuid } = parseWith(runReference, given, 'run');
    const found = await this.store.run(id ?? uuid ?? '');
    if (!found || (project !== undefined && found.project !== project)) throw missing(`run '${id ?? uuid ?? ''}'`);
    return found;
  }

  private async changeExperiment(given: Record<string, unknown>, grant: Grant, fields: Partial<ExperimentRecord>): Promise<object> {
    await this.experiments.change(await this.project(String(given.experiment_id), grant), fields);
    return {};
  }

  private async markRun(given: Record<string, unknown>, grant: Grant, deleted: string): Promise<object> {
    await this.store.patch((await this.find(given, grant)).id, { tags: { [deletedTag]: deleted } });
    return {};
  }

  /** Experiments that a grant may see. */
  private async visible({ project }: Grant): Promise<Map<string, ExperimentRecord>> {
    const all = await this.experiments.all();
    return project === undefined ? all : new Map([...all].filter(([each]) => each === project));
  }

  private async project(id: string, grant: Grant): Promise<string> {
    const found = [...(await this.visible(grant)).keys()].find((project) => experimentId(project) === id);
    if (found === undefined) throw missing(`experiment ${id}`);
    return found;
  }
}
