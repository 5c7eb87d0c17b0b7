import { encode as encodePng } from 'fast-png';
import jpeg from 'jpeg-js';
import { decodeImage, fitted } from './picture.ts';

const png = (width: number, height: number, channels: 1 | 2 | 3 | 4, data: readonly number[], depth: 8 | 16 = 8): Uint8Array =>
  encodePng({ width, height, channels, depth, data: depth === 16 ? Uint16Array.from(data) : Uint8Array.from(data) });

it.each([
  ['grey', png(2, 1, 1, [10, 200]), [10, 10, 10, 200, 200, 200], [10, 200]],
  ['grey and alpha', png(2, 1, 2, [100, 255, 100, 51]), [100, 100, 100, 20, 20, 20], [100, 20]],
  ['colour', png(1, 1, 3, [255, 0, 100]), [255, 0, 100], [88]],
  ['colour and alpha', png(2, 1, 4, [255, 0, 100, 0, 50, 50, 50, 255]), [0, 0, 0, 50, 50, 50], [0, 50]],
  ['16 bits', png(2, 1, 1, [65_535, 257 * 7], 16), [255, 255, 255, 7, 7, 7], [255, 7]],
])('decodes a PNG of %s, as colour and as grey', (_, bytes, colour, grey) => {
  expect([...decodeImage(bytes, 'f').values]).toEqual(colour);
  expect([...decodeImage(bytes, 'f', 1).values]).toEqual(grey);
});

it('decodes a JPEG', () => {
  const { data } = jpeg.encode({ width: 16, height: 8, data: Uint8Array.from({ length: 16 * 8 * 4 }, (_, i) => [200, 100, 50, 255][i % 4]) }, 95);
  const { height, width, channels, values } = decodeImage(data, 'f');
  expect([height, width, channels]).toEqual([8, 16, 3]);
  values.forEach((v, i) => expect(Math.abs(v - [200, 100, 50][i % 3])).toBeLessThan(4));
});

const whole = png(4, 4, 3, Array.from({ length: 48 }, (_, i) => i));
const jpg = jpeg.encode({ width: 8, height: 8, data: new Uint8Array(256).fill(99) }, 90).data;
it.each([
  [Uint8Array.of(), 'f: is neither a PNG nor a JPEG'],
  [new TextEncoder().encode('GIF89a'), 'f: is neither a PNG nor a JPEG'],
  [whole.subarray(0, 20), 'f: broken PNG (truncated in the header)'],
  [whole.subarray(0, whole.length - 20), 'f: broken PNG ('],
  [whole.map((b, i) => (i === 50 ? b ^ 255 : b)), 'f: broken PNG ('],
  [Uint8Array.from(whole, (b, i) => (i === 16 || i === 20 ? 0x7f : b)), 'f: a PNG of 2130706436 by 2130706436 pixels is more than can be read'],
  [jpg.subarray(0, 30), 'f: broken JPEG ('],
])('says what is wrong (%#)', (bytes, message) => {
  expect(() => decodeImage(bytes, 'f')).toThrow(message);
});

describe('fitted', () => {
  const line = { height: 1, width: 4, channels: 1, values: Uint8Array.of(0, 100, 200, 100) };

  it('leaves an image of the size alone', () => {
    expect(fitted(line, [1, 4])).toEqual(line);
  });

  it('takes the mean of what a pixel covers when it shrinks', () => {
    // A triangle two pixels wide to each side about 0.5: weights 3/8, 3/8, 1/8 and 1/8 cut off at the border
    expect([...fitted(line, [1, 2]).values]).toEqual([Math.round((0.75 * 0 + 0.75 * 100 + 0.25 * 200) / 1.75), Math.round((0.25 * 100 + 0.75 * 200 + 0.75 * 100) / 1.75)]);
    const flat = { height: 9, width: 7, channels: 3, values: new Uint8Array(189).fill(77) };
    expect(new Set(fitted(flat, [4, 3]).values)).toEqual(new Set([77]));
  });

  it('goes linearly between pixels when it grows, along both axes', () => {
    expect([...fitted({ height: 1, width: 2, channels: 1, values: Uint8Array.of(0, 100) }, [1, 4]).values]).toEqual([0, 25, 75, 100]);
    expect([...fitted({ height: 2, width: 1, channels: 1, values: Uint8Array.of(0, 100) }, [4, 1]).values]).toEqual([0, 25, 75, 100]);
  });
});
