import type { Backing } from '../backing/backing.ts';
import { sliceRows, weightOf, type LogItem } from './item.ts';

/** Notes that are read at a time: each may be an image of 256 kB. */
const notesAtATime = 64;

/** Log entries where points have expired, up to a position or to about `maxPoints` points: the notes that stay, and the gaps around them. */
export async function replayExpired(backing: Backing, run: string, after: number, through: number, maxPoints: number): Promise<LogItem[]> {
  const notes = await backing.notes(run, after, through, notesAtATime);
  const items: LogItem[] = [];
  let [at, taken] = [after, 0];
  for (const { lsn, note } of notes) {
    if (lsn > at + 1) items.push({ kind: 'gap', lsn: [at + 1, lsn - 1] });
    items.push({ kind: 'note', lsn: [lsn, lsn], note });
    at = lsn;
    taken += weightOf(note);
    if (taken >= maxPoints) return items;
  }
  if (notes.length < notesAtATime && at < through) items.push({ kind: 'gap', lsn: [at + 1, through] });
  return items;
}

/** Log entries that stand in a segment: those after a position, up to the segment's end or to about `maxPoints` points. */
export async function replaySegment(backing: Backing, run: string, after: number, maxPoints: number): Promise<LogItem[]> {
  const [segment] = await backing.segmentsAfter(run, after, 1);
  if (!segment) return [];
  const { lsn: [begin, last], counts, no, attempt } = segment;
  const rows = await backing.rows(run, no);
  const kept = await backing.notes(run, after, last, notesAtATime);
  const notes = new Map(kept.map(({ lsn, note }) => [lsn, note]));
  const end = kept.length < notesAtATime ? last : kept.at(-1)!.lsn;
  const maxRows = Math.ceil(maxPoints / Math.max(1, rows.columns.length));
  const items: LogItem[] = [];
  let at = counts.subarray(0, Math.max(0, after + 1 - begin)).reduce((sum, n) => sum + n, 0);
  let taken = 0;
  for (let lsn = Math.max(begin, after + 1); lsn <= end && (taken < maxRows || items.length === 0); lsn += 1) {
    const note = notes.get(lsn);
    if (note) {
      items.push({ kind: 'note', lsn: [lsn, lsn], note });
      taken += weightOf(note) / Math.max(1, rows.columns.length);
      continue;
    }
    const from = at;
    const first = lsn;
    for (; lsn <= end && !notes.has(lsn) && (at === from || at - from + counts[lsn - begin] <= maxRows - taken); lsn += 1) at += counts[lsn - begin];
    lsn -= 1;
    items.push({ kind: 'points', lsn: [first, lsn], ...sliceRows({ ...rows, attempt }, from, at) });
    taken += at - from;
  }
  return items;
}
