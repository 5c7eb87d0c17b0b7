import type { StoredRun } from '../backing/backing.ts';

/** Positions remembered for each writer, so that a batch sent again is answered with its own. */
const remembered = 256;

/** Which batches of which writers a run has: every number up to `through`, and some beyond. */
interface Writer {
  through: number;
  readonly beyond: Set<number>;
  readonly lsn: Map<number, number>;
  lastLsn: number;
}

/** Knows the batches that came already. */
export class Writers {
  private readonly writers = new Map<string, Writer>();

  constructor(stored: StoredRun['writers']) {
    for (const [id, { through, lsn, beyond }] of Object.entries(stored)) this.writers.set(id, { through, beyond: new Set(beyond), lsn: new Map([[through, lsn]]), lastLsn: lsn });
  }

  /** The position that a batch was answered with; undefined for a new one. */
  seen(id: string, seq: number): number | undefined {
    const writer = this.writers.get(id);
    if (!writer || (seq > writer.through && !writer.beyond.has(seq))) return undefined;
    return writer.lsn.get(seq) ?? writer.lastLsn;
  }

  add(id: string, seq: number, lsn: number): void {
    const writer = this.writers.get(id) ?? { through: 0, beyond: new Set<number>(), lsn: new Map<number, number>(), lastLsn: 0 };
    this.writers.set(id, writer);
    if (seq > writer.through) writer.beyond.add(seq);
    while (writer.beyond.delete(writer.through + 1)) writer.through += 1;
    writer.lsn.set(seq, lsn);
    writer.lastLsn = Math.max(writer.lastLsn, lsn);
    if (writer.lsn.size > remembered) writer.lsn.delete(writer.lsn.keys().next().value!);
  }

  /** As it is kept. */
  stored(): StoredRun['writers'] {
    return Object.fromEntries([...this.writers].map(([id, { through, beyond, lastLsn }]) => [id, { through, lsn: lastLsn, beyond: [...beyond] }]));
  }
}
