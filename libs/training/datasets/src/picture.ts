import { convertIndexedToRgb, decode as decodePng } from 'fast-png';
import { InputError } from '@gradstream/numerics';
import jpeg from 'jpeg-js';

/** A decoded image: bytes [height, width, channels], 1 channel of grey or 3 of colour. */
export interface Picture {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly values: Uint8Array;
}

/** Pixels beyond which an image is refused before anything is allocated for it. */
const MOST_PIXELS = 2 ** 26;

/**
 * Decodes a PNG or a JPEG, told apart by their first bytes. Transparency is laid over black, 16 bits become 8.
 *
 * @param where begins the error: the file's path
 * @throws InputError when it is neither, broken, or larger than 67 million pixels
 */
export function decodeImage(bytes: Uint8Array, where: string, channels: 1 | 3 = 3): Picture {
  const isPng = bytes[0] === 0x89 && bytes[1] === 0x50 && bytes[2] === 0x4e && bytes[3] === 0x47;
  if (!isPng && !(bytes[0] === 0xff && bytes[1] === 0xd8)) throw new InputError(`${where}: is neither a PNG nor a JPEG`);
  try {
    return converted(isPng ? readPng(bytes, where) : readJpeg(bytes), channels);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${where}: broken ${isPng ? 'PNG' : 'JPEG'} (${error instanceof Error ? error.message : String(error)})`);
  }
}

/** Samples of any number of channels: grey, grey and alpha, colour, colour and alpha; `most` is white. */
interface Raw {
  readonly height: number;
  readonly width: number;
  readonly samples: number;
  readonly most: number;
  readonly values: ArrayLike<number>;
}

function readPng(bytes: Uint8Array, where: string): Raw {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 33) throw new Error('truncated in the header');
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  if (width < 1 || height < 1 || width * height > MOST_PIXELS) throw new InputError(`${where}: a PNG of ${width} by ${height} pixels is more than can be read`);
  const png = decodePng(bytes, { checkCrc: true });
  if (png.palette) return { height, width, samples: png.palette[0].length, most: 255, values: convertIndexedToRgb(png) };
  return { height, width, samples: png.channels, most: 2 ** png.depth - 1, values: png.data };
}

function readJpeg(bytes: Uint8Array): Raw {
  const { height, width, data } = jpeg.decode(bytes, { useTArray: true, formatAsRGBA: false, tolerantDecoding: false, maxResolutionInMP: MOST_PIXELS / 1e6, maxMemoryUsageInMB: 1_024 });
  return { height, width, samples: 3, most: 255, values: data };
}

function converted({ height, width, samples, most, values: raw }: Raw, channels: 1 | 3): Picture {
  const values = new Uint8Array(height * width * channels);
  const colour = samples >= 3;
  const alpha = samples === 2 || samples === 4;
  if (raw.length < height * width * samples) throw new Error(`${height * width * samples} samples make an image of ${width} by ${height}, received ${raw.length}`);
  for (let p = 0, i = 0; p < height * width; p++, i += samples) {
    const opaque = (alpha ? raw[i + samples - 1] / most : 1) * (255 / most);
    if (channels === 1) values[p] = (colour ? 0.299 * raw[i] + 0.587 * raw[i + 1] + 0.114 * raw[i + 2] : raw[i]) * opaque + 0.5;
    else for (let c = 0; c < 3; c++) values[3 * p + c] = raw[i + (colour ? c : 0)] * opaque + 0.5;
  }
  return { height, width, channels, values };
}

/** Scales an image to a size: linear where it grows, the mean of what a pixel covers where it shrinks (a triangle filter, as PIL's). */
export function fitted({ height, width, channels, values }: Picture, [toHeight, toWidth]: readonly [number, number]): Picture {
  if (height === toHeight && width === toWidth) return { height, width, channels, values };
  const rows = scaled(values, height, toHeight, 1, width * channels);
  const both = scaled(rows, width, toWidth, toHeight, channels);
  return { height: toHeight, width: toWidth, channels, values: Uint8Array.from(both, (v) => Math.min(255, Math.max(0, v + 0.5))) };
}

/** Scales the middle axis of [outer, from, inner] to `to`. */
function scaled(values: ArrayLike<number>, from: number, to: number, outer: number, inner: number): Float32Array {
  const out = new Float32Array(outer * to * inner);
  const ratio = from / to;
  const reach = Math.max(1, ratio);
  for (let t = 0; t < to; t++) {
    const centre = (t + 0.5) * ratio - 0.5;
    const first = Math.max(0, Math.ceil(centre - reach));
    const weights = Array.from({ length: Math.min(from - 1, Math.floor(centre + reach)) - first + 1 }, (_, k) => Math.max(0, 1 - Math.abs(first + k - centre) / reach));
    const total = weights.reduce((a, b) => a + b, 0);
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) {
        let sum = 0;
        for (let k = 0; k < weights.length; k++) sum += weights[k] * values[(o * from + first + k) * inner + i];
        out[(o * to + t) * inner + i] = sum / total;
      }
    }
  }
  return out;
}
