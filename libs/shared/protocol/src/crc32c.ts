/**
 * CRC-32C (Castagnoli): RFC 3720, appendix B.4. Reflected polynomial 0x82F63B78, eight bytes at a time
 * ("slicing-by-8", Kounavis & Berry 2005).
 */
const tables = buildTables();

function buildTables(): readonly Uint32Array[] {
  const first = new Uint32Array(256);
  for (let i = 0; i < 256; i += 1) {
    let c = i;
    for (let bit = 0; bit < 8; bit += 1) c = c & 1 ? (c >>> 1) ^ 0x82f63b78 : c >>> 1;
    first[i] = c >>> 0;
  }
  const all = [first];
  for (let k = 1; k < 8; k += 1) all.push(all[k - 1].map((c) => (c >>> 8) ^ first[c & 255]));
  return all;
}

/** Checksum of some bytes, as an unsigned 32-bit number. */
export function crc32c(bytes: Uint8Array): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = tables;
  let c = 0xffffffff;
  let i = 0;
  if (bytes.length >= 64) {
    // As 32-bit words eight bytes are two reads; bytes that lie askew are copied for it.
    const own = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
    const words = new Uint32Array(own.buffer, own.byteOffset, own.length >>> 2);
    for (const end = words.length - 1; i < end; i += 2) {
      const a = c ^ words[i];
      const b = words[i + 1];
      c = t7[a & 255] ^ t6[(a >>> 8) & 255] ^ t5[(a >>> 16) & 255] ^ t4[a >>> 24] ^ t3[b & 255] ^ t2[(b >>> 8) & 255] ^ t1[(b >>> 16) & 255] ^ t0[b >>> 24];
    }
    i *= 4;
  }
  for (; i < bytes.length; i += 1) c = t0[(c ^ bytes[i]) & 255] ^ (c >>> 8);
  return ~c >>> 0;
}
