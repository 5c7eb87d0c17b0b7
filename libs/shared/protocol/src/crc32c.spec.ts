import { crc32c } from './crc32c.ts';

describe('crc32c', () => {
  it.each([
    ['32 zeros', new Uint8Array(32), 0x8a9136aa],
    ['32 ones', new Uint8Array(32).fill(255), 0x62a8ab43],
    ['32 rising', Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
    ['32 falling', Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
    ['123456789', new TextEncoder().encode('123456789'), 0xe3069283],
    ['nothing', new Uint8Array(0), 0],
  ])('gives the published checksum of %s', (_, bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected);
  });

  it('is the same wherever the bytes lie, and however many they are', () => {
    const bitwise = (bytes: Uint8Array): number => ~bytes.reduce((c, byte) => {
      let x = c ^ byte;
      for (let bit = 0; bit < 8; bit += 1) x = x & 1 ? (x >>> 1) ^ 0x82f63b78 : x >>> 1;
      return x;
    }, -1) >>> 0;
    const room = Uint8Array.from({ length: 200 }, (_, i) => (i * 151 + 7) % 256);
    for (let begin = 0; begin < 9; begin += 1) for (let length = 0; length < 150; length += 1) expect(crc32c(room.subarray(begin, begin + length))).toBe(bitwise(room.subarray(begin, begin + length)));
  });
});
