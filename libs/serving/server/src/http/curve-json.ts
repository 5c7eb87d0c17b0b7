import { toJsonNumber, type SeriesAnswer } from '@gradstream/protocol';

/**
 * Curves as JSON, byte by byte: the same text as `stringify` gives, in half the time. Whole numbers (steps, clocks, counts)
 * are written digit by digit; where every bucket is one point, its step, clock and value are made into text once.
 */
export const curveJson = (curve: SeriesAnswer): Buffer => written((out) => writeCurve(out, curve));

/** Several curves, as the bulk form of `series` answers them. */
export const curvesJson = (curves: readonly SeriesAnswer[]): Buffer => written((out) => {
  out.text('{"series":[');
  curves.forEach((curve, i) => {
    if (i > 0) out.text(',');
    writeCurve(out, curve);
  });
  out.text(']}');
});

function writeCurve(out: JsonBytes, { run, metric, rawFrom, attempt, ...columns }: SeriesAnswer): void {
  out.head({ run, metric, rawFrom, attempt });
  const single = columns.count.every((n) => n === 1);
  const written = new Map<readonly number[], readonly [number, number]>();
  for (const [name, column] of Object.entries(columns)) {
    out.text(`,"${name}":[`);
    const twin = single ? twins[name as keyof typeof columns] : undefined;
    const known = twin && written.get(columns[twin]);
    if (known) out.again(...known);
    else written.set(column, out.numbers(column));
    out.text(']');
  }
  out.text('}');
}

/** Columns that say the same as another one where a bucket is one point. */
const twins: Partial<Record<keyof SeriesAnswer, 'step0' | 'wall0' | 'min'>> = { step1: 'step0', wall1: 'wall0', max: 'min', mean: 'min', first: 'min', last: 'min' };

/** Longest text of a number, and of a comma. */
const longest = 26;

/** Bytes of JSON, in a buffer that is used again and again. */
class JsonBytes {
  length = 0;
  private bytes = Buffer.allocUnsafe(mostKept);

  /** A text of ASCII that is JSON already. */
  text(json: string): void {
    this.room(json.length);
    this.length += this.bytes.write(json, this.length, 'latin1');
  }

  /** An object, left open for what follows. */
  head(fields: object): void {
    const json = JSON.stringify(fields).slice(0, -1);
    this.room(3 * json.length);
    this.length += this.bytes.write(json, this.length);
  }

  /** What was written before, from one place to another, once more. */
  again(begin: number, end: number): void {
    this.room(end - begin);
    this.bytes.copyWithin(this.length, begin, end);
    this.length += end - begin;
  }

  /** Numbers with commas between them. @returns from where to where */
  numbers(column: readonly number[]): readonly [number, number] {
    const begin = this.length;
    if (isWhole(column)) this.whole(column);
    else this.text(isFinite(column) ? column.join(',') : JSON.stringify(column.map(toJsonNumber)).slice(1, -1));
    return [begin, this.length];
  }

  /** What was written: a copy of a little, the buffer itself of much. */
  taken(): Buffer {
    const taken = this.bytes.subarray(0, this.length);
    if (this.bytes.length <= mostKept) return Buffer.from(taken);
    this.bytes = Buffer.allocUnsafe(mostKept);
    return taken;
  }

  private whole(column: readonly number[]): void {
    this.room(column.length * longest);
    const { bytes } = this;
    let at = this.length;
    for (let i = 0; i < column.length; i += 1) {
      if (i > 0) bytes[at++] = comma;
      let x = column[i];
      if (x < 0) {
        bytes[at++] = minus;
        x = -x;
      }
      let digits = 1;
      for (let power = 10; power <= x; power *= 10) digits += 1;
      let place = at + digits;
      // Six digits at a time: what is left of them fits into 32 bits, where division is quick.
      while (x >= 1e9) {
        const above = Math.floor(x / 1e6);
        let six = (x - above * 1e6) | 0;
        for (let k = 0; k < 6; k += 1) {
          const tens = (six / 10) | 0;
          bytes[--place] = zero + six - 10 * tens;
          six = tens;
        }
        x = above;
      }
      for (let rest = x | 0; place > at;) {
        const tens = (rest / 10) | 0;
        bytes[--place] = zero + rest - 10 * tens;
        rest = tens;
      }
      at += digits;
    }
    this.length = at;
  }

  private room(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const wider = Buffer.allocUnsafe(Math.max(2 * this.bytes.length, this.length + more));
    this.bytes.copy(wider, 0, 0, this.length);
    this.bytes = wider;
  }
}

const [zero, comma, minus] = [0x30, 0x2c, 0x2d];

/** Bytes of a buffer that stays. */
const mostKept = 2 ** 18;

function isFinite(column: readonly number[]): boolean {
  for (let i = 0; i < column.length; i += 1) if (!Number.isFinite(column[i])) return false;
  return true;
}

function isWhole(column: readonly number[]): boolean {
  for (let i = 0; i < column.length; i += 1) if (!Number.isSafeInteger(column[i])) return false;
  return true;
}

const shared = new JsonBytes();

function written(write: (out: JsonBytes) => void): Buffer {
  shared.length = 0;
  write(shared);
  return shared.taken();
}
