import type { SeriesAnswer, SeriesQuery } from '@gradstream/protocol';
import type { Backing } from '../backing/backing.ts';
import * as field from './buckets.ts';
import { readCurve } from './curve.ts';
import type { RunLog } from './run-log.ts';

/** Reads a curve and puts it into the columns of the answer. A metric nobody wrote has no buckets. */
export async function curveAnswer(backing: Backing, log: RunLog, { metric, from = -Infinity, to = Infinity, points, attempt, axis, scale }: SeriesQuery): Promise<SeriesAnswer> {
  const { id, created } = log.stored;
  const offset = axis === 'relative' ? created : 0;
  // As they are at this moment: while blocks are read a seal may move the tail's points under the pyramid.
  const attempts = log.attemptsOf(metric).filter(({ now }) => attempt === undefined || now.attempt === attempt).map(({ now, sealed }) => ({ now: { ...now }, sealed }));
  const buckets = await readCurve(backing, log.rows(), attempts, {
    axis: axis === 'step' ? 'step' : 'wall', from: from + offset, to: to + offset, points, log: scale === 'log', origin: axis === 'step' ? 0 : created,
  });
  const sum = buckets.column(field.sum);
  const count = buckets.column(field.count);
  const nan = buckets.column(field.nan);
  const rawFrom = Math.max(0, ...attempts.map(({ now }) => (now.expired ? now.expired.step + 1 : 0)));
  return {
    run: id,
    metric,
    ...(rawFrom > 0 ? { rawFrom } : {}),
    ...(attempt === undefined ? {} : { attempt }),
    step0: buckets.column(field.step0),
    step1: buckets.column(field.step1),
    wall0: buckets.column(field.wall0),
    wall1: buckets.column(field.wall1),
    count,
    nan,
    min: buckets.column(field.min),
    max: buckets.column(field.max),
    mean: sum.map((total, i) => (count[i] === nan[i] ? NaN : total / (count[i] - nan[i]))),
    first: buckets.column(field.first),
    last: buckets.column(field.last),
  };
}
