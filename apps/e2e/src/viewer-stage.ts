import { createRequire } from 'node:module';
import { join } from 'node:path';
import { memoryStore, serve, type RunningServer, type RunStore } from '@gradstream/server';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

const viewerDir = join(process.cwd(), 'apps/viewer/dist');
const axeSource = createRequire(join(process.cwd(), 'package.json'))('axe-core') as { readonly source: string };

/** Software GL, and nothing that leaves the machine. */
const browserArgs = [
  '--no-sandbox', '--headless', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist', '--disable-accelerated-2d-canvas',
  '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run', '--disable-quic',
];

/** A real server with the built viewer, and a real browser. */
export class ViewerStage {
  /** Everything a page complained about: errors, warnings, refused content. */
  readonly complaints: string[] = [];

  private constructor(
    private server: RunningServer,
    private readonly store: RunStore,
    private readonly browser: Browser,
  ) {}

  /** @param control whether runs may be steered without a token */
  static async open({ control = true } = {}): Promise<ViewerStage> {
    const store = await memoryStore();
    const server = await serve({ store, port: 0, viewerDir, control });
    const browser = await chromium.launch({ executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium', args: browserArgs });
    return new ViewerStage(server, store, browser);
  }

  get url(): string {
    return this.server.url;
  }

  /** A page in a profile of its own, at a query of the viewer. */
  async page(query = '', options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.browser.newContext({ viewport: { width: 1_440, height: 900 }, locale: 'en-US', ...options });
    const page = await context.newPage();
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.complaints.push(error.message));
    await page.exposeFunction('reportRefused', (what: string) => void this.complaints.push(`refused by the content security policy: ${what}`));
    await page.addInitScript(() => document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
      (window as unknown as { reportRefused(what: string): void }).reportRefused(`${violatedDirective} ${blockedURI}`);
    }));
    await page.goto(`${this.url}/${query}`);
    return page;
  }

  private async send(method: string, path: string, body: unknown): Promise<void> {
    const response = await fetch(`${this.url}/api/v1/runs/${path}`, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  }

  put(id: string, run: object): Promise<void> {
    return this.send('PUT', id, run);
  }

  patch(id: string, change: object): Promise<void> {
    return this.send('PATCH', id, change);
  }

  note(id: string, event: object): Promise<void> {
    return this.send('POST', `${id}/events`, event);
  }

  /** Whether the server has a run. */
  async exists(id: string): Promise<boolean> {
    return (await fetch(`${this.url}/api/v1/runs/${id}`)).ok;
  }

  private seq = 0;

  /** Publishes a batch: the values of each metric at steps `from`, `from + 1`, …; null where there is none. */
  points(id: string, from: number, m: Readonly<Record<string, readonly (number | string | null)[]>>, t0 = Date.now()): Promise<void> {
    const n = Math.max(...Object.values(m).map((values) => values.length));
    return this.send('POST', `${id}/points`, { writer: 'stage', seq: ++this.seq, attempt: 0, t0, step: { from, by: 1, n }, dt: Array.from({ length: n }, (_, i) => 10 * (from + i)), m });
  }

  /** Stops the server; `again` starts it on the same port and store. */
  async restart(whileDown: () => Promise<void>): Promise<void> {
    const { port } = new URL(this.url);
    const { close } = this.store;
    this.store.close = () => Promise.resolve();
    await this.server.close();
    await whileDown();
    this.server = await serve({ store: this.store, port: Number(port), viewerDir, control: true });
    this.store.close = close;
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.server.close();
  }
}

/** Waits until something holds, and fails with what it last was. */
export async function eventually<T>(read: () => Promise<T>, holds: (value: T) => boolean, ms = 60_000): Promise<T> {
  for (const end = Date.now() + ms; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
    const value = await read();
    if (holds(value)) return value;
    if (Date.now() > end) throw new Error(`it never came to hold; last: ${JSON.stringify(value)}`);
  }
}

/** `PICTURES=1` writes what a page shows, or the whole of it, into `docs/images`; otherwise it does nothing. */
export async function picture(page: Page, name: string, fullPage = false): Promise<void> {
  if (process.env['PICTURES']) await page.screenshot({ path: join(process.cwd(), 'docs/images', `${name}.png`), fullPage });
}

/** A digest of the pixels of every canvas. */
export const pixelsOf = (page: Page): Promise<readonly string[]> => page.evaluate(async () => Promise.all([...document.querySelectorAll('canvas')].map(async (canvas) => {
  const bytes = await (await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve)))!.arrayBuffer();
  return [...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))].map((b) => b.toString(16).padStart(2, '0')).join('');
})));

/** What axe finds on a page, one line for each kind. The page needs `bypassCSP`. */
export async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axeSource.source);
  return page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } };
    return (await axe.run()).violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ').slice(0, 300)}`);
  });
}

/** Losses that fall, with some noise that is the same each time. */
export const fallingLoss = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => 2 * Math.exp(-i / (n / 5)) + 0.1 + 0.02 * Math.sin(i * 12.9898));
