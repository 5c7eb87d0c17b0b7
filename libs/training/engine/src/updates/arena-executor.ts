import { sizeOf } from '@gradstream/numerics';
import { kernelExecutor, type Executor, type LinkState, type ParamClass, type Segment, type SegmentInput } from '@gradstream/optimizers';
import { kernelsMissing } from '../kernels/kernels.ts';
import { Arena } from '../plan/arena.ts';
import { compileClass, type CompiledClass, type Run } from './compiled-class.ts';
import { joined } from './wasm-kernel.ts';

/**
 * Optimizers in an arena: slots stand beside the params they belong to, and each pass of a fused chain is one SIMD loop over
 * neighbouring params. Rules that are not element-wise run on the host, on the same memory.
 */
export function arenaExecutor(arena: Arena): Executor<Float32Array> {
  return {
    ...kernelExecutor(),
    create: (shape, start) => {
      const n = sizeOf(shape);
      return arena.floats(arena.allocate(4 * n).at, n).fill(start);
    },
    segment: (classes, state, apply) => arenaSegment(arena, classes.filter(({ params }) => params.length > 0), state, apply),
  };
}

/**
 * An executor for `bind` that runs element-wise rules as fused SIMD passes in a WebAssembly memory of its own, on arrays from
 * anywhere: `bind(adam({ learningRate }), params, { executor: fusedExecutor() })`.
 *
 * @throws Error where the runtime has no WebAssembly SIMD
 */
export function fusedExecutor(): Executor<Float32Array> {
  const missing = kernelsMissing();
  if (missing) throw new Error(`fusedExecutor: ${missing}`);
  return arenaExecutor(new Arena('strict'));
}

function arenaSegment(arena: Arena, classes: readonly ParamClass[], state: LinkState<Float32Array>, apply: boolean): Segment<Float32Array> {
  let compiled: readonly CompiledClass[] | undefined;
  let levels = 0;
  let updated: ReadonlyMap<string, Float32Array> | undefined;
  let hyper: SegmentInput<Float32Array>['hyper'] | undefined;
  return (input) => {
    if (!compiled || !fit(compiled, input)) {
      compiled = classes.map((each) => compileClass(arena, each, state, input));
      levels = Math.max(0, ...compiled.map(({ passes }) => passes.length));
      updated = hyper = undefined;
    }
    if (input.hyper !== hyper) for (const each of compiled) setHyper(each, (hyper = input.hyper));
    for (const each of compiled) if (lend(arena, each, input)) updated = undefined;
    for (let level = 0; level < levels; level++) runLevel(compiled, level, input, state);
    for (const each of compiled) copyBack(each, input);
    // All params, each in its place: the map that came.
    return apply && input.updates.size === input.params.size ? input.params : (updated ??= handBack(compiled, input, apply));
  };
}

/** Whether the runs still hold: all members of each are updated, for the same time. */
function fit(compiled: readonly CompiledClass[], { updates, count }: SegmentInput<Float32Array>): boolean {
  for (const { runs, members } of compiled) {
    let seen = 0;
    for (const { names } of runs) {
      const t = count(names[0]);
      for (const name of names) if (!updates.has(name) || count(name) !== t) return false;
      seen += names.length;
    }
    if (seen < members.length) for (const name of members) if (updates.has(name) && --seen < 0) return false;
  }
  return true;
}

function setHyper({ program, inputs }: CompiledClass, hyper: SegmentInput<Float32Array>['hyper']): void {
  for (let i = 0; i < inputs.length; i++) inputs[i] = hyper[program.inputs[i]] ?? inputs[i];
}

/** Puts this update's arrays in their places; true where they are others than last time. */
function lend(arena: Arena, { runs, g, p }: CompiledClass, { updates, params }: SegmentInput<Float32Array>): boolean {
  let moved = false;
  for (const run of runs) {
    if (g >= 0) moved = place(arena, run, g, updates) || moved;
    if (p >= 0) moved = place(arena, run, p, params) || moved;
  }
  return moved;
}

