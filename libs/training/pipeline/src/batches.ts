import { Observable } from 'rxjs';
import { checkOptions, fold, gathererOf, gatherLater, InputError, integerAt, isWaiting, key, permutation, positiveInteger, sizeOf, specOf, toSpec, wholeNumber, oneOf, type Batch, type Examples, type Key, type Rule, type Split, type Targets } from '@gradstream/numerics';
import { augmented, type Augmentation } from '@gradstream/augment';
import { fullSpeed, stepOn, type Pace } from './pace.ts';
import { isClaimed, Pacer, RUN, type Source, type Sourced } from './run.ts';
import { recorded, recordOf } from './stage.ts';

export interface BatchesOptions {
  /** Examples in a batch. Default 32. */
  readonly size?: number;
  /** Passes over the split; without `epochs` and `steps` the run goes on until it is stopped. */
  readonly epochs?: number;
  /** Steps to take, instead of `epochs`. */
  readonly steps?: number;
  /** Decides order, first weights, masks and augmentation. Default 0. */
  readonly seed?: number;
  /** Order of the examples: reshuffled each epoch without replacement (default), drawn with replacement, or as they stand. */
  readonly order?: 'shuffled' | 'replacement' | 'sequential';
  /** What happens to a last batch that is short: kept (default) or dropped. */
  readonly lastBatch?: 'keep' | 'drop';
  /** When steps may be taken. Default `fullSpeed()`; an Observable takes one step for each of its values. */
  readonly pace?: Pace | Observable<unknown>;
  /** First step, for a run that goes on: the same batches as the uninterrupted run from there. Default 0. */
  readonly from?: number;
  /** Makes batches ahead, elsewhere (`prefetch` of `@gradstream/pipeline/node`); the bytes stay the same. */
  readonly maker?: MakerFactory;
}

/** Where in a run a batch stands. */
export interface Position {
  readonly step: number;
  readonly epoch: number;
  readonly index: number;
  /** Which examples of the split; a view of the epoch's order. */
  readonly ids: Uint32Array;
  /** Random key of the step. */
  readonly key: Key;
}

/** Makes batches in order; `next` may answer later. */
export interface Maker<T extends Targets> {
  next(): (Batch<T> & Sourced) | Promise<Batch<T> & Sourced>;
  close(): void;
  /** Batches that are ready now, where they are made ahead. */
  queued?(): number;
}

/** Called once per run with the positions in order; `place` makes examples the batch of a position, `run` is whose they are. */
export type MakerFactory = <T extends Targets>(split: Split<T>, augmentations: readonly Augmentation[], positions: Iterator<Position>, place: (examples: Examples<T>, position: Position) => Batch<T> & Sourced, run: Source) => Maker<T>;

const rules: Readonly<Record<string, Rule>> = {
  size: positiveInteger,
  epochs: positiveInteger,
  steps: positiveInteger,
  seed: wholeNumber,
  order: oneOf('shuffled', 'replacement', 'sequential'),
  lastBatch: oneOf('keep', 'drop'),
  pace: { says: 'a pace or an Observable', accepts: (x) => typeof x === 'object' && x !== null, schema: false as never },
  from: wholeNumber,
  maker: { says: 'a maker of batches', accepts: (x) => typeof x === 'function', schema: false as never },
};

/** The rules of those options that a document may hold. */
export const batchesRules: Readonly<Record<string, Rule>> = Object.fromEntries(Object.entries(rules).filter(([name]) => !['pace', 'from', 'maker'].includes(name)));

/** Batches that may be emitted in a row without one reaching `optimize`. */
const UNREACHED_LIMIT = 256;

interface Plan<T extends Targets> {
  readonly split: Split<T>;
  readonly options: BatchesOptions;
  readonly augmentations: readonly Augmentation[];
}

const plans = new WeakMap<Observable<unknown>, Plan<Targets>>();

/** The split and options behind an observable that `batches` made. */
export const planOf = (observable: Observable<unknown>): Plan<Targets> | undefined => plans.get(observable);

