import { encode } from 'fast-png';

/**
 * Lays images side by side in a square grid with a pixel of room between them.
 *
 * @param pixels bytes [count, height, width, channels]
 * @param shape of one image with anything in front: [count, height, width, channels]
 * @returns a PNG in base64
 */
export function contactSheet(pixels: Uint8Array, [, height, width, channels]: readonly number[]): string {
  const size = height * width * channels;
  const count = Math.floor(pixels.length / size);
  const columns = Math.ceil(Math.sqrt(count));
  const rows = Math.ceil(count / columns);
  const [sheetHeight, sheetWidth] = [rows * (height + 1) - 1, columns * (width + 1) - 1];
  const sheet = new Uint8Array(sheetHeight * sheetWidth * channels);
  for (let i = 0; i < count; i++) {
    const [top, left] = [Math.floor(i / columns) * (height + 1), (i % columns) * (width + 1)];
    for (let y = 0; y < height; y++) {
      const row = pixels.subarray(i * size + y * width * channels, i * size + (y + 1) * width * channels);
      sheet.set(row, ((top + y) * sheetWidth + left) * channels);
    }
  }
  return base64(encode({ width: sheetWidth, height: sheetHeight, data: sheet, channels }));
}

const base64 = (bytes: Uint8Array): string => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
