import fc from 'fast-check';
import { key, type Examples } from '@gradstream/numerics';
import { blurred, gaussianKernel } from './gaussian.ts';
import { brighten } from './brightness.ts';
import { saturate, turnHue } from './color.ts';
import { changeContrast } from './contrast.ts';
import { equalize, stretchContrast } from './equalize.ts';
import type { Image } from './image.ts';
import {
  gaussianNoise, randomBlur, randomBrightness, randomGamma, randomGrayscale, randomHue, randomInvert, randomPosterize, randomSharpen, randomSolarize, saltAndPepper,
} from './index.ts';
import { posterize } from './posterize.ts';
import { sharpen } from './sharpen.ts';
import { solarize } from './solarize.ts';

type Paint = (from: Image, to: Image, magnitude: number) => void;
const painted = (paint: Paint, values: Uint8Array | Float32Array, magnitude = 0, channels = 1, width = values.length / channels): number[] => {
  const from = { height: values.length / channels / width, width, channels, values };
  const to = { ...from, values: values.slice().fill(0) };
  paint(from, to, magnitude);
  return [...to.values];
};
const levels = Uint8Array.from({ length: 256 }, (_, v) => v);
const one = (values: Uint8Array | Float32Array, shape: readonly number[]): Examples<'classes'> => ({ size: 1, inputShape: [1, ...shape], inputs: values, targets: { kind: 'classes', width: 1, shape: [1], values: new Int32Array(1) } });

describe('light', () => {
  it.each([
    ['brighten', brighten as Paint, 1.3, (v: number) => Math.min(255, Math.round(1.3 * v))],
    ['solarize', solarize as Paint, 128 / 255, (v: number) => (v >= 128 ? 255 - v : v)],
    ['posterize', posterize as Paint, 3, (v: number) => v & 0b1110_0000],
    ['changeContrast', changeContrast as Paint, 0.5, (v: number) => Math.floor(127.5 + 0.5 * (v - 127.5) + 0.5)],
  ])('%s maps every byte as its formula says, and numbers alike', (_, paint, magnitude, expected) => {
    const bytes = painted(paint, levels, magnitude);
    expect(bytes).toEqual([...levels].map(expected));
    painted(paint, Float32Array.from(levels, (v) => v / 255), magnitude).forEach((v, i) => expect(Math.abs(v * 255 - bytes[i])).toBeLessThan(0.51));
  });

  it('leaves everything alone at factor 1', () => {
    const colors = Uint8Array.from({ length: 300 }, (_, i) => (i * 37) % 256);
    for (const paint of [brighten, changeContrast, saturate, sharpen]) expect(painted(paint, colors, 1, 3, 10)).toEqual([...colors]);
    expect(painted(turnHue, colors, 0, 3, 10)).toEqual([...colors]);
  });

  it('turns into the negative and back', () => {
    const given = one(levels, [16, 16, 1]);
    const invert = randomInvert({ probability: 1 });
    const draw = invert.sample(key(1), given.inputShape);
    const once = invert.apply(given, draw);
    expect([...once.inputs]).toEqual([...levels].map((v) => 255 - v));
    expect([...invert.apply(once, draw).inputs]).toEqual([...levels]);
  });

  it('raises to a power that lies evenly about 1 in its logarithm', () => {
    const powers = randomGamma({ amount: 1 }).sample(key(1), [4_000, 1, 1, 1]).map((log) => Math.exp(log!));
    expect(Math.min(...powers)).toBeGreaterThanOrEqual(0.5);
    expect(Math.max(...powers)).toBeLessThanOrEqual(2);
    expect(powers.filter((p) => p < 1).length / 4_000).toBeCloseTo(0.5, 1);
    const [value] = randomGamma().apply(one(Float32Array.of(0.25), [1, 1, 1]), [Math.log(2)]).inputs;
    expect(value).toBeCloseTo(0.0625, 6);
  });

  it('draws each number of kept bits as often as the others', () => {
    const bits = randomPosterize({ bits: 5 }).sample(key(1), [8_000, 1, 1, 1]).map((b) => Math.floor(b!));
    for (const b of [5, 6, 7, 8]) expect(bits.filter((x) => x === b).length / 8_000).toBeCloseTo(0.25, 1);
    expect(new Set(bits).size).toBe(4);
  });
});

