import { fromJsonNumber, note as noteSchema, stringify, type Note } from '@gradstream/protocol';
import type { StoredSeries } from './backing.ts';

/** A series' summary as text, with NaN and infinities as words. */
export const seriesRecord = (series: StoredSeries): string => stringify(series);

export function parseSeries(text: string): StoredSeries {
  const record = JSON.parse(text) as StoredSeries;
  for (const key of ['min', 'max', 'last', 'firstStep', 'lastStep', 'lastWall'] as const) record[key] = fromJsonNumber(record[key])!;
  return record;
}

export const noteRecord = (note: Note): string => stringify(note);
export const parseNote = (text: string): Note => noteSchema.parse(JSON.parse(text));
