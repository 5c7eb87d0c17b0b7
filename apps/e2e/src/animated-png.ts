/**
 * PNG pictures of one size as one animated PNG: https://www.w3.org/TR/png-3/#apng-frame-based-animation. The first frame stays the
 * image of viewers that know no animation.
 */
import { crc32, deflateSync, inflateSync } from 'node:zlib';

interface Chunk {
  readonly type: string;
  readonly data: Buffer;
}

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

function chunksOf(png: Buffer): readonly Chunk[] {
  const out: Chunk[] = [];
  for (let at = signature.length; at < png.length;) {
    const length = png.readUInt32BE(at);
    out.push({ type: png.toString('latin1', at + 4, at + 8), data: png.subarray(at + 8, at + 8 + length) });
    at += 12 + length;
  }
  return out;
}

function bytesOf({ type, data }: Chunk): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  return Buffer.concat([uint32(data.length), named, uint32(crc32(named))]);
}

function uint32(...values: readonly number[]): Buffer {
  const out = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => out.writeUInt32BE(value, 4 * i));
  return out;
}

/** @param lastMs how long the last frame stands, before it begins anew */
export function animatedPng(frames: readonly Buffer[], { frameMs, lastMs = frameMs }: { readonly frameMs: number; readonly lastMs?: number }): Buffer {
  const header = chunksOf(frames[0])[0];
  let sequence = 0;
  const parts = frames.flatMap((frame, i): readonly Chunk[] => {
    const chunks = chunksOf(frame);
    if (!chunks[0].data.equals(header.data)) throw new Error(`frame ${i} has another size or kind of pixels than the first`);
    // The same filtered rows, packed as small as they can be.
    const rows = deflateSync(inflateSync(Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data))), { level: 9 });
    const time = Buffer.alloc(6);
    time.writeUInt16BE(i === frames.length - 1 ? lastMs : frameMs, 0);
    time.writeUInt16BE(1_000, 2);
    const control = { type: 'fcTL', data: Buffer.concat([uint32(sequence++), header.data.subarray(0, 8), uint32(0, 0), time]) };
    return [control, i === 0 ? { type: 'IDAT', data: rows } : { type: 'fdAT', data: Buffer.concat([uint32(sequence++), rows]) }];
  });
  return Buffer.concat([signature, ...[header, { type: 'acTL', data: uint32(frames.length, 0) }, ...parts, { type: 'IEND', data: Buffer.alloc(0) }].map(bytesOf)]);
}