describe('equalize', () => {
  it('spreads levels evenly, in integer arithmetic', () => {
    // 512 pixels of 256 neighbouring levels in the lower half: step = floor((512 - 4)/255) = 1
    const values = Uint8Array.from({ length: 512 }, (_, i) => Math.floor(i / 4));
    const out = painted(equalize, values);
    const reference = [...values].map((v) => Math.min(255, 4 * v));
    expect(out).toEqual(reference);
  });

  it('leaves an image of one level, or of fewer pixels than levels, as it is', () => {
    expect(painted(equalize, new Uint8Array(64).fill(9))).toEqual(new Array(64).fill(9));
    expect(painted(equalize, Uint8Array.of(1, 2, 3, 200))).toEqual([1, 2, 3, 200]);
  });

  it('never swaps light and dark', () => {
    fc.assert(fc.property(fc.uint8Array({ minLength: 600, maxLength: 600 }), (values) => {
      const out = painted(equalize, values);
      const order = [...values.keys()].sort((a, b) => values[a] - values[b]);
      expect(order.every((at, i) => i === 0 || out[at] >= out[order[i - 1]])).toBe(true);
    }), { numRuns: 20 });
  });

  it('stretches each channel to black and white', () => {
    expect(painted(stretchContrast, Uint8Array.of(50, 100, 90, 140, 150, 200), 0, 2)).toEqual([0, 0, 102, 102, 255, 255]);
    expect(painted(stretchContrast, Uint8Array.of(7, 7))).toEqual([7, 7]);
  });
});

describe('colour', () => {
  it('turns red to green to blue by thirds of the circle', () => {
    const close = (turn: number, expected: number[]) => painted(turnHue, Float32Array.of(1, 0, 0), turn, 3).forEach((v, i) => expect(v).toBeCloseTo(expected[i], 5));
    close(1 / 3, [0, 1, 0]);
    close(-1 / 3, [0, 0, 1]);
    close(1 / 6, [1, 1, 0]);
    expect(painted(turnHue, Uint8Array.of(10, 200, 90), 1 / 3, 3)).toEqual([90, 10, 200]);
  });

  it('keeps grey at any saturation and hue', () => {
    expect(painted(turnHue, Uint8Array.of(80, 80, 80), 0.3, 3)).toEqual([80, 80, 80]);
    expect(painted(saturate, Uint8Array.of(80, 80, 80), 1.9, 3)).toEqual([80, 80, 80]);
  });

  it('takes colour away down to the luma', () => {
    expect(painted(saturate, Uint8Array.of(255, 0, 0), 0, 3)).toEqual([76, 76, 76]);
    const given = one(Uint8Array.of(0, 255, 0), [1, 1, 3]);
    expect([...randomGrayscale({ probability: 1 }).apply(given, [0]).inputs]).toEqual([150, 150, 150]);
  });

  it('leaves grey images as they are', () => {
    expect(painted(turnHue, levels, 0.3)).toEqual([...levels]);
    expect(painted(saturate, levels, 0)).toEqual([...levels]);
  });
});

