import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { InputError } from '@gradstream/numerics';
import { memoryStore } from '../open-store.ts';
import { batchOf } from '../run-store.conformance.ts';
import { decodeScalars, encodeScalar, fileVersion } from './event-file.ts';
import { exportEventFile, LogDir } from './logdir.ts';

const dir = mkdtempSync(join(tmpdir(), 'gradstream-tb-'));
afterAll(() => rmSync(dir, { recursive: true }));

const scalar = fc.record({ wall: fc.nat(2e9).map((s) => s * 1000), step: fc.nat(2 ** 40), tag: fc.string({ minLength: 1 }), value: fc.float() });
const fileOf = (scalars: readonly Parameters<typeof encodeScalar>[0][]) => Buffer.concat([fileVersion(0), ...scalars.map(encodeScalar)]);

describe('event files', () => {
  it('have the bytes that TensorBoard writes', () => {
    // Event { wall_time: 1, file_version: "brain.Event:2" }, framed by hand.
    expect(Buffer.from(fileVersion(1000)).toString('hex')).toBe('18000000000000' + '00' + 'a37f4b22' + '09000000000000f03f' + '1a0d' + Buffer.from('brain.Event:2').toString('hex') + Buffer.from(fileVersion(1000)).subarray(-4).toString('hex'));
    // Event { wall_time: 0, step: 300, summary { value { tag: "a", simple_value: 1 } } }
    expect(Buffer.from(encodeScalar({ wall: 0, step: 300, tag: 'a', value: 1 })).subarray(12, -4).toString('hex')).toBe('090000000000000000' + '10ac02' + '2a0a' + '0a08' + '0a0161' + '150000803f');
  });

  it('come back from their bytes', () => {
    fc.assert(fc.property(fc.array(scalar), (scalars) => {
      expect(decodeScalars(fileOf(scalars)).scalars).toEqual(scalars);
    }));
  });

  it('are read up to a torn last record, and on from there', () => {
    const scalars = Array.from({ length: 5 }, (_, step) => ({ wall: 0, step, tag: 'a', value: step }));
    const file = fileOf(scalars);
    fc.assert(fc.property(fc.nat(file.length), (cut) => {
      const first = decodeScalars(file.subarray(0, cut));
      expect([...first.scalars, ...decodeScalars(file, first.end).scalars]).toEqual(scalars);
    }));
  });

  it('are refused when they were damaged, and never bring the reader down', () => {
    const file = fileOf([{ wall: 0, step: 1, tag: 'tag', value: 1 }]);
    fc.assert(fc.property(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const harmed = Uint8Array.from(file);
      harmed[at] ^= flip;
      expect(() => decodeScalars(harmed)).toThrow(InputError);
    }));
  });

  it('with scalars as tensors are read too', () => {
    const tensor = [8, 1, 0x2d, 0, 0, 0x20, 0x40]; // dtype float, float_val 2.5 (not packed)
    const value = [0x0a, 1, 0x61, 0x42, tensor.length, ...tensor];
    const summary = [0x0a, value.length, ...value];
    const frame = encodeScalar({ wall: 0, step: 0, tag: 'a', value: 0 });
    expect(frame.length).toBeGreaterThan(0);
    const payload = Uint8Array.from([0x2a, summary.length, ...summary]);
    const { crc32c } = jest.requireActual<typeof import('@gradstream/protocol')>('@gradstream/protocol');
    const mask = (crc: number) => (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
    const head = Buffer.alloc(12);
    head.writeBigUInt64LE(BigInt(payload.length));
    head.writeUInt32LE(mask(crc32c(head.subarray(0, 8))), 8);
    const tail = Buffer.alloc(4);
    tail.writeUInt32LE(mask(crc32c(payload)));
    expect(decodeScalars(Buffer.concat([head, payload, tail])).scalars).toEqual([{ wall: 0, step: 0, tag: 'a', value: 2.5 }]);
  });
});

describe('a log directory', () => {
  it('is taken in, and what is written later too, once', async () => {
    const store = await memoryStore();
    mkdirSync(join(dir, 'runs', 'exp 1'), { recursive: true });
    const file = join(dir, 'runs', 'exp 1', 'events.out.tfevents.1.host');
    writeFileSync(file, fileOf([0, 1, 2].map((step) => ({ wall: step, step, tag: 'train/loss', value: step === 1 ? NaN : step }))));
    const logDir = new LogDir(store, dir);
    expect(await logDir.read()).toBe(3);
    const more = encodeScalar({ wall: 3, step: 3, tag: 'train/loss', value: 3 });
    appendFileSync(file, more.subarray(0, 20));
    expect(await logDir.read()).toBe(0);
    appendFileSync(file, more.subarray(20));
    expect(await logDir.read()).toBe(1);
    expect(await new LogDir(store, dir).read()).toBe(0);
    expect((await store.run('runs-exp_1'))!.summary).toEqual({ 'train/loss': { count: 4, nan: 1, min: 0, max: 3, last: 3, step: 3 } });
  });

  it('gives back what a run wrote as an event file, in 32 bits', async () => {
    const store = await memoryStore();
    await store.put('r', {});
    await store.append('r', batchOf(1, [0, 1], { a: [0.1, Infinity], b: [null, 2] }));
    const pieces: Uint8Array[] = [];
    for await (const piece of exportEventFile(store, 'r')) pieces.push(piece);
    expect(decodeScalars(Buffer.concat(pieces)).scalars).toEqual([
      { wall: 1000, step: 0, tag: 'a', value: Math.fround(0.1) }, { wall: 1001, step: 1, tag: 'a', value: Infinity }, { wall: 1001, step: 1, tag: 'b', value: 2 },
    ]);
  });
});
