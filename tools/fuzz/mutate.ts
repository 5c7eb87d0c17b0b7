/** Makes broken files of whole ones, the same for the same key. */
import { fold, integerAt, type Key } from '@gradstream/numerics';

/** A file with up to four things wrong: bytes flipped, cut off, doubled, taken out, or overwritten by the largest numbers. */
export function mutated(bytes: Uint8Array, from: Key): Uint8Array {
  let out = Uint8Array.from(bytes);
  for (let m = 0, changes = 1 + integerAt(from, 0, 4); m < changes; m++) {
    const pick = (i: number, below: number): number => integerAt(fold(from, m + 1), i, Math.max(1, below));
    const [at, length] = [pick(0, pick(5, 2) === 0 ? Math.min(40, out.length) : out.length), 1 + pick(1, 16)];
    switch (pick(2, 6)) {
      case 0: out[at] ^= 1 << pick(3, 8); break;
      case 1: out = out.slice(0, at); break;
      case 2: out = Uint8Array.of(...out.subarray(0, at), ...out.subarray(at, at + length), ...out.subarray(at)); break;
      case 3: out = Uint8Array.of(...out.subarray(0, at), ...out.subarray(at + length)); break;
      case 4: out.fill(0xff, at, at + length); break;
      default: out.fill([0, 0x22, 0x0a, 0x2c, 0x0d, 0x7f][pick(4, 6)], at, at + length);
    }
  }
  return out;
}

/** What stands where something else should. */
const STRANGERS: readonly unknown[] = [
  null, true, -1, 0, 0.5, 1e308, 2 ** 53, '', 'x', '__proto__', 'constructor', 'toString', [], {}, [[]], [null], { name: 'x' }, { name: null }, { opaque: 'stream' },
  'y'.repeat(5_000), Array.from({ length: 2_000 }, (_, i) => i), JSON.parse('{"__proto__":{"name":"x"},"constructor":1}'),
];

/** JSON with up to three values, keys or elements replaced, doubled or taken out. */
export function strange(document: unknown, from: Key): unknown {
  const out = structuredClone(document);
  for (let m = 0, changes = 1 + integerAt(from, 0, 3); m < changes; m++) {
    const pick = (i: number, below: number): number => integerAt(fold(from, m + 1), i, Math.max(1, below));
    const places = placesIn(out);
    if (places.length === 0) return STRANGERS[pick(1, STRANGERS.length)];
    const [at, key] = places[pick(0, places.length)];
    const object = at as Record<string, unknown>;
    switch (pick(2, 4)) {
      case 0: delete object[key]; break;
      case 1: object[`${key}x`] = object[key]; break;
      default: object[key] = structuredClone(STRANGERS[pick(1, STRANGERS.length)]);
    }
  }
  return out;
}

/** Every object or list in a document with each of its keys. */
function placesIn(value: unknown): (readonly [object, string])[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [[value, key] as const, ...placesIn(inner)]);
}
