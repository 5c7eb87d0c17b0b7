/**
 * The same in a browser: our step and TensorFlow.js's, each on wasm and on WebGL, in pages of one headless Chromium that take turns.
 * `CHROMIUM_PATH=… npm run bench -- browser [--cases mlp128,cnn64] [--rounds 3] [--seconds 1] [--json]`.
 */
import { createServer } from 'node:http';
import { createReadStream, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { chromium, type Page } from 'playwright-core';
import { machine, median, quantile, rounded, versions } from './harness.ts';

const { values: flags } = parseArgs({ options: { json: { type: 'boolean' }, cases: { type: 'string', default: 'mlp128,cnn64' }, rounds: { type: 'string', default: '3' }, seconds: { type: 'string', default: '1' } } });
const root = process.cwd();
const folder = join(root, '.cache/bench');
mkdirSync(folder, { recursive: true });
await build({
  entryPoints: [join(root, 'benchmarks/sides/page.ts')], outfile: join(folder, 'page.js'), bundle: true, format: 'esm', platform: 'browser', target: 'es2022', logLevel: 'error', conditions: ['@gradstream/source'],
  external: ['node:*', 'fs', 'path', 'os', 'perf_hooks', 'worker_threads', 'util', 'string_decoder', 'crypto'], define: { 'import.meta.url': '"file:///"' },
});

const server = createServer((request, response) => {
  const name = (request.url ?? '/').slice(1);
  const file = name.endsWith('.wasm') ? join(root, 'node_modules/@tensorflow/tfjs-backend-wasm/dist', name) : join(folder, name);
  // Only where threads are measured: TensorFlow.js takes another build of its own in such a page.
  if (name === 'isolated') response.setHeader('cross-origin-opener-policy', 'same-origin').setHeader('cross-origin-embedder-policy', 'require-corp');
  if (name === '' || name === 'isolated') response.setHeader('content-type', 'text/html').end('<!doctype html><title>bench</title><script type="module" src="/page.js"></script>');
  else if (!existsSync(file)) response.writeHead(404).end();
  else createReadStream(file).pipe(response.setHeader('content-type', name.endsWith('.wasm') ? 'application/wasm' : 'text/javascript'));
}).listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));
const address = server.address();
const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/`;

const executablePath = process.env.CHROMIUM_PATH ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path));
const browser = await chromium.launch({ ...(executablePath ? { executablePath } : {}), args: ['--no-sandbox', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'] });

/** `threads` is ours on two of them; `unfused` is ours with TensorFlow.js's operations for the update instead of fragment programs. */
type Side = 'ours' | 'threads' | 'unfused' | 'tfjs';

interface Contestant {
  readonly side: Side;
  readonly backend: 'wasm' | 'webgl';
  page: Page;
  engine: string;
  readonly rates: number[];
}

const rows: object[] = [];
for (const benchCase of flags.cases.split(',')) {
  const contestants: Contestant[] = [];
  for (const side of ['ours', 'threads', 'unfused', 'tfjs'] as const) {
    for (const backend of ['wasm', 'webgl'] as const) {
      if ((side === 'unfused' && backend === 'wasm') || (side === 'threads' && backend === 'webgl')) continue;
      // TensorFlow.js's wasm backend has no gradient for convolution kernels.
      if (side === 'tfjs' && backend === 'wasm' && benchCase.startsWith('cnn')) continue;
      const page = await browser.newPage();
      page.on('pageerror', (error) => process.stderr.write(`${side} ${backend}: ${error.message}\n`));
      await page.goto(side === 'threads' ? `${url}isolated` : url);
      await page.waitForFunction('typeof measure === "function"');
      contestants.push({ side, backend, page, engine: '', rates: [] });
    }
  }
  for (let round = 0; round < Number(flags.rounds); round++) {
    for (const each of contestants) {
      const { engine, units, wall } = (await each.page.evaluate(`measure('${each.side}', '${each.backend}', '${benchCase}', ${Number(flags.seconds)})`)) as { engine: string; units: number; wall: number };
      each.engine = engine;
      each.rates.push(units / wall);
    }
  }
  for (const { side, engine, rates, page } of contestants) {
    const ratioTo = Object.fromEntries(contestants.filter((other) => other.rates !== rates).map((other) => {
      const ratios = rates.map((rate, round) => rate / other.rates[round]);
      return [other.engine, { wall: rounded(median(ratios)), spread: [rounded(quantile(ratios, 0.25)), rounded(quantile(ratios, 0.75))] }];
    }));
    rows.push({ case: benchCase, side: engine, stepsPerSecond: rounded(median(rates)), ratioTo });
    console.log(`${benchCase.padEnd(8)} ${engine.padEnd(26)} ${rounded(median(rates))} steps/s; ${Object.entries(ratioTo).filter(([other]) => side === 'ours' && (other.startsWith('tfjs') || other === 'tape+webgl') || (side === 'threads' && other === 'plan+wasm')).map(([other, { wall }]) => `${wall} x ${other}`).join(', ')}`);
    await page.close();
  }
}
if (flags.json) console.log(JSON.stringify({ question: 'browser', machine: `${machine()}, ${browser.version()}, software WebGL`, versions: versions('@tensorflow/tfjs'), rows }));
await browser.close();
server.close();
process.exit(0);
