import type { Note } from '@gradstream/protocol';
import { beginOf, bucketWidth, endOf, type Axis } from '../log/buckets.ts';
import type { Rows } from '../log/item.ts';
import type { Backing, StoredBlock, StoredRun, StoredSegment, StoredSeries, Write } from './backing.ts';

interface Kept {
  run: StoredRun;
  readonly series: Map<number, StoredSeries>;
  journal: { readonly lsn: number; readonly frame: Uint8Array }[];
  readonly notes: { readonly lsn: number; readonly note: Note }[];
  segments: (StoredSegment & { readonly rows: Rows })[];
  /** Blocks by series, level and number. */
  readonly blocks: Map<string, Float64Array[]>;
}

/** Keeps runs for as long as the process lives. */
export class MemoryBacking implements Backing {
  private readonly kept = new Map<string, Kept>();
  private readonly texts = new Map<string, string>();

  constructor(readonly description: string = 'memory, for as long as the server runs') {}

  runs = (): StoredRun[] => [...this.kept.values()].map(({ run }) => run);
  series = (run: string): StoredSeries[] => [...this.of(run).series.values()];
  seriesOf = (metric: string): { run: string; series: StoredSeries }[] =>
    [...this.kept].flatMap(([run, { series }]) => [...series.values()].filter((each) => each.metric === metric).map((each) => ({ run, series: each })));
  journal = (run: string): Kept['journal'] => this.of(run).journal;
  unsealed = (): string[] => [...this.kept].filter(([, { journal }]) => journal.length > 0).map(([id]) => id);
  notes = (run: string, after: number, through: number): Kept['notes'] => this.of(run).notes.filter(({ lsn }) => lsn > after && lsn <= through);
  settings = (): ReadonlyMap<string, string> => this.texts;
  lastNote = (run: string): number => this.of(run).notes.at(-1)?.lsn ?? 0;
  segmentsAfter = (run: string, lsn: number, limit: number): StoredSegment[] => this.of(run).segments.filter((segment) => segment.lsn[1] > lsn).slice(0, limit);

  segmentsOver = (run: string, attempt: number, from: number, to: number): StoredSegment[] =>
    this.of(run).segments.filter((segment) => segment.attempt === attempt && segment.step[1] >= from && segment.step[0] <= to);

  rows(run: string, segment: number, series?: number): Rows {
    const { rows } = this.of(run).segments.find(({ no }) => no === segment)!;
    if (series === undefined) return rows;
    const metric = this.of(run).series.get(series)?.metric;
    return { ...rows, columns: rows.columns.filter((column) => column.metric === metric) };
  }

  blocksOver(run: string, series: number, level: number, axis: Axis, from: number, to: number): { no: number; n: number }[] {
    const blocks = this.of(run).blocks.get(`${series}/${level}`) ?? [];
    return blocks
      .map((rows, no) => ({ no, n: rows.length / bucketWidth, low: rows[beginOf(axis)], high: rows[rows.length - bucketWidth + endOf(axis)] }))
      .filter(({ low, high }) => high >= from && low <= to);
  }

  blocks(run: string, series: number, level: number, first: number, through: number): Float64Array[] {
    return (this.of(run).blocks.get(`${series}/${level}`) ?? []).slice(first, through + 1);
  }

  async commit(writes: readonly Write[]): Promise<void> {
    for (const write of writes) this.apply(write);
  }

  async close(): Promise<void> {}

  protected apply(write: Write): void {
    switch (write.type) {
      case 'run': return this.applyRun(write.run);
      case 'delete': return void this.kept.delete(write.run);
      case 'points': return void this.of(write.run).journal.push({ lsn: write.lsn, frame: write.frame });
      case 'note': return void this.of(write.run).notes.push({ lsn: write.lsn, note: write.note });
      case 'seal': return this.applySeal(write);
      case 'expire': return this.applyExpire(write);
      case 'setting': return void (write.value === undefined ? this.texts.delete(write.name) : this.texts.set(write.name, write.value));
    }
  }

  private applyRun(run: StoredRun): void {
    const known = this.kept.get(run.id);
    if (known) known.run = run;
    else this.kept.set(run.id, { run, series: new Map(), journal: [], notes: [], segments: [], blocks: new Map() });
  }

  private applySeal({ run, segment, rows, series, blocks }: Extract<Write, { type: 'seal' }>): void {
    this.applyRun(run);
    const kept = this.of(run.id);
    kept.segments.push({ ...segment, rows });
    kept.journal = kept.journal.filter(({ lsn }) => lsn > segment.lsn[1]);
    this.applySeries(kept, series, blocks);
  }

  private applyExpire({ run, before, series, blocks }: Extract<Write, { type: 'expire' }>): void {
    this.applyRun(run);
    const kept = this.of(run.id);
    kept.segments = kept.segments.filter(({ no }) => no >= before);
    this.applySeries(kept, series, blocks);
  }

  private applySeries(kept: Kept, series: readonly StoredSeries[], blocks: readonly StoredBlock[]): void {
    for (const record of series) kept.series.set(record.no, record);
    for (const { series: no, level, no: block, rows: buckets } of blocks) {
      const key = `${no}/${level}`;
      if (!kept.blocks.has(key)) kept.blocks.set(key, []);
      kept.blocks.get(key)![block] = buckets;
    }
  }

  private of(run: string): Kept {
    const kept = this.kept.get(run);
    if (!kept) throw new Error(`the store has no run '${run}'`);
    return kept;
  }
}
