import { memoryStore } from '../open-store.ts';
import { Tokens } from '../security/tokens.ts';
import { serve, type RunningServer } from '../serve.ts';

let server: RunningServer;
beforeEach(async () => {
  server = await serve({ store: await memoryStore(), port: 0 });
});
afterEach(() => server.close());

/**
 * A client that reads answers as MLflow's does: success is status 200 with a JSON object, an error has an error_code,
 * a GET's message goes into the query. The requests below are written from its protocol's definition.
 */
async function mlflow(method: 'GET' | 'POST', call: string, message: Record<string, unknown>, base = '/api/2.0/mlflow') {
  const query = method === 'GET' ? `?${new URLSearchParams(Object.entries(message).map(([key, value]) => [key, String(value)]))}` : '';
  const response = await fetch(`${server.url}${base}/${call}${query}`, { method, ...(method === 'POST' ? { body: JSON.stringify(message), headers: { 'content-type': 'application/json' } } : {}) });
  const body = JSON.parse(await response.text());
  if (response.status !== 200) throw new Error(`${response.status} ${body.error_code}: ${body.message}`);
  expect(typeof body).toBe('object');
  return body;
}

const start = async (): Promise<string> => (await mlflow('POST', 'runs/create', { experiment_id: '0', user_id: 'ada', run_name: 'first', start_time: String(Date.now()), tags: [{ key: 'mlflow.source.name', value: 'train.py' }] })).run.info.run_id;

