/** Layers that multiply or shift by random numbers in training: the numbers of the tape, drawn by the host before each step. */
import { normals, type Key } from '@gradstream/numerics';
import { alphaDropoutScale, keeps, keepScales, SELU_FLOOR } from '@gradstream/models';
import { floatsOf, gated, gatedCopy, outputOf, type Planned, type Planner, type Site, type Value } from '../site.ts';

type Fill = (key: Key, out: Float32Array) => void;

/**
 * out = x · scales + shifts, each where it is there, with one number for each element of the batch.
 *
 * @param signed whether scales may be negative
 */
function affine(site: Site, layer: Parameters<Planner>[1], input: Value, { scales, shifts, signed = false }: { readonly scales?: Fill; readonly shifts?: Fill; readonly signed?: boolean }): Planned {
  const { program } = site;
  const n = site.batch * input.size;
  const [factor, shift] = [scales, shifts].map((fill) => (fill ? site.drawn(layer.name, n, fill) : 0));
  // What a relu let through stays positive, and what it held back 0: then the output can stand for the input's gate.
  const stands = input.gate !== 0 && !shift && !signed;
  const output = outputOf(site, layer, input, { gated: stands });
  const share = (emit: (part: number, offset: number, length: number) => void): void => site.examples((part, first, end) => emit(part, floatsOf(first * input.size), (end - first) * input.size));
  share((part, offset, length) => {
    if (factor) program.call(part, 'mulInto', input.at + offset, factor + offset, length, output.at + offset);
    if (shift) program.call(part, 'addInto', (factor ? output.at : input.at) + offset, shift + offset, length, output.at + offset);
  });
  return {
    output,
    backward: (dOut) => {
      if (!input.differentiable) return 0;
      if (!factor) return gatedCopy(site, dOut, input);
      const dX = site.buffer(floatsOf(n));
      share((part, offset, length) => program.call(part, 'mulInto', dOut + offset, factor + offset, length, dX + offset));
      return stands ? dX : gated(site, dX, input);
    },
  };
}

/** Scales for `rows` · `inner` numbers, each repeated over what lies between: [rows, repeats, inner]. */
function repeated(scales: Float32Array, repeats: number, inner: number, out: Float32Array): void {
  for (let at = 0, from = 0; from < scales.length; from += inner) for (let r = 0; r < repeats; r++, at += inner) for (let i = 0; i < inner; i++) out[at + i] = scales[from + i];
}

const identity = (input: Value): Planned => ({ output: input, backward: (dOut) => dOut });
const rateOf = ({ layer }: Parameters<Planner>[1]): number => layer.rate as number;

/** Whole channels of an example. */
export const spatialDropout: Planner = (site, layer, input) => {
  const rate = rateOf(layer);
  if (!site.training || rate === 0) return identity(input);
  const channels = layer.inputShape.at(-1)!;
  return affine(site, layer, input, { scales: (key, out) => repeated(keepScales(key, site.batch * channels, rate), input.size / channels, channels, out) });
};

/** All of an example, or all of the batch. */
export const stochasticDepth: Planner = (site, layer, input) => {
  const rate = rateOf(layer);
  if (!site.training || rate === 0) return identity(input);
  const decisions = layer.layer.mode === 'row' ? site.batch : 1;
  return affine(site, layer, input, { scales: (key, out) => repeated(keepScales(key, decisions, rate), out.length / decisions, 1, out) });
};

/** What is dropped takes SELU's lowest value. */
export const alphaDropout: Planner = (site, layer, input) => {
  const rate = rateOf(layer);
  if (!site.training || rate === 0) return identity(input);
  const { a, b } = alphaDropoutScale(rate);
  return affine(site, layer, input, {
    scales: (key, out) => out.set(keeps(key, out.length, rate).map((keep) => a * keep)),
    shifts: (key, out) => out.set(keeps(key, out.length, rate).map((keep) => a * SELU_FLOOR * (1 - keep) + b)),
  });
};

export const gaussianNoise: Planner = (site, layer, input) => {
  const stddev = layer.layer.stddev as number;
  if (!site.training || stddev === 0) return identity(input);
  return affine(site, layer, input, { shifts: (key, out) => scaledNormals(key, out, (z) => stddev * z) });
};

export const gaussianDropout: Planner = (site, layer, input) => {
  const rate = rateOf(layer);
  if (!site.training || rate === 0) return identity(input);
  const stddev = Math.sqrt(rate / (1 - rate));
  return affine(site, layer, input, { scales: (key, out) => scaledNormals(key, out, (z) => 1 + stddev * z), signed: true });
};

function scaledNormals(key: Key, out: Float32Array, of: (z: number) => number): void {
  const z = normals(key, out.length);
  for (let i = 0; i < z.length; i++) out[i] = of(z[i]);
}