/**
 * The batches of a split, in an order that depends on nothing but the seed. Cold: a run starts on subscribe, in a later
 * turn of the event loop, and is *pulled* by its pace, so nothing queues up.
 *
 * @throws InputError when the split is not for training, or an option is out of range
 */
export function batches<T extends Targets>(split: Split<T>, options: BatchesOptions = {}): Observable<Batch<T> & Sourced> {
  checkOptions('batches', options, rules);
  if (split.role !== 'train') throw new InputError(`batches: the ${split.role} split of ${split.dataset} is not for training; give the train split`);
  if (options.epochs !== undefined && options.steps !== undefined) throw new InputError('batches: give epochs or steps, not both');
  if (batchesPerEpoch(split.size, options) === 0) throw new InputError(`batches: size must be at most the ${split.size} examples of the split when a short last batch is dropped, received ${options.size ?? 32}`);
  return source({ split, options, augmentations: [] });
}

/** The same source with augmentations carried out where its batches are made. */
export function withAugmentations<T extends Targets>(observable: Observable<Batch<T>>, augmentations: readonly Augmentation[]): Observable<Batch<T> & Sourced> | undefined {
  const plan = plans.get(observable) as Plan<T> | undefined;
  return plan && recorded(source({ ...plan, augmentations: [...plan.augmentations, ...augmentations] }), () => ({ stage: 'augment', augment: augmentations.map(toSpec) }), observable);
}

/** Steps of a run over n examples; Infinity where nothing bounds it. */
export const stepsOf = (n: number, { steps, epochs = Infinity, ...options }: Pick<BatchesOptions, 'size' | 'epochs' | 'steps' | 'lastBatch'>): number => steps ?? epochs * batchesPerEpoch(n, options);

export const batchesPerEpoch = (n: number, { size = 32, lastBatch = 'keep' }: Pick<BatchesOptions, 'size' | 'lastBatch'>): number => (lastBatch === 'keep' ? Math.ceil(n / size) : Math.floor(n / size));

function source<T extends Targets>(plan: Plan<T>): Observable<Batch<T> & Sourced> {
  const { split, options, augmentations } = plan;
  const { seed = 0, from = 0 } = options;
  const perEpoch = batchesPerEpoch(split.size, options);
  const totalSteps = options.steps ?? (options.epochs === undefined ? undefined : options.epochs * perEpoch);
  const root = key(seed);

  const observable = new Observable<Batch<T> & Sourced>((subscriber) => {
    const pace: Pace = options.pace === undefined ? fullSpeed() : 'start' in options.pace ? options.pace : stepOn(options.pace);
    let emitted = from;
    let done = false;
    const run: Source = { pacer: new Pacer(() => running.wake()), key: root, inputShape: split.inputShape, width: split.targets.width, firstStep: from, totalSteps, unreached: 0 };
    const claimed = isClaimed();
    // Written out, since a spread beside a symbol costs a microsecond.
    const place = (examples: Examples<T>, { step, epoch, index, ids, key }: Position): Batch<T> & Sourced => {
      if (isWaiting(examples)) return Object.assign(examples, { step, epoch, index, batchesPerEpoch: perEpoch, totalSteps, ids, key, [RUN]: run });
      const { size, inputShape, inputs, targets } = examples;
      return { size, inputShape, inputs, targets, step, epoch, index, batchesPerEpoch: perEpoch, totalSteps, ids, key, [RUN]: run };
    };
    const sequence = new Positions(split.size, options, root);
    const maker = (options.maker ?? inline)(split, augmentations, sequence, place, run);

    const emit = (batch: Batch<T> & Sourced): void => {
      emitted++;
      run.unreached++;
      run.clock?.lap?.('data');
      subscriber.next(batch);
      run.clock?.end(batch.step);
      if (claimed && run.unreached > UNREACHED_LIMIT) {
        throw new InputError(`batches: ${UNREACHED_LIMIT} batches were emitted and none reached 'optimize'; asynchronous operators (delay, observeOn, bufferTime) belong below 'evaluate', where they cannot defeat the pace`);
      }
    };
    const tick = (): void => {
      try {
        if (totalSteps !== undefined && emitted >= totalSteps) {
          done = true;
          subscriber.complete();
          return;
        }
        run.clock?.begin(maker);
        const next = maker.next();
        if (!(next instanceof Promise)) return emit(next);
        const release = run.pacer.hold();
        next.then(
          (batch) => {
            if (done) return;
            // Released after the emission, so that the order of ticks and batches cannot change.
            try {
              emit(batch);
            } catch (error) {
              fail(error);
            }
            release();
          },
          (error: unknown) => fail(error),
        );
      } catch (error) {
        fail(error);
      }
    };
    const fail = (error: unknown): void => {
      done = true;
      subscriber.error(error);
    };
    const running = pace.start({
      get ready() {
        return !done && !run.pacer.held;
      },
      tick,
    });
    return () => {
      done = true;
      running.stop();
      maker.close();
    };
  });
  plans.set(observable, plan as unknown as Plan<Targets>);
  const spec = () => {
    const { pace, maker, from: _, ...plain } = options;
    return { stage: 'batches', data: specOf(split) ?? { opaque: `the ${split.role} split of ${split.dataset}` }, batches: { ...plain, ...(pace ? { pace: { opaque: 'pace' } } : {}), ...(maker ? { maker: specOf(maker) } : {}) } };
  };
  return recordOf(observable) ? observable : recorded(observable, spec);
}

