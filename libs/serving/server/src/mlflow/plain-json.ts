/** Thrown where JSON is written in a way that is not plain; whoever catches it reads the text with `JSON.parse`. */
export const notPlain = new Error('this JSON is not plain');

const powers = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));

/** 1 for each byte that stands for itself in a text: printable ASCII without quote and backslash. */
const inText = Uint8Array.from({ length: 256 }, (_, byte) => Number(byte >= 0x20 && byte <= 0x7e && byte !== 0x22 && byte !== 0x5c));

/**
 * Reads JSON in place, piece by piece, where it is written plainly: texts of printable ASCII without escapes, and numbers.
 * Of what it reads it makes what `JSON.parse` makes; everything else it leaves alone.
 */
export class PlainJson {
  /** Where the piece that is read next begins. */
  private at = 0;
  /** Where the text that was read last begins and ends. */
  begin = 0;
  end = 0;

  constructor(readonly bytes: Buffer) {}

  /** Reads a mark, where it is what comes next. */
  takes(mark: number): boolean {
    if (this.bytes[this.at] !== mark) {
      this.space();
      if (this.bytes[this.at] !== mark) return false;
    }
    this.at += 1;
    return true;
  }

  needs(mark: number): void {
    if (!this.takes(mark)) throw notPlain;
  }

  /** Nothing may follow any more. */
  ends(): void {
    this.space();
    if (this.at !== this.bytes.length) throw notPlain;
  }

  /** Reads a text, and leaves it where it stands: from `begin` on and before `end`. */
  text(): void {
    this.needs(0x22);
    const { bytes } = this;
    let i = (this.begin = this.at);
    while (inText[bytes[i]] === 1) i += 1;
    if (bytes[i] !== 0x22) throw notPlain;
    this.end = i;
    this.at = i + 1;
  }

  /** Reads a text and the colon behind it, where they are what comes next. */
  takesField(name: Uint8Array): boolean {
    const { bytes } = this;
    let i = this.at + 1;
    for (let k = 0; k < name.length; k += 1, i += 1) if (bytes[i] !== name[k]) return false;
    if (bytes[i] !== 0x22 || bytes[this.at] !== 0x22) return false;
    this.at = i + 1;
    this.needs(0x3a);
    return true;
  }

  /** Whether the text that was read last is the one that stands elsewhere in these or other bytes. */
  is(other: Uint8Array, begin = 0, end = other.length): boolean {
    const { bytes } = this;
    if (end - begin !== this.end - this.begin) return false;
    for (let i = this.begin, k = begin; k < end; i += 1, k += 1) if (bytes[i] !== other[k]) return false;
    return true;
  }

  slice(): string {
    return this.bytes.toString('latin1', this.begin, this.end);
  }

  /** Reads a whole number of at least 0, of at most 15 digits. */
  whole(): number {
    this.space();
    const { bytes } = this;
    const begin = this.at;
    let [high, low] = [0, 0];
    let i = begin;
    for (const stop = begin + 8; i < stop && isDigit(bytes[i]); i += 1) high = (high * 10 + bytes[i] - 48) | 0;
    const middle = i;
    for (const stop = begin + 15; i < stop && isDigit(bytes[i]); i += 1) low = (low * 10 + bytes[i] - 48) | 0;
    if (i === begin || isDigit(bytes[i]) || (bytes[begin] === 48 && i > begin + 1)) throw notPlain;
    this.at = i;
    return high * powers[i - middle] + low;
  }

  /** Reads any number. */
  number(): number {
    this.space();
    const { bytes } = this;
    const begin = this.at;
    const negative = bytes[begin] === 0x2d;
    const first = negative ? begin + 1 : begin;
    let i = first;
    // The first 9 digits that count, the 9 after them, and how many these are.
    let [high, low, highs, lows, point] = [0, 0, 0, 0, -1];
    let exact = true;
    for (;; i += 1) {
      const byte = bytes[i];
      if (isDigit(byte)) {
        if (highs < 9) {
          high = (high * 10 + byte - 48) | 0;
          if (high > 0) highs += 1;
        } else if (lows < 9) {
          low = (low * 10 + byte - 48) | 0;
          lows += 1;
        } else exact = false;
      } else if (byte === 0x2e && point < 0) point = i;
      else break;
    }
    const whole = (point < 0 ? i : point) - first;
    if (whole === 0 || (whole > 1 && bytes[first] === 48) || point === i - 1) throw notPlain;
    const scale = point < 0 ? 0 : i - point - 1;
    if (bytes[i] === 0x65 || bytes[i] === 0x45) {
      exact = false;
      i = this.exponent(i + 1);
    }
    this.at = i;
    const x = exact && scale <= 22 ? quotient(high, low, lows, scale) : undefined;
    return x === undefined ? Number(bytes.toString('latin1', begin, i)) : negative ? -x : x;
  }

  space(): void {
    const { bytes } = this;
    for (let byte = bytes[this.at]; byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09; byte = bytes[this.at]) this.at += 1;
  }

  /** @returns where an exponent ends that begins after its letter */
  private exponent(from: number): number {
    const { bytes } = this;
    const begin = bytes[from] === 0x2b || bytes[from] === 0x2d ? from + 1 : from;
    let i = begin;
    while (bytes[i] >= 48 && bytes[i] <= 57) i += 1;
    if (i === begin) throw notPlain;
    return i;
  }
}

const isDigit = (byte: number): boolean => byte >= 48 && byte <= 57;

/**
 * (high · 10^lows + low) / 10^scale, rounded once: with up to 15 digits by one division of exact numbers (Clinger 1990);
 * with more as an unevaluated sum of two doubles (Dekker 1971), whose error bound says whether it could round differently.
 *
 * @param high of at most 9 digits, like `low`
 * @returns undefined where it could
 */
function quotient(high: number, low: number, lows: number, scale: number): number | undefined {
  const by = powers[scale];
  const product = high * powers[lows];
  if (lows <= 6) return (product + low) / by;
  const rest = lost(high, powers[lows], product) + low;
  const top = product + rest;
  const bottom = rest - (top - product);
  const q = top / by;
  const back = q * by;
  const correction = (top - back - lost(q, by, back) + bottom) / by;
  const margin = Math.abs(correction) * 2 ** -45;
  const rounded = q + (correction - margin);
  return rounded === q + (correction + margin) ? rounded : undefined;
}

/** What a product of two doubles lost when it was rounded. */
function lost(a: number, b: number, product: number): number {
  const bigA = a * 134217729;
  const highA = bigA - (bigA - a);
  const lowA = a - highA;
  const bigB = b * 134217729;
  const highB = bigB - (bigB - b);
  const lowB = b - highB;
  return lowA * lowB - (product - highA * highB - lowA * highB - highA * lowB);
}
