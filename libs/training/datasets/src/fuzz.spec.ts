/** Broken files by the hundred; `FUZZ_RUNS=10000` makes it ten thousand of each format. */
import { encode as encodePng } from 'fast-png';
import jpeg from 'jpeg-js';
import { fold, integerAt, isInputError, key, type Key, type Split } from '@gradstream/numerics';
import { characters } from './characters.ts';
import { parseCifar } from './cifar.ts';
import { fromCsv } from './csv.ts';
import { parseIdx, parseIdxImages, parseIdxLabels } from './idx.ts';
import { decodeImage } from './picture.ts';

const runs = Number(process.env['FUZZ_RUNS'] ?? 150);

/** A file with up to four things wrong: bytes flipped, cut off, doubled, taken out, or overwritten by the largest numbers. */
function mutated(bytes: Uint8Array, from: Key): Uint8Array {
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

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const idx = (shape: readonly number[], values: readonly number[]): Uint8Array =>
  Uint8Array.of(0, 0, 8, shape.length, ...shape.flatMap((d) => [d >>> 24, (d >>> 16) & 255, (d >>> 8) & 255, d & 255]), ...values);
const ramp = (n: number): number[] => Array.from({ length: n }, (_, i) => (i * 37) % 256);
const csv = `x,color,y\n${Array.from({ length: 30 }, (_, i) => `${i / 7},${['red', '"gr""een"', 'blue'][i % 3]},${i % 2}`).join('\r\n')}\n`;
const consistent = (split: Split): void => {
  const { inputs, targets, inputShape } = split.gather(Array.from({ length: split.size }, (_, i) => i));
  expect(inputs).toHaveLength(inputShape.reduce((a, b) => a * b, 1));
  expect(inputs.every(Number.isFinite)).toBe(true);
  if (targets.kind === 'classes') expect(targets.values.every((c) => c >= 0 && c < targets.width)).toBe(true);
  else expect(targets.values.every(Number.isFinite)).toBe(true);
};

/** What is read, and what must hold when reading succeeds all the same. */
const formats: Readonly<Record<string, readonly [Uint8Array, (bytes: Uint8Array) => void]>> = {
  'IDX': [idx([2, 3, 3], ramp(18)), (bytes) => { const { shape, values } = parseIdx(bytes, 'the file'); expect(values).toHaveLength(shape.reduce((a, b) => a * b, 1)); }],
  'IDX images': [idx([2, 3, 3], ramp(18)), (bytes) => { const { count, height, width, values } = parseIdxImages(bytes, 'the file'); expect(values).toHaveLength(count * height * width); }],
  'IDX labels': [idx([12], ramp(12).map((v) => v % 10)), (bytes) => expect(parseIdxLabels(bytes, 'the file', 10, 12).every((c) => c < 10)).toBe(true)],
  'CIFAR': [Uint8Array.from([...ramp(2 * 3_073)].map((v, i) => (i % 3_073 === 0 ? v % 10 : v))), (bytes) => { const { images, labels } = parseCifar(bytes, 'the file'); expect(images).toHaveLength(labels.length * 3_072); expect(labels.every((c) => c < 10)).toBe(true); }],
  'CSV of classes': [bytesOf(csv), (bytes) => consistent(fromCsv(bytes, 'the file').train)],
  'CSV of values': [bytesOf(csv), (bytes) => consistent(fromCsv(bytes, 'the file', { task: 'values', target: 'x', categorical: ['color'] }).train)],
  'text': [bytesOf('To be, or not to be: that is the question.\n'.repeat(4)), (bytes) => consistent(characters(new TextDecoder().decode(bytes), 'the file', { length: 8, validation: 0, test: 0 }).train)],
  'PNG': [encodePng({ width: 6, height: 5, channels: 3, data: Uint8Array.from(ramp(90)) }), (bytes) => expect([...decodeImage(bytes, 'the file').values]).toEqual(ramp(90))],
  'JPEG': [jpeg.encode({ width: 16, height: 12, data: Uint8Array.from(ramp(16 * 12 * 4)) }, 80).data, (bytes) => { const { height, width, values } = decodeImage(bytes, 'the file'); expect(values).toHaveLength(height * width * 3); }],
};

it.each(Object.keys(formats))('any broken %s is read right or refused in a sentence that names the file', (name) => {
  const [whole, read] = formats[name];
  expect(() => read(whole)).not.toThrow();
  let refused = 0;
  for (let run = 0; run < runs; run++) {
    const bytes = mutated(whole, fold(fold(key(1), name), run));
    const [start, memory] = [performance.now(), process.memoryUsage().arrayBuffers];
    try {
      read(bytes);
    } catch (error) {
      if (!isInputError(error)) throw new Error(`run ${run} of ${name} failed with no sentence`, { cause: error });
      expect(error.message).toMatch(/^(the file|csv)\b.*[^\s.]$/s);
      refused++;
    }
    expect(performance.now() - start).toBeLessThan(2_000);
    expect(process.memoryUsage().arrayBuffers - memory).toBeLessThan(2 ** 30);
  }
  expect(refused).toBeGreaterThan(runs / 20);
}, 600_000);
