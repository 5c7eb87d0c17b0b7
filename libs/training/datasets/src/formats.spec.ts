import fc from 'fast-check';
import { isInputError } from '@gradstream/numerics';
import { parseCifar } from './cifar.ts';
import { parseIdx, parseIdxImages, parseIdxLabels } from './idx.ts';

/** An IDX file of bytes. */
const idx = (shape: readonly number[], values: ArrayLike<number>, type = 8): Uint8Array => {
  const header = new DataView(new ArrayBuffer(4 + 4 * shape.length));
  header.setUint32(0, (type << 8) | shape.length);
  shape.forEach((d, i) => header.setUint32(4 + 4 * i, d));
  return Uint8Array.of(...new Uint8Array(header.buffer), ...Array.from(values));
};

describe('IDX', () => {
  it('reads bytes of any rank', () => {
    expect(parseIdx(idx([2, 3], [1, 2, 3, 4, 5, 6]), 'f')).toEqual({ shape: [2, 3], values: Uint8Array.of(1, 2, 3, 4, 5, 6) });
  });

  it('reads big-endian whole numbers and floats, whatever the offset of the bytes', () => {
    const shifted = Uint8Array.of(0xff, ...idx([2], [0, 0, 1, 0, 255, 255, 255, 255], 0x0c)).subarray(1);
    expect(parseIdx(shifted, 'f').values).toEqual(Int32Array.of(256, -1));
    expect(parseIdx(idx([1], [0x3f, 0x80, 0, 0], 0x0d), 'f').values).toEqual(Float32Array.of(1));
  });

  it.each([
    [Uint8Array.of(), 'f: expected an IDX file (00 00, a type of 08, 0C or 0D, 1 to 8 dimensions), received an empty file'],
    [Uint8Array.of(0x1f, 0x8b, 8, 0), 'received bytes 1f 8b 08 00'],
    [Uint8Array.of(0, 0, 8, 3, 0, 0), 'f: truncated in the header: 3 dimensions need 16 bytes, the file has 6'],
    [idx([2, 3], [1, 2, 3]), 'f: truncated: an array of shape [2,3] makes 18 bytes, the file has 15'],
    [idx([2], [1, 2, 3]), 'f: too long: an array of shape [2] makes 10 bytes, the file has 11'],
    [idx([0xffffffff, 0xffffffff, 0xffffffff], []), 'f: truncated: an array of shape [4294967295,4294967295,4294967295]'],
  ])('says what is wrong (%#)', (bytes, message) => {
    expect(() => parseIdx(bytes, 'f')).toThrow(message);
  });

  it('wants as many labels as images, each a class', () => {
    expect(parseIdxLabels(idx([2], [9, 0]), 'f', 10, 2)).toEqual(Int32Array.of(9, 0));
    expect(() => parseIdxLabels(idx([2], [9, 10]), 'f', 10, 2)).toThrow('f: label 1 must be one of 10 classes (0 to 9), received 10');
    expect(() => parseIdxLabels(idx([2], [9, 1]), 'f', 10, 3)).toThrow('f: 3 images need 3 labels, received 2');
    expect(() => parseIdxLabels(idx([1, 2], [9, 1]), 'f', 10, 2)).toThrow('f: labels must be one row of whole numbers, received shape [1,2]');
  });

  it('wants images of three dimensions', () => {
    expect(parseIdxImages(idx([1, 2, 2], [1, 2, 3, 4]), 'f')).toEqual({ count: 1, height: 2, width: 2, start: 16, values: Uint8Array.of(1, 2, 3, 4) });
    expect(() => parseIdxImages(idx([4], [1, 2, 3, 4]), 'f')).toThrow('f: images must be bytes of shape [count, height, width], received shape [4]');
    expect(() => parseIdxImages(idx([0, 28, 28], []), 'f')).toThrow('f: holds no image, its shape is [0,28,28]');
  });

  it('reads what it should or says a sentence, for any bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), fc.boolean(), (bytes, framed) => {
      if (framed) bytes.set([0, 0, 8].slice(0, bytes.length));
      try {
        const { shape, values } = parseIdx(bytes, 'f');
        expect(values).toHaveLength(shape.reduce((a, b) => a * b, 1));
      } catch (error) {
        expect(isInputError(error)).toBe(true);
      }
    }), { numRuns: 500 });
  });
});

describe('CIFAR', () => {
  const record = (label: number): Uint8Array => Uint8Array.from({ length: 3_073 }, (_, i) => (i === 0 ? label : Math.floor((i - 1) / 1_024) * 100 + ((i - 1) % 50)));

  it('turns planes into channels', () => {
    const { images, labels } = parseCifar(Uint8Array.of(...record(3), ...record(9)), 'f');
    expect(labels).toEqual(Int32Array.of(3, 9));
    expect([...images.subarray(0, 6)]).toEqual([0, 100, 200, 1, 101, 201].map((v, i) => (i % 3 === 0 ? v % 100 : v) + (i % 3 === 0 ? 0 : planeStart(i % 3))));
    expect(images).toHaveLength(2 * 3_072);
  });
  const planeStart = (plane: number): number => ((plane * 1_024) % 50);

  it.each([
    [new Uint8Array(0), 'f: is empty: a CIFAR file is a whole number of records of 3073 bytes, received 0'],
    [new Uint8Array(3_072), 'f: truncated: a CIFAR file is a whole number of records of 3073 bytes, received 3072'],
    [Uint8Array.of(...record(1), ...record(10)), 'f: the label of record 1 must be one of 10 classes (0 to 9), received 10'],
  ])('says what is wrong (%#)', (bytes, message) => {
    expect(() => parseCifar(bytes, 'f')).toThrow(message);
  });
});