/**
 * Where each batch of a run stands and which examples it holds: a function of seed and step alone. Endless.
 * A class, since a generator costs a tenth of a microsecond each time.
 */
class Positions implements Iterator<Position, never> {
  private readonly size: number;
  private readonly order: NonNullable<BatchesOptions['order']>;
  private readonly perEpoch: number;
  private readonly orderKey: Key;
  private readonly stepKey: Key;
  private step: number;
  private epoch = -1;
  private ids: Uint32Array = new Uint32Array(0);

  constructor(private readonly n: number, options: BatchesOptions, root: Key) {
    this.size = options.size ?? 32;
    this.order = options.order ?? 'shuffled';
    this.perEpoch = batchesPerEpoch(n, options);
    this.orderKey = fold(root, 'order');
    this.stepKey = fold(root, 'step');
    this.step = options.from ?? 0;
  }

  next(): IteratorYieldResult<Position> {
    const { n, size, perEpoch } = this;
    const step = this.step++;
    const epoch = Math.floor(step / perEpoch);
    const index = step - epoch * perEpoch;
    if (epoch !== this.epoch) {
      this.epoch = epoch;
      this.ids = this.idsOf(fold(this.orderKey, epoch));
    }
    return { value: { step, epoch, index, ids: this.ids.subarray(index * size, Math.min(n, (index + 1) * size)), key: fold(this.stepKey, step) }, done: false };
  }

  private idsOf(epochKey: Key): Uint32Array {
    switch (this.order) {
      case 'shuffled': return permutation(epochKey, this.n);
      case 'sequential': return Uint32Array.from({ length: this.n }, (_, i) => i);
      case 'replacement': return withReplacement(epochKey, this.n);
    }
  }
}

function withReplacement(from: Key, n: number): Uint32Array {
  const ids = new Uint32Array(n);
  for (let i = 0; i < n; i++) ids[i] = integerAt(from, i, n);
  return ids;
}

/** From so many numbers on, inputs are copied once: to where the step is taken, or when somebody reads them. */
const LARGE = 1_024;

/** Makes each batch when it is asked for, in this thread. */
const inline: MakerFactory = (split, augmentations, sequence, place, run) => {
  const { store } = split;
  const example = sizeOf(split.inputShape);
  const gather = store && gathererOf(store);
  return {
    next: () => {
      const position = sequence.next().value as Position;
      const { ids, key } = position;
      if (augmentations.length > 0) {
        const gathered = split.gather(ids);
        run.clock?.lap?.('data');
        const made = augmented(augmentations, key, gathered) as typeof gathered;
        run.clock?.lap?.('augment');
        return place(made, position);
      }
      if (!gather) return place(split.gather(ids), position);
      return place(example * ids.length >= LARGE ? gatherLater(store!, ids) : gather(ids), position);
    },
    close: () => undefined,
  };
};