describe("MLflow's client", () => {
  it('sets an experiment, starts a run, logs, ends it and reads it back', async () => {
    await expect(mlflow('GET', 'experiments/get-by-name', { experiment_name: 'mine' })).rejects.toThrow('404 RESOURCE_DOES_NOT_EXIST');
    const { experiment_id } = await mlflow('POST', 'experiments/create', { name: 'mine' });
    await expect(mlflow('POST', 'experiments/create', { name: 'mine' })).rejects.toThrow('400 RESOURCE_ALREADY_EXISTS');
    expect((await mlflow('GET', 'experiments/get-by-name', { experiment_name: 'mine' })).experiment).toMatchObject({ experiment_id, lifecycle_stage: 'active' });
    expect((await mlflow('GET', 'experiments/get', { experiment_id: '0' })).experiment.name).toBe('Default');
    const { run } = await mlflow('POST', 'runs/create', { experiment_id, run_name: 'r', start_time: Date.now() });
    const id = run.info.run_id;
    expect(run.info).toMatchObject({ run_uuid: id, status: 'RUNNING', experiment_id });
    expect(await mlflow('POST', 'runs/log-parameter', { run_id: id, run_uuid: id, key: 'lr', value: '0.1' })).toEqual({});
    expect(await mlflow('POST', 'runs/log-batch', { run_id: id, metrics: [{ key: 'loss', value: 0.5, timestamp: '1000', step: '1' }, { key: 'loss', value: 'NaN', timestamp: 1001, step: 2 }], params: [{ key: 'b1', value: '0.9' }], tags: [{ key: 'team', value: 'x' }] })).toEqual({});
    expect(await mlflow('POST', 'runs/log-metric', { run_id: id, run_uuid: id, key: 'acc', value: 'Infinity', timestamp: 5, step: 3, model_id: '' })).toEqual({});
    expect((await mlflow('POST', 'runs/update', { run_id: id, status: 'FINISHED', end_time: 9 })).run_info.status).toBe('FINISHED');
    const { data } = (await mlflow('GET', 'runs/get', { run_id: id, run_uuid: id }, '/ajax-api/2.0/mlflow')).run;
    expect(data.params).toEqual([{ key: 'lr', value: '0.1' }, { key: 'b1', value: '0.9' }]);
    expect(data.tags).toContainEqual({ key: 'team', value: 'x' });
    expect(data.metrics).toMatchObject([{ key: 'loss', value: 'NaN', step: 2 }, { key: 'acc', value: 'Infinity', step: 3 }]);
    expect((await mlflow('GET', 'metrics/get-history', { run_id: id, metric_key: 'loss' })).metrics).toEqual([{ key: 'loss', value: 0.5, timestamp: 1000, step: 1 }, { key: 'loss', value: 'NaN', timestamp: 1001, step: 2 }]);
  });

  it('may send anything again', async () => {
    const id = await start();
    const message = { run_id: id, key: 'loss', value: 1, timestamp: 7, step: 3 };
    for (let i = 0; i < 3; i += 1) await mlflow('POST', 'runs/log-metric', message);
    expect((await mlflow('GET', 'metrics/get-history', { run_id: id, metric_key: 'loss' })).metrics).toHaveLength(1);
    for (let i = 0; i < 2; i += 1) await mlflow('POST', 'runs/log-parameter', { run_id: id, key: 'lr', value: '1' });
    await expect(mlflow('POST', 'runs/log-parameter', { run_id: id, key: 'lr', value: '2' })).rejects.toThrow('400 INVALID_PARAMETER_VALUE');
  });

  it('that gives no steps gets a curve all the same', async () => {
    const id = await start();
    for (let i = 0; i < 5; i += 1) for (let again = 0; again < 2; again += 1) await mlflow('POST', 'runs/log-metric', { run_id: id, key: 'loss', value: 1 / (i + 1), timestamp: 100 + i, step: 0 });
    expect((await mlflow('GET', 'metrics/get-history', { run_id: id, metric_key: 'loss' })).metrics.map(({ step, value }: { step: number; value: number }) => [step, value])).toEqual([[0, 1], [1, 1 / 2], [2, 1 / 3], [3, 1 / 4], [4, 1 / 5]]);
  });

  it('searches runs by its own grammar, in its own order, by pages', async () => {
    const ids = [await start(), await start(), await start()];
    for (const [i, id] of ids.entries()) {
      await mlflow('POST', 'runs/log-batch', { run_id: id, metrics: [{ key: 'm a', value: i, timestamp: 1, step: 1 }], params: [{ key: 'model', value: i === 2 ? 'tree' : 'mlp' }] });
    }
    await mlflow('POST', 'runs/update', { run_id: ids[0], status: 'KILLED' });
    const search = async (message: object): Promise<string[]> => (await mlflow('POST', 'runs/search', { experiment_ids: ['0'], run_view_type: 'ACTIVE_ONLY', ...message })).runs.map(({ info }: { info: { run_id: string } }) => info.run_id);
    expect(await search({ filter: "metrics.`m a` < 2 and params.model = 'mlp'", order_by: ['metrics.`m a` DESC'] })).toEqual([ids[1], ids[0]]);
    expect(await search({ filter: "attributes.status = 'KILLED'" })).toEqual([ids[0]]);
    expect(await search({ filter: "tags.mlflow.source.name LIKE 'train%'" })).toHaveLength(3);
    const first = await mlflow('POST', 'runs/search', { experiment_ids: ['0'], max_results: 2, order_by: ['metrics.`m a` ASC'] });
    expect(first.runs).toHaveLength(2);
    const rest = await mlflow('POST', 'runs/search', { experiment_ids: ['0'], max_results: 2, order_by: ['metrics.`m a` ASC'], page_token: first.next_page_token });
    expect(rest.runs[0].info.run_id).toBe(ids[2]);
    expect(rest).not.toHaveProperty('next_page_token');
    await expect(search({ filter: 'metrics.a <' })).rejects.toThrow('400 INVALID_PARAMETER_VALUE: filter:');
  });

  it.each([
    ['runs/log-batch', { metrics: Array.from({ length: 1001 }, () => ({ key: 'a', value: 1, timestamp: 1, step: 1 })) }, 'INVALID_PARAMETER_VALUE'],
    ['runs/update', { status: 'DONE' }, 'INVALID_PARAMETER_VALUE: status must be'],
    ['runs/delete-tag', { key: 'none' }, 'RESOURCE_DOES_NOT_EXIST'],
    ['runs/nothing', {}, 'ENDPOINT_NOT_FOUND'],
  ])('hears why %s is refused', async (call, message, sentence) => {
    await expect(mlflow('POST', call, { run_id: await start(), ...message })).rejects.toThrow(sentence);
  });

  it('deletes runs and experiments and restores them, renames and tags them', async () => {
    const { experiment_id } = await mlflow('POST', 'experiments/create', { name: 'empty yet', tags: [{ key: 'team', value: 'x' }] });
    await mlflow('POST', 'experiments/set-experiment-tag', { experiment_id, key: 'goal', value: 'low loss' });
    expect(await mlflow('POST', 'experiments/update', { experiment_id, new_name: 'renamed' })).toEqual({});
    await expect(mlflow('POST', 'experiments/update', { experiment_id, new_name: 'Default' })).rejects.toThrow('400 RESOURCE_ALREADY_EXISTS');
    expect((await mlflow('GET', 'experiments/get-by-name', { experiment_name: 'renamed' })).experiment).toMatchObject({ experiment_id, tags: [{ key: 'team', value: 'x' }, { key: 'goal', value: 'low loss' }] });
    await expect(mlflow('GET', 'experiments/get-by-name', { experiment_name: 'empty yet' })).rejects.toThrow('404');
    const { run } = await mlflow('POST', 'runs/create', { experiment_id, run_name: 'r' });
    const run_id = run.info.run_id;
    expect(await mlflow('POST', 'runs/delete', { run_id })).toEqual({});
    const listed = async (run_view_type: string) => (await mlflow('POST', 'runs/search', { experiment_ids: [experiment_id], run_view_type })).runs.length;
    expect([await listed('ACTIVE_ONLY'), await listed('DELETED_ONLY'), await listed('ALL')]).toEqual([0, 1, 1]);
    expect((await mlflow('GET', 'runs/get', { run_id })).run.info.lifecycle_stage).toBe('deleted');
    await mlflow('POST', 'runs/restore', { run_id });
    expect(await listed('ACTIVE_ONLY')).toBe(1);
    await mlflow('POST', 'experiments/delete', { experiment_id });
    const experiments = async (view_type: string) => (await mlflow('POST', 'experiments/search', { view_type })).experiments.map(({ name }: { name: string }) => name);
    expect([await experiments('ACTIVE_ONLY'), await experiments('DELETED_ONLY')]).toEqual([['Default'], ['renamed']]);
    await mlflow('POST', 'experiments/restore', { experiment_id });
    expect(await experiments('ACTIVE_ONLY')).toEqual(['Default', 'renamed']);
  });

  it('gets the history of several runs in few points, extremes included', async () => {
    const run_ids = [await start(), await start()];
    for (const [r, run_id] of run_ids.entries()) {
      await mlflow('POST', 'runs/log-batch', { run_id, metrics: Array.from({ length: 900 }, (_, i) => ({ key: 'loss', value: r === 1 && i === 333 ? 'NaN' : i === 500 ? 99 : 1 / (i + 1), timestamp: 1000 + i, step: i + 1 })) });
    }
    const query = `${run_ids.map((id) => `run_ids=${id}`).join('&')}&metric_key=loss&max_results=100`;
    const { metrics } = await (await fetch(`${server.url}/api/2.0/mlflow/metrics/get-history-bulk-interval?${query}`)).json();
    for (const [r, id] of run_ids.entries()) {
      const mine = metrics.filter(({ run_id }: { run_id: string }) => run_id === id);
      expect(mine.length).toBeLessThanOrEqual(100);
      expect(mine.some(({ value }: { value: unknown }) => value === 99)).toBe(true);
      expect(mine.some(({ value }: { value: unknown }) => value === 'NaN')).toBe(r === 1);
    }
  });

  it('that retries a log-metric after a lost answer writes it once', async () => {
    const id = await start();
    for (let i = 0; i < 3; i += 1) await mlflow('POST', 'runs/log-metric', { run_id: id, key: 'a', value: 0.5, timestamp: 7, step: 4 });
    expect((await mlflow('GET', 'metrics/get-history', { run_id: id, metric_key: 'a' })).metrics).toEqual([{ key: 'a', value: 0.5, timestamp: 7, step: 4 }]);
  });

  it('meets answers as it takes them: 200 with an object, errors with a code, words for what JSON has no number for, fields it does not know', async () => {
    const raw = (path: string, init?: RequestInit) => fetch(`${server.url}/api/2.0/mlflow/${path}`, init);
    const id = await start();
    const post = (path: string, body: object) => raw(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    for (const [path, body] of [['runs/set-tag', { run_id: id, run_uuid: id, key: 'k', value: 'v' }], ['runs/log-inputs', { run_id: id, datasets: [] }], ['runs/log-metric', { run_uuid: id, key: 'm', value: '-Infinity', timestamp: '12', step: '3', model_id: 'x', dataset_name: 'y', unheard_of: 1 }]] as const) {
      const response = await post(path, body);
      expect([response.status, await response.json()]).toEqual([200, {}]);
    }
    const text = await (await raw(`runs/get?run_id=${id}&run_uuid=${id}`)).text();
    expect(text).toContain('"value":"-Infinity"');
    expect(text).not.toMatch(/:\s*(NaN|-?Infinity)/);
    for (const [response, status, code] of [[await raw('runs/get?run_id=none'), 404, 'RESOURCE_DOES_NOT_EXIST'], [await post('runs/log-metric', { run_id: id, key: 'm', value: 'x', timestamp: 1 }), 400, 'INVALID_PARAMETER_VALUE']] as const) {
      expect([response.status, (await response.json()).error_code]).toEqual([status, code]);
    }
  });

  it('signs in with a token as Bearer or as the password of Basic', async () => {
    const tokens = new Tokens();
    const token = tokens.create({ name: 'mlflow', scopes: ['read', 'write'] });
    const closed = await serve({ store: await memoryStore(), port: 0, tokens });
    const status = async (authorization?: string) => (await fetch(`${closed.url}/api/2.0/mlflow/experiments/search`, { headers: authorization ? { authorization } : {} })).status;
    expect([await status(), await status(`Bearer ${token}`), await status(`Basic ${Buffer.from(`me:${token}`).toString('base64')}`), await status('Bearer guess')]).toEqual([401, 200, 200, 401]);
    await closed.close();
  });

  it('finds no workspaces, and a server in good health', async () => {
    expect((await fetch(`${server.url}/api/3.0/mlflow/server-info`)).status).toBe(404);
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
    expect(await (await fetch(`${server.url}/version`)).text()).toMatch(/^2\./);
  });
});
