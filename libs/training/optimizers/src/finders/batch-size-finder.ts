/**
 * The largest batch that a machine can carry: doubles until one fails, then bisects. As in Lightning's batch-size finder, without a model:
 * it is given something to try a size with.
 */
import { checkOptions, InputError, positiveInteger } from '@gradstream/numerics';

export interface BatchSizeFinderOptions {
  /** First size tried. Default 2. */
  readonly start?: number;
  /** Largest size tried. Default 65536. */
  readonly max?: number;
  /** Sizes are multiples of this behind the doubling. Default 1. */
  readonly multipleOf?: number;
}

/**
 * Finds the largest size that works.
 *
 * @param works trains a step or two with batches of this size; false, or an error, says that it does not work
 * @throws InputError when not even the first size works
 */
export async function findBatchSize(works: (size: number) => boolean | Promise<boolean>, options: BatchSizeFinderOptions = {}): Promise<number> {
  checkOptions('findBatchSize', options, { start: positiveInteger, max: positiveInteger, multipleOf: positiveInteger });
  const { start = 2, max = 65_536, multipleOf = 1 } = options;
  if (max < start) throw new InputError(`findBatchSize: max must be at least start (${start}), received ${max}`);
  let failure: unknown;
  const fits = async (size: number): Promise<boolean> => {
    try {
      return await works(size);
    } catch (error) {
      failure = error;
      return false;
    }
  };

  let largest = 0;
  let tooLarge = max + 1;
  for (let size = start; size <= max; size = size === max ? max + 1 : Math.min(2 * size, max)) {
    if (!(await fits(size))) {
      tooLarge = size;
      break;
    }
    largest = size;
  }
  if (largest === 0) throw new InputError(`findBatchSize: not even ${start} examples work${failure instanceof Error ? `: ${failure.message}` : ''}`);

  for (let middle = between(largest, tooLarge, multipleOf); middle !== undefined; middle = between(largest, tooLarge, multipleOf)) {
    if (await fits(middle)) largest = middle;
    else tooLarge = middle;
  }
  return largest;
}

/** The multiple nearest to the middle, strictly between two sizes. */
function between(low: number, high: number, multipleOf: number): number | undefined {
  const middle = Math.round((low + high) / 2 / multipleOf) * multipleOf;
  return [middle, middle - multipleOf, middle + multipleOf].find((size) => size > low && size < high);
}
