import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Command } from 'commander';
import { InputError } from '@gradstream/numerics';
import { stringify } from '@gradstream/protocol';
import { checkStore, compactStore, defaultStoreDir, exportRun, importRuns, openStore, repairStore, type RunStore, type StoreReport } from '@gradstream/server';

interface Flags {
  readonly store: string;
  readonly json?: boolean;
}

const withStore = (command: Command): Command => command.option('--store <dir>', 'folder of the store', defaultStoreDir());

/** @throws InputError for a folder without a store, which opening it would create */
function checkFolder(dir: string): void {
  if (!existsSync(dir)) throw new InputError(`store: there is no folder ${dir}`);
}

/** Works on an open store, which no server may have open meanwhile. */
async function using<T>(dir: string, work: (store: RunStore) => Promise<T>): Promise<T> {
  const store = await openStore(dir, { thread: false });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

function tell({ description, runs, points, problems }: StoreReport, json = false): void {
  if (json) return void process.stdout.write(`${stringify({ description, runs, points, problems })}\n`);
  process.stdout.write(`${description}: ${runs} runs, ${points} points\n`);
  for (const problem of problems) process.stdout.write(`  ${problem}\n`);
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

async function allIds(store: RunStore): Promise<string[]> {
  const ids: string[] = [];
  for (let after: string | undefined; ;) {
    const { runs, next } = await store.runs({ limit: 1000, after, sort: 'created' });
    ids.push(...runs.map(({ id }) => id));
    if (!next) return ids;
    after = next;
  }
}

async function* exported(store: RunStore, ids: readonly string[]): AsyncGenerator<string> {
  for (const id of ids) for await (const line of exportRun(store, id)) yield `${line}\n`;
}

/** Looking after a store on disk, while no server has it open. */
export const storeCommand = (): Command => {
  const store = new Command('store').description('a store on disk: check, repair, compact, export, import');
  withStore(store.command('check').description('read everything, and say what is wrong; exit code 1 where something is'))
    .option('--json', 'the report as one JSON object')
    .action(async ({ store: dir, json }: Flags) => {
      checkFolder(dir);
      const report = await checkStore(dir);
      tell(report, json);
      if (report.problems.length > 0) throw new Error(`store check: ${report.problems.length === 1 ? 'one problem' : `${report.problems.length} problems`} in ${dir}; 'gradstream store repair' saves what can be read`);
    });
  withStore(store.command('repair').description('copy whatever can still be read into a new store, and put that in the place of the damaged one, which stays beside it'))
    .option('--json', 'the report as one JSON object')
    .action(async ({ store: dir, json }: Flags) => {
      checkFolder(dir);
      tell(await repairStore(dir), json);
    });
  withStore(store.command('compact').description('give the disk back what deleted runs and expired points left')).action(async ({ store: dir }: Flags) => {
    checkFolder(dir);
    const { before, after } = await compactStore(dir);
    process.stdout.write(`${megabytes(before)} before, ${megabytes(after)} now\n`);
  });
  withStore(store.command('export').description('runs as lines of JSON, with everything in them').argument('[run...]', 'ids; none means every run'))
    .option('--out <file>', 'file instead of the standard output')
    .action(async (ids: string[], { store: dir, out }: Flags & { out?: string }) => {
      checkFolder(dir);
      await using(dir, async (open) => {
        for (const id of ids) if (!(await open.peek(id))) throw new InputError(`store: there is no run '${id}' in ${dir}`);
        await pipeline(Readable.from(exported(open, ids.length > 0 ? ids : await allIds(open))), out === undefined ? process.stdout : createWriteStream(out), { end: out !== undefined });
      });
    });
  withStore(store.command('import').description('take runs in from lines that export gave; what is there already is not taken twice').argument('<file>', 'file, or - for the standard input'))
    .action(async (file: string, { store: dir }: Flags) => {
      if (file !== '-' && !existsSync(file)) throw new InputError(`store: there is no file ${file}`);
      // Lines that are read before anybody waits for them are lost: the file is opened when the store is.
      const lines = () => createInterface({ input: file === '-' ? process.stdin : createReadStream(file), crlfDelay: Infinity });
      const { runs, points } = await using(dir, (open) => importRuns(open, lines()));
      process.stdout.write(`${runs} runs, ${points} points new\n`);
    });
  return store;
};