/** Finds one of the lent arrays; what does not lie in the arena as one piece is copied there. */
function place(arena: Arena, { names, sizes, own, lent, addresses }: Run, array: number, values: ReadonlyMap<string, Float32Array>): boolean {
  const last = lent[array];
  let moved = false;
  for (let i = 0; i < names.length; i++) {
    const value = values.get(names[i])!;
    moved ||= value !== last[i];
    last[i] = value;
  }
  if (moved) addresses[array] = onePiece(arena, last) ? last[0].byteOffset : own[array].byteOffset;
  if (addresses[array] === own[array].byteOffset) for (let i = 0, at = 0; i < last.length; at += sizes[i++]) own[array].set(last[i], at);
  return moved;
}

function onePiece(arena: Arena, arrays: readonly Float32Array[]): boolean {
  let at = arrays[0].byteOffset;
  for (const array of arrays) {
    if (!arena.owns(array) || array.byteOffset !== at) return false;
    at += array.byteLength;
  }
  return true;
}

function runLevel(compiled: readonly CompiledClass[], level: number, input: SegmentInput<Float32Array>, state: LinkState<Float32Array>): void {
  let totals: Map<string, number> | undefined;
  for (const each of compiled) {
    const compiledPass = each.passes[level];
    if (!compiledPass) continue;
    const { pass, kernel, arrays, uniforms, lanes, words } = compiledPass;
    for (const run of each.runs) {
      setOwn(each, run, input.count(run.names[0]), state);
      pass.evaluate(each.inputs, uniforms);
      words[0] = run.size;
      for (let i = 0; i < arrays.length; i++) words[3 + i] = run.addresses[arrays[i]];
      kernel(...words);
      for (let i = 0; i < pass.sums.length; i++) {
        const { key, over } = pass.sums[i];
        if (over === 'all') (totals ??= new Map()).set(key, (totals.get(key) ?? 0) + joined(lanes, i));
        else run.tensorSums.set(each.program.inputs.indexOf(key), joined(lanes, i));
      }
      if (level === each.passes.length - 1) keepScalars(each, run, state);
    }
  }
  if (!totals) return;
  for (const [key, total] of totals) {
    for (const { program, inputs } of compiled) {
      const i = program.inputs.indexOf(key);
      if (i >= 0) inputs[i] = total;
    }
  }
}

function setOwn({ inputs, count }: CompiledClass, { numbers, tensorSums }: Run, t: number, state: LinkState<Float32Array>): void {
  if (count >= 0) inputs[count] = t;
  for (const [i, key] of numbers) inputs[i] = state.scalars.get(key) ?? state.constants.get(key)!;
  for (const [i, value] of tensorSums) inputs[i] = value;
}

function keepScalars({ program, inputs }: CompiledClass, { names }: Run, state: LinkState<Float32Array>): void {
  if (program.scalars.length === 0) return;
  const values = new Float64Array(program.scalars.length);
  program.evaluateScalars(inputs, values);
  program.scalars.forEach((scalar, i) => state.scalars.set(`${scalar}/${names[0]}`, values[i]));
}

/** Copies params back that do not lie in the arena as one piece. */
function copyBack({ runs, p }: CompiledClass, { params }: SegmentInput<Float32Array>): void {
  if (p < 0) return;
  for (const { names, sizes, own, addresses } of runs) {
    if (addresses[p] === own[p].byteOffset) for (let i = 0, at = 0; i < names.length; at += sizes[i++]) params.get(names[i])!.set(own[p].subarray(at, at + sizes[i]));
  }
}

/** The new params, or the updates as they are handed on. */
function handBack(compiled: readonly CompiledClass[], { params }: SegmentInput<Float32Array>, apply: boolean): Map<string, Float32Array> {
  const updated = new Map<string, Float32Array>();
  for (const { runs } of compiled) for (const { names, updates } of runs) names.forEach((name, i) => updated.set(name, apply ? params.get(name)! : updates[i]));
  return updated;
}
