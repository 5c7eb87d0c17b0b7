import type { IncomingMessage, RequestListener } from 'node:http';
import type { ServerMetrics } from '../http/openmetrics.ts';
import { answerRaw, bodyOf, isPlain } from '../http/raw.ts';
import { maxJsonBytes } from '../http/route.ts';
import type { Guard } from '../security/guard.ts';
import { mlflowAnswerTo, type Mlflow } from './routes.ts';

const addresses: readonly (string | undefined)[] = ['/api/2.0/mlflow/runs/log-batch', '/ajax-api/2.0/mlflow/runs/log-batch'];

/** `POST runs/log-batch` of MLflow's client without Express: the same guard, the same limits, the same answers. */
export function logBatchFirst(api: Mlflow, guard: Guard, counts: ServerMetrics, app: RequestListener): RequestListener {
  return (request, response) => {
    if (request.method !== 'POST' || !addresses.includes(request.url) || !isPlain(request, guard)) return app(request, response);
    answerRaw(response, counts, logBatch(api, guard, request).then((value) => ({ status: 200, value }), mlflowAnswerTo));
  };
}

async function logBatch(api: Mlflow, guard: Guard, request: IncomingMessage): Promise<object> {
  guard.checkOrigin(request);
  const grant = guard.admit(request, 'write');
  return api.logBatchBytes(await bodyOf(request, maxJsonBytes), grant);
}
