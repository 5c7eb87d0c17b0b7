import { columnJson, globTest, stringify, type StreamEvent } from '@gradstream/protocol';
import { concatRows, type LogItem, type PointsItem, type Rows } from '../log/item.ts';

export type Mode = 'raw' | 'minmax' | 'last';

/** What a subscription wants of each run. */
export interface Filter {
  readonly metrics: readonly string[];
  /** Types of events; none means every type. */
  readonly types: readonly string[];
  readonly mode: Mode;
}

/** An event, and the position in its run's log that it brings a subscriber to. */
export interface Positioned {
  readonly event: StreamEvent;
  readonly lsn: number;
}

/** Turns log items into events: rows of one attempt that stand together become one. What the filter leaves nothing of is no event. */
export function eventsOf(run: string, items: readonly LogItem[], { metrics, types, mode }: Filter): Positioned[] {
  const wanted = globTest(metrics);
  const events = together(items).map((group): Positioned => {
    const lsn = [group[0].lsn[0], group.at(-1)!.lsn[1]] as [number, number];
    const [first] = group;
    if (first.kind === 'note') return { lsn: lsn[1], event: { run, lsn, ...first.note } };
    if (first.kind === 'gap') return { lsn: lsn[1], event: { type: 'gap', run, lsn, reason: 'the points have expired; their curves stay' } };
    const all = concatRows(group as readonly PointsItem[]);
    const rows = thinned({ ...all, columns: all.columns.filter(({ metric }) => wanted(metric)) }, mode);
    return { lsn: lsn[1], event: pointsEventOf(run, lsn, rows, mode === 'raw' ? undefined : all.step.length) };
  });
  return events.filter(({ event }) => (types.length === 0 || types.includes(event.type)) && (event.type !== 'points' || event.step.length > 0));
}

function together(items: readonly LogItem[]): LogItem[][] {
  const groups: LogItem[][] = [];
  for (const item of items) {
    const last = groups.at(-1)?.[0];
    if (item.kind === 'points' && last?.kind === 'points' && last.attempt === item.attempt) groups.at(-1)!.push(item);
    else groups.push([item]);
  }
  return groups;
}

function pointsEventOf(run: string, lsn: [number, number], { attempt, step, wall, columns }: Rows, of?: number): StreamEvent {
  const t0 = wall[0] ?? 0;
  return {
    type: 'points', run, lsn, attempt, t0, step: [...step], dt: Array.from(wall, (ms) => ms - t0),
    m: Object.fromEntries(columns.map((column) => [column.metric, columnJson(column, step.length)])) as Record<string, (number | null)[]>,
    ...(of === undefined ? {} : { of }),
  };
}

/** Only the rows and values that the mode keeps: of each metric the last point, and for `minmax` its extremes and first NaN too. */
function thinned(rows: Rows, mode: Mode): Rows {
  if (mode === 'raw') return onlyRows(rows, rowsWithValues(rows));
  const kept = new Map(rows.columns.map((column) => [column.metric, marks(column.values, mode)]));
  const columns = rows.columns.map(({ metric, values, at }) => {
    const marked = kept.get(metric)!;
    return { metric, values: Float64Array.from(marked, (i) => values[i]), at: Uint32Array.from(marked, (i) => (at ? at[i] : i)) };
  });
  const thin = { ...rows, columns };
  return onlyRows(thin, rowsWithValues(thin));
}

function marks(values: Float64Array, mode: Mode): number[] {
  const last = values.length - 1;
  if (mode === 'last' || last < 0) return last < 0 ? [] : [last];
  let [low, high, nan] = [-1, -1, -1];
  for (let i = 0; i <= last; i += 1) {
    if (values[i] !== values[i]) nan = nan < 0 ? i : nan;
    else {
      if (low < 0 || values[i] < values[low]) low = i;
      if (high < 0 || values[i] > values[high]) high = i;
    }
  }
  return [...new Set([low, high, nan, last])].filter((i) => i >= 0).sort((a, b) => a - b);
}

/** Rows in which some column has a value, rising; undefined when all have. */
function rowsWithValues({ step, columns }: Rows): Uint32Array | undefined {
  if (columns.some(({ at }) => !at)) return undefined;
  const rows = new Set<number>();
  for (const { at } of columns) for (const row of at!) rows.add(row);
  return rows.size === step.length ? undefined : Uint32Array.from(rows).sort();
}

function onlyRows(rows: Rows, kept: Uint32Array | undefined): Rows {
  if (!kept) return rows;
  const place = new Map(Array.from(kept, (row, i) => [row, i]));
  return {
    attempt: rows.attempt,
    step: Float64Array.from(kept, (row) => rows.step[row]),
    wall: Float64Array.from(kept, (row) => rows.wall[row]),
    columns: rows.columns.map(({ metric, values, at }) => ({ metric, values, at: Uint32Array.from(at!, (row) => place.get(row)!) })),
  };
}

/** How events are written: as server-sent events, each with the cursor after it, or one JSON object a line. */
export const wireForms = {
  sse: { mediaType: 'text/event-stream; charset=utf-8', write: (event: StreamEvent, cursor?: string): string => `${cursor === undefined ? '' : `id: ${cursor}\n`}event: ${event.type}\ndata: ${stringify(event)}\n\n` },
  ndjson: { mediaType: 'application/x-ndjson; charset=utf-8', write: (event: StreamEvent): string => `${stringify(event)}\n` },
} as const;
