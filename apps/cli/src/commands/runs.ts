import { Command } from 'commander';
import { InputError, shown } from '@gradstream/numerics';
import { stringify, type RunInfo } from '@gradstream/protocol';
import { points, subscribe } from '@gradstream/client';
import { ask, DEFAULT_SERVER } from '../run/api.ts';
import { duration } from '../run/progress.ts';
import { table } from '../run/table.ts';
import { wholeOption } from './train.ts';

const withServer = (command: Command): Command => command.option('--server <url>', 'metrics server', DEFAULT_SERVER);

/** The metrics a list has room for. */
const headline = ['test/accuracy', 'validation/accuracy', 'validation/loss', 'train/loss'];

function row({ id, name, state, created, heartbeat, summary }: RunInfo): string[] {
  const metric = headline.find((candidate) => summary[candidate]);
  const step = Math.max(0, ...Object.values(summary).map((known) => known.step));
  return [id, name, state, `${step + 1} steps`, duration((heartbeat - created) / 1000), metric ? `${metric} ${Number(summary[metric].last).toPrecision(4)}` : ''];
}

const noSuchRun = (server: string, id: string): InputError => new InputError(`${server} has no run '${id}'; 'gradstream runs list' shows what there is`);

export const runsCommand = (): Command => {
  const runs = new Command('runs').description('runs on a metrics server: list, show, delete');
  withServer(runs.command('list').description('newest first'))
    .option('--limit <n>', 'at most so many', '50')
    .option('--json', 'one JSON object per line')
    .action(async ({ server, limit, json }: { server: string; limit: string; json?: boolean }) => {
      const { runs: found, next } = await ask(server, (api) => api.runs({ limit: wholeOption('limit')(limit) }));
      if (json) for (const run of found) process.stdout.write(`${stringify(run)}\n`);
      else if (found.length === 0) process.stderr.write(`No runs at ${server} yet; 'gradstream train digits' makes one.\n`);
      else process.stdout.write(`${table(found.map(row))}\n`);
      if (next && !json) process.stderr.write(`There are more; --limit shows them.\n`);
    });
  withServer(runs.command('show <id>').description('one run as JSON: document, state, metrics')).action(async (id: string, { server }: { server: string }) => {
    const run = await ask(server, (api) => api.run(id));
    if (!run) throw noSuchRun(server, id);
    process.stdout.write(`${stringify(run, 2)}\n`);
  });
  withServer(runs.command('delete <id...>').description('delete runs and all their points')).action(async (ids: string[], { server }: { server: string }) => {
    for (const id of ids) {
      if (!(await ask(server, (api) => api.remove(id)))) throw noSuchRun(server, id);
      process.stdout.write(`deleted ${id}\n`);
    }
  });
  return runs;
};

export const tailCommand = (): Command =>
  withServer(new Command('tail').description('points of runs as NDJSON, replayed and then live').argument('[run...]', 'ids; none means every run'))
    .option('--metric <glob...>', "metrics, such as 'validation/*'")
    .option('--since <cursor>', 'begin after this position')
    .option('--no-follow', 'end when everything there is was printed')
    .action(async (ids: string[], { server, metric, since, follow }: { server: string; metric?: string[]; since?: string; follow: boolean }) => {
      for (const id of ids) if (!(await ask(server, (api) => api.run(id)))) throw noSuchRun(server, id);
      await ask(server, (api) => api.runs({ limit: 1 }));
      await new Promise<void>((resolve, reject) => {
        const tail = subscribe(server, { run: ids, metric, since, follow }).pipe(points()).subscribe({
          next: (point) => process.stdout.write(`${stringify(point)}\n`),
          error: (error: unknown) => reject(error instanceof Error ? error : new Error(shown(error))),
          complete: resolve,
        });
        process.once('SIGINT', () => {
          tail.unsubscribe();
          resolve();
        });
      });
    });
