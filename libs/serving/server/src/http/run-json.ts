import { stringify, type RunInfo, type RunList } from '@gradstream/protocol';

/**
 * A run as JSON: the same text as `stringify` gives. The summaries of its metrics, which are nearly all of it, are written
 * once for as long as they are the same object.
 */
export const runJson = (run: RunInfo): Buffer => Buffer.concat(partsOf(run));

/** A page of runs. */
export const runListJson = ({ runs, next }: RunList): Buffer =>
  Buffer.concat([Buffer.from('{"runs":['), ...runs.flatMap((run, i) => (i === 0 ? partsOf(run) : [comma, ...partsOf(run)])), Buffer.from(next === undefined ? ']}' : `],"next":${stringify(next)}}`)]);

const comma = Buffer.from(',');

/** The end of a run's text, by its summaries. */
const written = new WeakMap<RunInfo['summary'], Buffer>();

function partsOf({ summary, ...run }: RunInfo): readonly Buffer[] {
  const end = written.get(summary) ?? Buffer.from(`,"summary":${stringify(summary)}}`);
  written.set(summary, end);
  return [Buffer.from(stringify(run).slice(0, -1)), end];
}
