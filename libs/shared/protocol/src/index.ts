// Events
export type { Aside, EvaluationEvent, MetricValues, RunEvent, StepEvent, StopEvent, TimingEvent } from './events.ts';
// Numbers, names and checks
export { fromJsonNumber, jsonNumber, stringify, toJsonNumber } from './json-number.ts';
export type { JsonNumber } from './json-number.ts';
export { globTest, isMetricName, isRunId, metricName, newId, runId } from './names.ts';
export { parseWith } from './parse.ts';
// Runs
export { metricSummary, runDetail, runInfo, runList, runPatch, runPut, runsQuery, runState } from './run.ts';
export type { MetricSummary, RunDetail, RunInfo, RunList, RunPatch, RunPut, RunsQuery, RunState } from './run.ts';
// Points
export { columnJson, formatPoints, parsePoints, pointCount, pointsAnswer, pointsBody } from './points.ts';
export type { Column, MetricPoint, PointsAnswer, PointsBatch, PointsBody } from './points.ts';
// Frames
export { crc32c } from './crc32c.ts';
export { BodyReader, decodeFrame, encodeFrame, maxFrameBytes } from './frame.ts';
export type { Frame, FramePart } from './frame.ts';
export { decodeAllPoints, decodePoints, encodePoints, pointsMediaType, unpackPoints } from './points-frame.ts';
// Curves
export { bulkSeriesAnswer, bulkSeriesQuery, maxBulkBuckets, seriesAnswer, seriesAxis, seriesQuery } from './series.ts';
export type { BulkSeriesQuery, SeriesAnswer, SeriesQuery } from './series.ts';
// Streams
export { eventsAnswer, eventsQuery, formatCursor, note, noteType, parseCursor, parseNote, parseStreamEvent, pointsOf, streamEvent, streamQuery } from './stream.ts';
export type { Cursor, EventsAnswer, EventsQuery, Note, PointsEvent, StreamEvent, StreamQuery } from './stream.ts';
// Run documents
export { parseRunSpec, readRunSpec, RUN_SPEC_VERSION, runSpecJsonSchema, runSpecSchema } from './run-spec.ts';
export type { PartSpec, RunSpec } from './run-spec.ts';
// Steering
export { commandAnswer, commandBody, commandLifetimeMs, commandName, controls, refusal } from './control.ts';
export type { Command, CommandAnswer, CommandBody, CommandName, Controls } from './control.ts';
