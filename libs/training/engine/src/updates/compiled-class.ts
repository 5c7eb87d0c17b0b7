import { sizeOf, type Pass, type Program } from '@gradstream/numerics';
import { programOf, type LinkState, type ParamClass, type SegmentInput } from '@gradstream/optimizers';
import type { Arena } from '../plan/arena.ts';
import { arraysOf } from './emit-pass.ts';
import { wasmPass, type WasmPass } from './wasm-kernel.ts';

/** Params that lie side by side in every array, and so are one to a kernel. */
export interface Run {
  readonly names: readonly string[];
  readonly sizes: readonly number[];
  readonly size: number;
  /** Address of each array of the program; those of g and p are set in each update. */
  readonly addresses: number[];
  /** Room for g, p and u where they do not lie in the arena as one piece. */
  readonly own: readonly Float32Array[];
  /** The arrays that were lent last, by array of the program and then by param: the same ones still stand where they stood. */
  readonly lent: readonly Float32Array[][];
  /** `own` of u, one view for each param. */
  readonly updates: readonly Float32Array[];
  /** Scalars and constants by input index, with their key in the state. */
  readonly numbers: readonly (readonly [input: number, key: string])[];
  /** Sums over this tensor, by input index. */
  readonly tensorSums: Map<number, number>;
}

export interface CompiledPass {
  readonly pass: Pass;
  readonly kernel: WasmPass;
  /** The arrays it takes, by index into the program's. */
  readonly arrays: readonly number[];
  /** In the arena, where the kernel reads them. */
  readonly uniforms: Float32Array;
  /** Where the kernel leaves its sums. */
  readonly lanes: Float64Array;
  /** The arguments of the kernel. */
  readonly words: number[];
}

/** A class of params (see `fuse` in the optimizers) ready to be updated in an arena. */
export interface CompiledClass {
  readonly program: Program;
  readonly passes: readonly (CompiledPass | null)[];
  readonly runs: readonly Run[];
  readonly members: readonly string[];
  readonly inputs: Float64Array;
  readonly count: number;
  readonly g: number;
  readonly p: number;
  readonly u: number;
}

type Param = ParamClass['params'][number];

/** Compiles the passes of a class and joins its params to runs, for the params that this update touches. */
export function compileClass(arena: Arena, each: ParamClass, state: LinkState<Float32Array>, input: SegmentInput<Float32Array>): CompiledClass {
  const program = programOf(each);
  const present = each.params.filter(({ name }) => input.updates.has(name));
  const numbers = program.inputs.flatMap((name, i) => (each.params.some((param) => state.scalars.has(`${name}/${param.name}`) || state.constants.has(`${name}/${param.name}`)) ? [[i, name] as const] : []));
  // What has numbers or sums of its own for each param cannot be joined; nor can params that were updated more often than others.
  const apart = numbers.length > 0 || program.scalars.length > 0 || program.passes.some((pass) => pass?.sums.some(({ over }) => over === 'tensor'))
    || new Set(present.map(({ name }) => input.count(name))).size > 1;
  const slots = program.arrays.filter((array) => array.includes('/'));
  const u = program.arrays.indexOf('u');
  return {
    program,
    passes: program.passes.map((pass) => pass && compilePass(arena, pass)),
    runs: neighbours(arena, present, input.params, apart).map((params): Run => {
      for (const slot of slots) gather(arena, slot, params, state);
      const sizes = params.map(({ shape }) => sizeOf(shape));
      const size = sizes.reduce((a, b) => a + b, 0);
      const own = program.arrays.map((array) => (array.includes('/') ? new Float32Array(0) : arena.floats(arena.allocate(4 * size).at, size)));
      return {
        names: params.map(({ name }) => name), sizes, size, own,
        lent: program.arrays.map(() => []),
        updates: u < 0 ? [] : pieces(own[u], sizes),
        addresses: program.arrays.map((array, i) => (array.includes('/') ? state.slots.get(`${array}/${params[0].name}`)! : own[i]).byteOffset),
        numbers: numbers.map(([i, name]) => [i, `${name}/${params[0].name}`] as const),
        tensorSums: new Map(),
      };
    }),
    members: each.params.map(({ name }) => name),
    inputs: new Float64Array(program.inputs.length),
    count: program.inputs.indexOf('t'),
    g: program.arrays.indexOf('g'),
    p: program.arrays.indexOf('p'),
    u,
  };
}

function compilePass(arena: Arena, pass: Pass): CompiledPass {
  const arrays = arraysOf(pass);
  const uniforms = arena.floats(arena.allocate(4 * pass.uniforms).at, pass.uniforms);
  const lanes = arena.doubles(arena.allocate(32 * pass.sums.length).at, 4 * pass.sums.length);
  return { pass, kernel: wasmPass(pass, arena.memory), arrays, uniforms, lanes, words: [0, uniforms.byteOffset, lanes.byteOffset, ...arrays] };
}

/** Views of an array, so many numbers each. */
function pieces(array: Float32Array, sizes: readonly number[]): Float32Array[] {
  let end = 0;
  return sizes.map((size) => array.subarray(end, (end += size)));
}

/** Params that follow each other in memory, in runs. */
function neighbours(arena: Arena, params: readonly Param[], values: ReadonlyMap<string, Float32Array>, apart: boolean): Param[][] {
  const placed = [...params].sort((a, b) => values.get(a.name)!.byteOffset - values.get(b.name)!.byteOffset);
  return placed.reduce<Param[][]>((runs, param) => {
    const last = runs.at(-1)?.at(-1);
    const before = last && values.get(last.name)!;
    const at = values.get(param.name)!;
    if (before && !apart && arena.owns(before) && arena.owns(at) && before.byteOffset + before.byteLength === at.byteOffset) runs.at(-1)!.push(param);
    else runs.push([param]);
    return runs;
  }, []);
}

/** Sees to it that a slot of some params lies in one piece, in their order. */
function gather(arena: Arena, slot: string, params: readonly Param[], state: LinkState<Float32Array>): void {
  const views = params.map(({ name }) => state.slots.get(`${slot}/${name}`)!);
  const inOrder = views.every((view, i) => i === 0 || views[i - 1].byteOffset + views[i - 1].byteLength === view.byteOffset);
  if (inOrder && views.every((view) => arena.owns(view))) return;
  let { at } = arena.allocate(views.reduce((n, { byteLength }) => n + byteLength, 0));
  params.forEach(({ name }, i) => {
    const moved = arena.floats(at, views[i].length);
    moved.set(views[i]);
    state.slots.set(`${slot}/${name}`, moved);
    at += moved.byteLength;
  });
}
