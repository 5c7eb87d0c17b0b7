import { Observable } from 'rxjs';
import { InputError, shown, toSpec, wholeNumber, type Batch } from '@gradstream/numerics';
import type { Metric } from '@gradstream/losses';
import type { Readback } from '@gradstream/engine';
import type { StepEvent } from '@gradstream/protocol';
import { RUN, type Live, type Run } from './run.ts';
import { dateOfWork } from './scheduler.ts';
import { stage, type Stage } from './stage.ts';
import { Step } from './step.ts';

export interface MetricsOptions {
  /**
   * Read values this many steps later, many at once (a GPU is not waited for at each step). Events come late but
   * complete, in order and with the same values. Default 0.
   */
  readonly lag?: number;
}

type Emitted = Omit<StepEvent, 'totalSteps'> & { totalSteps?: number } & Live;

/** A step whose numbers are not read yet. */
interface Pending {
  readonly batch: Pick<Batch, 'step' | 'epoch' | 'index' | 'batchesPerEpoch' | 'totalSteps' | 'size'>;
  readonly wall: number;
  readonly hyper: StepEvent['hyper'];
  readonly readback: Readback;
}

/**
 * Turns each step into numbers: `train/loss` of the batch, `train/lossMean` over the epoch so far, `train/penalty` where
 * there is one, and the metrics asked for. Required, even when empty: it is what reads the loss.
 */
export function metrics(...given: readonly Metric[] | readonly [MetricsOptions, ...Metric[]]): Stage<Step, StepEvent & Live> {
  const options = given.length > 0 && !isMetric(given[0]) ? (given[0] as MetricsOptions) : undefined;
  const all = (options ? given.slice(1) : given) as readonly Metric[];
  for (const metric of all) if (!isMetric(metric)) throw new InputError(`metrics: takes metrics (accuracy(), gradientNorm()), received ${shown(metric)}`);
  const lag = options?.lag ?? 0;
  if (!wholeNumber.accepts(lag)) throw new InputError(`metrics: lag must be ${wholeNumber.says}, received ${shown(lag)}`);
  const names = all.filter((metric) => metric.step).map((metric) => (metric.plain ? metric.name : `train/${metric.name}`));

  return stage(
    () => ({ stage: 'metrics', metrics: all.map(toSpec), ...(lag > 0 ? { lag } : {}) }),
    (source) =>
      new Observable<StepEvent & Live>((subscriber) => {
        let run: Run | undefined;
        let mean = { epoch: -1, sum: 0, size: 0 };
        let pending: Pending[] = [];

        const join = (joined: Run): void => {
          run = joined;
          run.metrics = all;
          const kept = run.remember('metrics', () => ({ ...mean }));
          if (kept) mean = kept as typeof mean;
        };
        const emit = ({ step, epoch, index, batchesPerEpoch, totalSteps, size }: Pending['batch'], wall: number, hyper: StepEvent['hyper'], readback: Readback): void => {
          const values = readback.read();
          const loss = values[0];
          if (epoch !== mean.epoch) mean = { epoch, sum: 0, size: 0 };
          mean.sum += loss * size;
          mean.size += size;
          const read: Record<string, number> = { 'train/loss': loss, 'train/lossMean': mean.sum / mean.size };
          if (values[1] !== 0) read['train/penalty'] = values[1];
          for (let i = 0; i < names.length; i++) read[names[i]] = values[i + 2];
          const event: Emitted = { type: 'step', step, epoch, index, batchesPerEpoch, size, wall, metrics: read, hyper, [RUN]: run! };
          if (totalSteps !== undefined) event.totalSteps = totalSteps;
          const lap = run!.source.clock?.lap;
          lap?.('metrics');
          subscriber.next(event);
          lap?.('rest');
        };
        const drain = (): void => {
          const due = pending;
          pending = [];
          for (const { batch, wall, hyper, readback } of due) emit(batch, wall, hyper, readback);
        };

        const subscription = source.subscribe({
          next: (step) => {
            try {
              if (!(step instanceof Step)) throw new InputError(`metrics: expected what 'optimize' emits, received ${shown(step)}`);
              // The first event goes out at once: by it the stages below join the run and say where they need the others.
              const first = run === undefined;
              if (first) join(step[RUN]);
              const { batch, hyper } = step;
              batch[RUN].clock?.lap?.('rest');
              if (lag === 0) return emit(batch, dateOfWork(), hyper, step.scalars(all));
              pending.push({ batch, wall: dateOfWork(), hyper, readback: step.scalars(all) });
              if (first || pending.length > lag || batch.index + 1 === batch.batchesPerEpoch || run!.drainBefore.some((due) => due(step.step))) drain();
            } catch (error) {
              subscriber.error(error);
            }
          },
          error: (error: unknown) => subscriber.error(error),
          complete: () => {
            drain();
            subscriber.complete();
          },
        });
        return () => {
          subscription.unsubscribe();
          pending.forEach(({ readback }) => readback.read());
          pending = [];
        };
      }),
  );
}

const isMetric = (x: unknown): x is Metric => typeof x === 'object' && x !== null && typeof (x as Metric).name === 'string' && ('step' in x || 'accumulator' in x);
