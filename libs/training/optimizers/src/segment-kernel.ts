import { InputError, sizeOf, type Kernel, type Pass, type PassCode, type Program } from '@gradstream/numerics';
import type { LinkState, Segment, SegmentInput } from './executor.ts';
import { programOf, type ParamClass } from './fuse.ts';

/** One param in its class: its arrays in the program's order, and the numbers that are its own. */
interface Member {
  readonly name: string;
  readonly size: number;
  readonly arrays: Float32Array[];
  /** Scalars and constants by input index, with their key in the state. */
  readonly numbers: readonly (readonly [input: number, key: string])[];
  /** Sums over this tensor, by input index. */
  readonly tensorSums: Map<number, number>;
}

/** A class of params with its kernels and the registers they share. */
interface Compiled {
  readonly program: Program;
  readonly kernels: readonly (Kernel | null)[];
  readonly members: readonly Member[];
  /** Values of the program's inputs. */
  readonly inputs: Float64Array;
  /** Uniform registers of each pass. */
  readonly uniforms: readonly Float32Array[];
  readonly count: number;
  readonly g: number;
  readonly p: number;
  readonly u: number;
}

/** Runs the passes of a segment level by level over all params, so that a sum over all tensors is whole when it is read. */
export function kernelSegment(classes: readonly ParamClass[], state: LinkState<Float32Array>, apply: boolean, compile: (pass: PassCode) => Kernel): Segment<Float32Array> {
  const compiled = classes.filter(({ params }) => params.length > 0).map((each) => compileClass(each, state, compile));
  const levels = Math.max(0, ...compiled.map(({ program }) => program.passes.length));

  return (input) => {
    const updated = new Map<string, Float32Array>();
    for (const each of compiled) lend(each, input, apply, updated);
    for (let level = 0; level < levels; level++) runLevel(compiled, level, input, state);
    return updated;
  };
}

function compileClass(each: ParamClass, state: LinkState<Float32Array>, compile: (pass: PassCode) => Kernel): Compiled {
  const program = programOf(each);
  const inputOf = (name: string): number => program.inputs.indexOf(name);
  const own = program.inputs.flatMap((name, i) => (each.params.some((param) => state.scalars.has(`${name}/${param.name}`) || state.constants.has(`${name}/${param.name}`)) ? [[i, name] as const] : []));
  const members = each.params.map(({ name, shape }): Member => ({
    name,
    size: sizeOf(shape),
    arrays: program.arrays.map((array) => state.slots.get(`${array}/${name}`) ?? new Float32Array(array === 'u' ? sizeOf(shape) : 0)),
    numbers: own.map(([i, number]) => [i, `${number}/${name}`] as const),
    tensorSums: new Map(),
  }));
  return {
    program,
    kernels: program.passes.map((pass) => pass && compile(pass)),
    members,
    inputs: new Float64Array(program.inputs.length),
    uniforms: program.passes.map((pass) => new Float32Array(pass?.uniforms ?? 0)),
    count: inputOf('t'),
    g: program.arrays.indexOf('g'),
    p: program.arrays.indexOf('p'),
    u: program.arrays.indexOf('u'),
  };
}

/** Puts this update's arrays and hyper-parameters in their registers. */
function lend({ program, members, inputs, g, p, u }: Compiled, { updates, params, hyper }: SegmentInput<Float32Array>, apply: boolean, updated: Map<string, Float32Array>): void {
  program.inputs.forEach((name, i) => {
    if (name in hyper) inputs[i] = hyper[name];
  });
  for (const { name, size, arrays } of members) {
    const update = updates.get(name);
    if (!update) continue;
    const param = params.get(name);
    if (param?.length !== size || update.length !== size) throw new InputError(`update: '${name}' needs ${size} numbers and as many gradients, received ${param?.length ?? 'no'} and ${update.length}`);
    if (g >= 0) arrays[g] = update;
    if (p >= 0) arrays[p] = param;
    updated.set(name, apply ? param : arrays[u]);
  }
}

function runLevel(compiled: readonly Compiled[], level: number, input: SegmentInput<Float32Array>, state: LinkState<Float32Array>): void {
  const totals = new Map<string, number>();
  for (const each of compiled) {
    const pass = each.program.passes[level];
    if (!pass) continue;
    const last = level === each.program.passes.length - 1;
    let fresh = false;
    for (const member of each.members) {
      if (!input.updates.has(member.name)) continue;
      if (setOwn(each, member, input.count(member.name), state) || !fresh) pass.evaluate(each.inputs, each.uniforms[level]);
      fresh = true;
      runPass(each, level, pass, member, totals);
      if (last) keepScalars(each, member, state);
    }
  }
  for (const [key, total] of totals) {
    for (const { program, inputs } of compiled) {
      const i = program.inputs.indexOf(key);
      if (i >= 0) inputs[i] = total;
    }
  }
}

/** Sets the numbers that are a param's own; true where they differ from the one before. */
function setOwn({ inputs, count }: Compiled, { numbers, tensorSums }: Member, t: number, state: LinkState<Float32Array>): boolean {
  let changed = count >= 0 && setInput(inputs, count, t);
  for (const [i, key] of numbers) changed = setInput(inputs, i, state.scalars.get(key) ?? state.constants.get(key)!) || changed;
  for (const [i, value] of tensorSums) changed = setInput(inputs, i, value) || changed;
  return changed;
}

function setInput(inputs: Float64Array, i: number, value: number): boolean {
  const changed = !Object.is(inputs[i], value);
  inputs[i] = value;
  return changed;
}

const NO_SUMS = new Float64Array(0);

function runPass({ program, kernels, uniforms }: Compiled, level: number, pass: Pass, { size, arrays, tensorSums }: Member, totals: Map<string, number>): void {
  const sums = pass.sums.length === 0 ? NO_SUMS : new Float64Array(pass.sums.length);
  kernels[level]!(size, uniforms[level], arrays, sums);
  for (let i = 0; i < sums.length; i++) {
    const { key, over } = pass.sums[i];
    if (over === 'all') totals.set(key, (totals.get(key) ?? 0) + sums[i]);
    else tensorSums.set(program.inputs.indexOf(key), sums[i]);
  }
}

function keepScalars({ program, inputs }: Compiled, { name }: Member, state: LinkState<Float32Array>): void {
  if (program.scalars.length === 0) return;
  const values = new Float64Array(program.scalars.length);
  program.evaluateScalars(inputs, values);
  program.scalars.forEach((scalar, i) => state.scalars.set(`${scalar}/${name}`, values[i]));
}
