import { execFileSync } from 'node:child_process';
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { openPage } from './browser.ts';
import { folder, root } from './processes.ts';

/** Modules of Node that libraries mention and browsers do not reach. */
const NODE_ONLY = ['node:*', 'fs', 'path', 'os', 'perf_hooks', 'worker_threads', 'util', 'string_decoder', 'crypto'];

export interface BundledPage {
  readonly page: Page;
  readonly faults: string[];
  close(): Promise<void>;
}

/**
 * A page that runs one of `pages/`, bundled from the sources of the libs, in a real browser.
 *
 * @param isolated cross-origin isolated, so that it may share memory between threads
 * @param policy its Content-Security-Policy
 * @param beside others of `pages/`, for workers of this one, at addresses of their own
 */
export async function bundledPage(name: string, { isolated = false, policy, beside = [] }: { isolated?: boolean; policy?: string; beside?: readonly string[] } = {}): Promise<BundledPage> {
  const bundles = folder();
  // In a process of its own: esbuild does not run where a test has put its own globals.
  execFileSync(process.execPath, ['--input-type=module', '--eval', "import { build } from 'esbuild'; await build(JSON.parse(process.argv[1]));", JSON.stringify({
    entryPoints: [name, ...beside].map((each) => join(__dirname, 'pages', `${each}.ts`)), outdir: bundles, bundle: true, format: 'esm', platform: 'browser', target: 'es2022', logLevel: 'error',
    conditions: ['@gradstream/source'], external: NODE_ONLY, define: { 'import.meta.url': '"file:///"' },
  })], { cwd: root });
  const server = createServer((request, response) => {
    if (isolated) response.setHeader('cross-origin-opener-policy', 'same-origin').setHeader('cross-origin-embedder-policy', 'require-corp');
    if (policy) response.setHeader('content-security-policy', policy);
    const path = (request.url ?? '').slice(1);
    const file = join(root, 'node_modules/@tensorflow/tfjs-backend-wasm/dist', path);
    const bundle = path === 'bundle.js' ? `${name}.js` : beside.map((each) => `${each}.js`).find((each) => each === path);
    if (request.url === '/') response.setHeader('content-type', 'text/html').end('<!doctype html><title>page</title><link rel="icon" href="data:,"><script type="module" src="/bundle.js"></script>');
    else if (bundle) response.setHeader('content-type', 'text/javascript').end(readFileSync(join(bundles, bundle)));
    else if (path.endsWith('.wasm') && existsSync(file)) createReadStream(file).pipe(response.setHeader('content-type', 'application/wasm'));
    else response.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  const { page, faults } = await openPage(`http://127.0.0.1:${port}/`);
  await page.waitForFunction('globalThis.ready === true', undefined, { timeout: 60_000 });
  return {
    page,
    faults,
    close: async () => {
      await page.context().close();
      server.closeAllConnections();
      server.close();
    },
  };
}