describe('neighbours', () => {
  it('blurs with weights that sum to 1, the same along both axes', () => {
    const kernel = gaussianKernel(1);
    expect(kernel.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
    const dot = new Float32Array(81);
    dot[40] = 1;
    const soft = blurred(dot, 9, 9, 1, kernel);
    for (let y = 0; y < 9; y++) for (let x = 0; x < 9; x++) expect(soft[y * 9 + x]).toBeCloseTo(Math.abs(y - 4) > 3 || Math.abs(x - 4) > 3 ? 0 : kernel[y - 1] * kernel[x - 1], 6);
    expect(blurred(new Float32Array(24).fill(0.5), 3, 4, 2, kernel).every((v) => Math.abs(v - 0.5) < 1e-6)).toBe(true);
  });

  it('keeps channels apart', () => {
    const flat = Float32Array.from({ length: 50 }, (_, i) => i % 2);
    expect([...blurred(flat, 5, 5, 2, gaussianKernel(2))].map((v) => Math.round(v * 1e6) / 1e6)).toEqual([...flat]);
  });

  it('sharpens by the distance from the 3x3 mean with a middle of 5', () => {
    const dot = Uint8Array.of(0, 0, 0, 0, 130, 0, 0, 0, 0);
    expect(painted(sharpen, dot, 0, 1, 3)).toEqual([0, 0, 0, 0, 50, 0, 0, 0, 0]);
    expect(painted(sharpen, dot, 2, 1, 3)).toEqual([0, 0, 0, 0, 210, 0, 0, 0, 0]);
  });
});

describe('noise', () => {
  it('has the asked deviation and mean 0', () => {
    const given = one(new Float32Array(20_000).fill(0.5), [100, 200, 1]);
    const noise = gaussianNoise({ deviation: 0.1 });
    const out = Array.from(noise.apply(given, noise.sample(key(1), given.inputShape)).inputs);
    const mean = out.reduce((a, b) => a + b, 0) / 20_000;
    expect(mean).toBeCloseTo(0.5, 2);
    expect(Math.sqrt(out.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 20_000)).toBeCloseTo(0.1, 2);
  });

  it('turns the asked share of pixels black and white, all channels together', () => {
    const given = one(new Uint8Array(30_000).fill(100), [100, 100, 3]);
    const salt = saltAndPepper({ share: 0.2 });
    const out = salt.apply(given, salt.sample(key(1), given.inputShape)).inputs;
    const pixels = Array.from({ length: 10_000 }, (_, p) => [...out.subarray(3 * p, 3 * p + 3)].join());
    expect(pixels.filter((p) => p === '0,0,0').length / 10_000).toBeCloseTo(0.1, 1.5);
    expect(pixels.filter((p) => p === '255,255,255').length / 10_000).toBeCloseTo(0.1, 1.5);
    expect(pixels.filter((p) => p === '100,100,100').length / 10_000).toBeCloseTo(0.8, 1.5);
  });
});

it('draws factors from the whole range', () => {
  const factors = randomBrightness({ amount: 0.3 }).sample(key(1), [2_000, 1, 1, 1]) as number[];
  expect(Math.min(...factors)).toBeCloseTo(0.7, 2);
  expect(Math.max(...factors)).toBeCloseTo(1.3, 2);
  expect(Math.min(...(randomBrightness({ amount: 2 }).sample(key(1), [2_000, 1, 1, 1]) as number[]))).toBeGreaterThanOrEqual(0);
});

it.each([
  [() => randomBrightness({ amount: -1 }), 'randomBrightness: amount must be a number of at least 0, received -1'],
  [() => randomPosterize({ bits: 0 }), 'randomPosterize: bits must be one of 1, 2, 3, 4, 5, 6, 7, 8, received 0'],
  [() => randomSolarize({ threshold: 2 }), 'randomSolarize: threshold must be in [0, 1], received 2'],
  [() => randomHue({ turn: 0.6 }), 'randomHue: turn must be in [0, 0.5], received 0.6'],
  [() => randomBlur({ deviation: [1] }), 'randomBlur: deviation must be'],
  [() => randomSharpen({ probability: NaN }), 'randomSharpen: probability must be in [0, 1], received NaN'],
  [() => gaussianNoise({ deviation: Infinity }), 'gaussianNoise: deviation must be a number of at least 0, received Infinity'],
])('refuses %#', (make, message) => {
  expect(make).toThrow(message);
});
