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
  return (input) => {
    if (!compiled?.every((each) => fits(each, input))) compiled = classes.map((each) => compileClass(arena, each, state, input));
    const updated = new Map<string, Float32Array>();
    const levels = Math.max(0, ...compiled.map(({ passes }) => passes.length));
    for (const each of compiled) lend(arena, each, input);
    for (let level = 0; level < levels; level++) runLevel(compiled, level, input, state);
    for (const each of compiled) handBack(each, input, apply, updated);
    return updated;
  };
}

/** Whether the runs still hold: all members of each are updated, for the same time. */
function fits({ runs, members }: CompiledClass, { updates, count }: SegmentInput<Float32Array>): boolean {
  let seen = 0;
  for (const { names } of runs) {
    const t = count(names[0]);
    for (const name of names) if (!updates.has(name) || count(name) !== t) return false;
    seen += names.length;
  }
  for (const name of members) if (updates.has(name)) seen--;
  return seen === 0;
}

/** Puts this update's hyper-parameters and arrays in their places; what does not lie in the arena as one piece is copied there. */
function lend(arena: Arena, { program, runs, inputs, g, p }: CompiledClass, { updates, params, hyper }: SegmentInput<Float32Array>): void {
  program.inputs.forEach((name, i) => {
    if (name in hyper) inputs[i] = hyper[name];
  });
  for (const run of runs) {
    if (g >= 0) run.addresses[g] = place(arena, run, updates, run.own[g]);
    if (p >= 0) run.addresses[p] = place(arena, run, params, run.own[p]);
  }
}

function place(arena: Arena, { names, sizes }: Run, values: ReadonlyMap<string, Float32Array>, own: Float32Array): number {
  const first = values.get(names[0])!;
  let at = first.byteOffset;
  let inPlace = true;
  for (const name of names) {
    const value = values.get(name)!;
    inPlace &&= arena.owns(value) && value.byteOffset === at;
    at += value.byteLength;
  }
  if (inPlace) return first.byteOffset;
  let offset = 0;
  names.forEach((name, i) => {
    own.set(values.get(name)!, offset);
    offset += sizes[i];
  });
  return own.byteOffset;
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

/** The new params, or the updates as they are handed on. */
function handBack({ runs, p, u }: CompiledClass, { params }: SegmentInput<Float32Array>, apply: boolean, updated: Map<string, Float32Array>): void {
  for (const { names, sizes, own, addresses } of runs) {
    let offset = 0;
    names.forEach((name, i) => {
      const param = params.get(name)!;
      if (!apply) updated.set(name, own[u].subarray(offset, offset + sizes[i]));
      else {
        if (addresses[p] === own[p].byteOffset) param.set(own[p].subarray(offset, offset + sizes[i]));
        updated.set(name, param);
      }
      offset += sizes[i];
    });
  }
}
