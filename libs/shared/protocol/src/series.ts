import { z } from 'zod';
import { jsonNumber } from './json-number.ts';
import { metricName, runId } from './names.ts';

const column = z.array(jsonNumber);

/**
 * A metric's curve in at most as many buckets as were asked for. Arrays run alongside, one element a bucket, by step.
 * Every extreme and every NaN of the range is in some bucket; a bucket of one point is that point.
 */
export const seriesAnswer = z.object({
  run: z.string(),
  metric: metricName,
  /** Attempt asked for; absent when the newest value at each step is shown. */
  attempt: z.number().optional(),
  /** First step from which on single points are kept. Before it they have expired, and only buckets of up to 64 are left. Absent while all are kept. */
  rawFrom: z.number().optional(),
  /** First and last step of the bucket's points. */
  step0: z.array(z.number()),
  step1: z.array(z.number()),
  /** Wall time of these two points, ms since 1970. */
  wall0: z.array(z.number()),
  wall1: z.array(z.number()),
  /** Points in the bucket, NaN included; and how many are NaN. */
  count: z.array(z.number()),
  nan: z.array(z.number()),
  /** Of the points that are no NaN; `"NaN"` when all are. */
  min: column,
  max: column,
  mean: column,
  first: column,
  last: column,
});
export type SeriesAnswer = z.output<typeof seriesAnswer>;

/** The axis on which buckets are equally wide. `relative`: ms after the run was created. */
export const seriesAxis = z.enum(['step', 'wall', 'relative']);

/** Query of `GET /api/v1/runs/{id}/series`. `from` and `to` are on the axis asked for, both included. */
export const seriesQuery = z.strictObject({
  metric: metricName,
  from: z.coerce.number().optional(),
  to: z.coerce.number().optional(),
  points: z.coerce.number().int().min(1, 'must be a whole number from 1 to 100000').max(100_000, 'must be a whole number from 1 to 100000').default(1000),
  attempt: z.coerce.number().int().min(0).optional(),
  axis: seriesAxis.default('step'),
  scale: z.enum(['linear', 'log']).default('linear').meta({ description: 'Equally wide on a linear or a logarithmic axis' }),
});
export type SeriesQuery = z.output<typeof seriesQuery>;

/** Most buckets that one bulk request may ask for, over all its curves. */
export const maxBulkBuckets = 1_000_000;

/** Body of `POST /api/v1/series`: what a dashboard asks at once. */
export const bulkSeriesQuery = z.strictObject({
  runs: z.array(runId).min(1).max(200),
  metrics: z.array(metricName).min(1).max(50),
  from: z.number().optional(),
  to: z.number().optional(),
  points: z.int().min(1).max(10_000).default(1000),
  axis: seriesAxis.default('step'),
  scale: z.enum(['linear', 'log']).default('linear'),
}).refine(({ runs, metrics, points }) => runs.length * metrics.length * points <= maxBulkBuckets, 'must ask for at most a million buckets in all: fewer runs, metrics or points');
export type BulkSeriesQuery = z.output<typeof bulkSeriesQuery>;

/** Its answer. Curves without a point in the range are left out. */
export const bulkSeriesAnswer = z.object({ series: z.array(seriesAnswer) });
