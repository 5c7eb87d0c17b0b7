/** Entry of a Node worker thread: makes batches for the pool that started it. */
import { parentPort } from 'node:worker_threads';
import { serveAugmentations } from './serve.ts';

const port = parentPort!;
const serve = serveAugmentations((answer, transfer) => port.postMessage(answer, transfer), {}, (url) => import(url) as Promise<object>);
port.on('message', (message: Parameters<typeof serve>[0]) => void serve(message));
