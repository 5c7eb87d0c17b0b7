/**
 * The whole of a worker that helps with planned steps, for pages whose Content-Security-Policy forbids workers from blobs:
 * a file of the page's own imports this, and `useBackend({ helper: () => new Worker(…) })` says where it is.
 */
import { help, type HelperWork } from './plan/help.ts';

const scope = globalThis as unknown as { onmessage: (event: { readonly data: HelperWork }) => void; postMessage(message: string): void; close(): void };
scope.onmessage = ({ data }) => {
  help(data, () => scope.postMessage('loaded'));
  scope.close();
};
