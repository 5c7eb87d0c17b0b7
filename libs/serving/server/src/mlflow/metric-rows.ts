import type { Metric } from './model.ts';
import { notPlain, PlainJson } from './plain-json.ts';

/** Metrics as MLflow's client sends them, field by field; element i of each is of metric i. */
export interface MetricRows {
  /** The names, each once. */
  readonly keys: readonly string[];
  /** Place in `keys`. */
  readonly key: Uint16Array;
  readonly value: Float64Array;
  /** ms since 1970. */
  readonly timestamp: Float64Array;
  /** 0 also where none was given. */
  readonly step: Float64Array;
}

/** Metrics in one body, at most. */
export const mostMetrics = 1000;

export function rowsOf(metrics: readonly Metric[]): MetricRows {
  const places = new Map<string, number>();
  const rows = room(metrics.length);
  metrics.forEach(({ key, value, timestamp, step = 0 }, i) => {
    const place = places.get(key) ?? places.size;
    places.set(key, place);
    [rows.key[i], rows.value[i], rows.timestamp[i], rows.step[i]] = [place, value, timestamp, step];
  });
  return { ...rows, keys: [...places.keys()] };
}

const room = (n: number) => ({ key: new Uint16Array(n), value: new Float64Array(n), timestamp: new Float64Array(n), step: new Float64Array(n) });

const [comma, opens, closes, begins, ends] = [...',[]{}'].map((mark) => mark.charCodeAt(0));
const [idName, uuidName, metricsName, paramsName, tagsName, keyName, valueName, timestampName, stepName] = ['run_id', 'run_uuid', 'metrics', 'params', 'tags', 'key', 'value', 'timestamp', 'step'].map((name) => Uint8Array.from(Buffer.from(name)));
/** Bits of the fields that a metric must have, and of the one it may have. */
const [keyBit, valueBit, timestampBit, stepBit] = [1, 2, 4, 8];

/**
 * Reads a `runs/log-batch` of nothing but metrics from its bytes, as nearly every client writes it, in a fourth of the time that
 * `JSON.parse` and the schema take.
 *
 * @returns undefined for a body that is written otherwise, or wrong: then these read it
 */
export function readLogBatch(bytes: Buffer): { readonly run: string; readonly rows: MetricRows } | undefined {
  try {
    return new LogBatch(bytes).read();
  } catch (error) {
    if (error === notPlain) return undefined;
    throw error;
  }
}

class LogBatch {
  private readonly json: PlainJson;
  private readonly rows = room(mostMetrics);
  private readonly keys: string[] = [];
  private readonly places = new Map<string, number>();
  /** Where each of `keys` stands in the bytes, and which one followed it when it last came. */
  private readonly begins: number[] = [];
  private readonly ends: number[] = [];
  private readonly followers: number[] = [];

  constructor(bytes: Buffer) {
    this.json = new PlainJson(bytes);
  }

  read() {
    const { json } = this;
    const found: { id?: string; uuid?: string; metrics?: number; params?: true; tags?: true } = {};
    json.needs(begins);
    do {
      json.space();
      if (found.id === undefined && json.takesField(idName)) found.id = this.text();
      else if (found.uuid === undefined && json.takesField(uuidName)) found.uuid = this.text();
      else if (found.metrics === undefined && json.takesField(metricsName)) found.metrics = this.metrics();
      else if (found.params === undefined && json.takesField(paramsName)) found.params = this.nothing();
      else if (found.tags === undefined && json.takesField(tagsName)) found.tags = this.nothing();
      else throw notPlain;
    } while (json.takes(comma));
    json.needs(ends);
    json.ends();
    const { key, value, timestamp, step } = this.rows;
    const { metrics: n = 0, id, uuid } = found;
    return { run: id ?? uuid ?? '', rows: { keys: this.keys, key: key.subarray(0, n), value: value.subarray(0, n), timestamp: timestamp.subarray(0, n), step: step.subarray(0, n) } };
  }

  private text(): string {
    this.json.text();
    return this.json.slice();
  }

  private nothing(): true {
    this.json.needs(opens);
    this.json.needs(closes);
    return true;
  }

  /** @returns how many there are */
  private metrics(): number {
    const { json } = this;
    json.needs(opens);
    if (json.takes(closes)) return 0;
    let n = 0;
    let before = -1;
    do {
      if (n === mostMetrics) throw notPlain;
      before = this.metric(n, before);
      n += 1;
    } while (json.takes(comma));
    json.needs(closes);
    return n;
  }

  /** @returns its key's place */
  private metric(i: number, before: number): number {
    const { json, rows } = this;
    let seen = 0;
    let place = 0;
    json.needs(begins);
    do {
      json.space();
      const bit = json.takesField(keyName) ? keyBit : json.takesField(valueName) ? valueBit : json.takesField(timestampName) ? timestampBit : json.takesField(stepName) ? stepBit : 0;
      if (bit === 0 || seen & bit) throw notPlain;
      seen |= bit;
      switch (bit) {
        case keyBit:
          json.text();
          place = this.place(before);
          break;
        case valueBit:
          rows.value[i] = json.number();
          break;
        case timestampBit:
          rows.timestamp[i] = json.whole();
          break;
        default: rows.step[i] = json.whole();
      }
    } while (json.takes(comma));
    json.needs(ends);
    if ((seen | stepBit) !== (keyBit | valueBit | timestampBit | stepBit)) throw notPlain;
    rows.key[i] = place;
    return place;
  }

  /** Place of the key that was read last: nearly always that of the metric before, or the one that followed it before. */
  private place(before: number): number {
    const { json, begins: from, ends: to, followers } = this;
    for (const guess of [before, followers[before]]) if (guess >= 0 && json.is(json.bytes, from[guess], to[guess])) return guess;
    if (json.end === json.begin || json.end - json.begin > 250) throw notPlain;
    const key = json.slice();
    let place = this.places.get(key);
    if (place === undefined) {
      place = this.keys.push(key) - 1;
      this.places.set(key, place);
      from.push(json.begin);
      to.push(json.end);
      followers.push(-1);
    }
    if (before >= 0) followers[before] = place;
    return place;
  }
}
