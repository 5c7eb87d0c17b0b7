import { Command, Option } from 'commander';
import { Subject } from 'rxjs';
import { InputError } from '@gradstream/numerics';
import { stringify, type RunSpec } from '@gradstream/protocol';
import { findSpec, shippedNames, specForData, type FoundSpec } from '../run/find-spec.ts';
import { duration, progress } from '../run/progress.ts';
import { documentIn } from '../run/run-folder.ts';
import { reachable } from '../run/servers.ts';
import { loggedKinds, trainRun, type Logged, type TrainResult } from '../run/train-run.ts';

/** Options that `train` and `start` share. */
export interface TrainFlags {
  readonly data?: string;
  readonly dataDir?: string;
  readonly seed?: number;
  readonly epochs?: number;
  readonly backend?: string;
  readonly engine?: string;
  readonly threads?: number;
  readonly strict?: boolean;
  readonly out?: string;
  readonly workers: number;
}

interface Flags extends TrainFlags {
  readonly json?: boolean;
  readonly server?: string | false;
  readonly resume?: string;
  readonly run?: string;
  readonly log?: readonly Logged[];
  readonly timings: boolean;
}

/** A whole number from the command line; NaN for anything else, which the checks then refuse by name. */
export const wholeOption = (name: string) => (text: string): number => {
  if (!/^\d+$/.test(text)) throw new InputError(`--${name} must be a whole number of at least 0, received '${text}'`);
  return Number(text);
};

/** Adds the options that say what to train and on what. */
export const withTrainFlags = (command: Command): Command =>
  command
    .option('--data <name>', 'data set (digits, mnist, fashion-mnist, cifar-10) or a CSV file, instead of a run')
    .option('--data-dir <dir>', 'folder with the data files; else the cache')
    .option('--seed <n>', 'seed, instead of the document\'s', wholeOption('seed'))
    .option('--epochs <n>', 'epochs, instead of the document\'s', wholeOption('epochs'))
    .addOption(new Option('--backend <name>', 'where tensors live').choices(['auto', 'cpu', 'wasm']))
    .addOption(new Option('--engine <layer>', 'which engine layer carries out the steps').choices(['auto', 'native', 'plan', 'tape']))
    .option('--threads <n>', 'threads that share a planned step; the result does not depend on it', wholeOption('threads'))
    .option('--strict', 'rounding as on every other machine: no multiply-add in one rounding, no native code')
    .option('--workers <n>', 'threads that make batches ahead; the result does not depend on it', wholeOption('workers'), 0)
    .option('--out <dir>', 'folder for checkpoints, the model and its document');

/** The document that the flags ask for. */
export function specFor(given: string | undefined, flags: TrainFlags): FoundSpec {
  if (given !== undefined && flags.data !== undefined) throw new InputError(`train: give a run or --data, not both; received '${given}' and '${flags.data}'`);
  const found = given !== undefined ? findSpec(given) : specForData(flags.data ?? 'digits');
  const engine = { ...found.spec.engine, ...(flags.backend ? { backend: flags.backend } : {}), ...(flags.engine ? { engine: flags.engine } : {}), ...(flags.threads ? { threads: flags.threads } : {}), ...(flags.strict ? { strict: true } : {}) };
  const spec: RunSpec = {
    ...found.spec,
    ...(flags.seed === undefined ? {} : { seed: flags.seed }),
    ...(flags.epochs === undefined ? {} : { batches: { ...found.spec.batches, epochs: flags.epochs } }),
    ...(Object.keys(engine).length > 0 ? { engine } : {}),
  };
  return { where: found.where, spec };
}

/** Ctrl-C once stops after the current step; twice ends at once. */
export function stopOnSignal(): { readonly stop$: Subject<void>; release(): void } {
  const stop$ = new Subject<void>();
  let asked = 0;
  const onSignal = () => {
    if (++asked > 1) process.exit(130);
    stop$.next();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  return { stop$, release: () => void process.off('SIGINT', onSignal).off('SIGTERM', onSignal) };
}

/** What a person reads at the end. */
export function summary({ status, steps, epochs, seconds, examplesPerSecond, engine, metrics, testLooks, out }: TrainResult): string {
  const shown = Object.entries(metrics).filter(([name]) => /^(test|validation)\//.test(name)).map(([name, value]) => `${name} ${value.toFixed(4)}`);
  return `${status === 'stopped' ? 'Stopped' : 'Finished'} after ${steps} steps (${epochs} epochs) in ${duration(seconds)}: ${shown.join(', ')}${testLooks === undefined ? '' : ` (test looks: ${testLooks})`}; ${examplesPerSecond} examples/s on ${engine}.${out ? ` Kept in ${out}: model/ (TensorFlow.js), checkpoints/, run.yaml.` : status === 'stopped' ? ' Nothing was kept on disk; --out DIR keeps the model.' : ''}`;
}

export const trainCommand = (): Command =>
  withTrainFlags(new Command('train').description('train a run: a .yaml or .json document, or one that ships').argument('[run]', `document, or one of: ${shippedNames().join(', ')}`))
    .option('--server <url>', 'metrics server to publish to, or nats://… (default: http://127.0.0.1:4319, when one answers there)')
    .option('--no-server', 'publish nothing')
    .option('--run <id>', 'id of the run on the server')
    .addOption(new Option('--log <kinds...>', 'publish once an epoch, beside the numbers').choices([...loggedKinds]))
    .option('--no-timings', 'do not publish, four times a second, where the time of a step goes')
    .option('--resume <dir>', 'go on from the last checkpoint of an --out folder')
    .option('--json', 'print one JSON object as the last line of standard output')
    .action(async (given: string | undefined, flags: Flags) => {
      const document = flags.resume === undefined ? undefined : documentIn(flags.resume);
      const found = document && given === undefined && flags.data === undefined ? specFor(document, flags) : specFor(given, flags);
      const shown = progress();
      const server = flags.server === false ? undefined : (flags.server ?? (await reachable('http://127.0.0.1:4319')));
      const { stop$, release } = stopOnSignal();
      try {
        const result = await trainRun({ ...found, dataDir: flags.dataDir, workers: flags.workers, server, out: flags.out ?? flags.resume, run: flags.run, log: flags.log, timings: flags.timings, resuming: document !== undefined, progress: shown, stop$ });
        shown.say(summary(result));
        if (flags.json) process.stdout.write(`${stringify(result)}\n`);
      } finally {
        release();
      }
    });
