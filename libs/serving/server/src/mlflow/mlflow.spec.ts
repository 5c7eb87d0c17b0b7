import { memoryStore } from '../open-store.ts';
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

  it('finds no workspaces, and a server in good health', async () => {
    expect((await fetch(`${server.url}/api/3.0/mlflow/server-info`)).status).toBe(404);
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
  });
});
