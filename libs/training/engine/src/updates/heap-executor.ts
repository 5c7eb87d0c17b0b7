import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { sizeOf, type Pass, type Program } from '@gradstream/numerics';
import { programOf, tfExecutor, type Executor, type LinkState, type ParamClass, type Segment, type SegmentInput } from '@gradstream/optimizers';
import { currentHeap } from '../kernels/register.ts';
import type { TfjsHeap } from '../kernels/tfjs-heap.ts';
import { arraysOf } from './emit-pass.ts';
import { joined, wasmPass, type WasmPass } from './wasm-kernel.ts';

/**
 * Optimizers on tensors of TensorFlow.js's wasm backend: element-wise rules run as fused SIMD passes on the heap where the
 * tensors are. Slots change in place; a param gets a fresh tensor, because the backend's own kernels keep what they packed of
 * a weight for as long as its tensor lives and would go on with the old values. Other rules are TensorFlow.js's operations.
 */
export function heapExecutor(): Executor<Tensor> {
  const heap = currentHeap();
  if (typeof heap === 'string') return tfExecutor;
  return {
    ...tfExecutor,
    // A slot has memory of its own: it is written to in place.
    assign(slot, next) {
      const copy = tf.keep(copyOf(heap, next));
      slot.dispose();
      return copy;
    },
    // What an update made is handed on as it is (a clone would be a copy here); what others hold is not.
    tidy(run) {
      let names: string[] = [];
      const fresh = tf.tidy(() => {
        const made = run();
        names = [...made.keys()];
        return [...made.values()].map((x) => (x.kept ? tf.clone(x) : x));
      });
      return new Map(names.map((name, i) => [name, fresh[i]]));
    },
    segment: (classes, state, apply) => heapSegment(heap, classes.filter(({ params }) => params.length > 0), state, apply),
  };
}

function fresh(heap: TfjsHeap, shape: readonly number[]): Tensor {
  return tf.engine().makeTensorFromTensorInfo(heap.output(shape));
}

function copyOf(heap: TfjsHeap, x: Tensor): Tensor {
  const copy = fresh(heap, x.shape);
  heap.floats(copy).set(heap.floats(x));
  return copy;
}

interface Member {
  readonly name: string;
  readonly shape: readonly number[];
  /** Scalars and constants by input index, with their key in the state. */
  readonly numbers: readonly (readonly [input: number, key: string])[];
  /** Sums over this tensor, by input index. */
  readonly tensorSums: Map<number, number>;
}

interface CompiledPass {
  readonly pass: Pass;
  readonly kernel: WasmPass;
  /** Names of the arrays that the kernel takes. */
  readonly arrays: readonly string[];
}

interface Compiled {
  readonly program: Program;
  readonly passes: readonly (CompiledPass | null)[];
  readonly members: readonly Member[];
  readonly inputs: Float64Array;
}

function compile(heap: TfjsHeap, each: ParamClass, state: LinkState<Tensor>): Compiled {
  const program = programOf(each);
  const own = program.inputs.flatMap((name, i) => (each.params.some((param) => state.scalars.has(`${name}/${param.name}`) || state.constants.has(`${name}/${param.name}`)) ? [[i, name] as const] : []));
  return {
    program,
    passes: program.passes.map((pass) => pass && { pass, kernel: wasmPass(pass, heap.memory), arrays: arraysOf(pass).map((i) => program.arrays[i]) }),
    members: each.params.map(({ name, shape }) => ({ name, shape, numbers: own.map(([i, number]) => [i, `${number}/${name}`] as const), tensorSums: new Map<number, number>() })),
    inputs: new Float64Array(program.inputs.length),
  };
}

function heapSegment(heap: TfjsHeap, classes: readonly ParamClass[], state: LinkState<Tensor>, apply: boolean): Segment<Tensor> {
  const compiled = classes.map((each) => compile(heap, each, state));
  const levels = Math.max(0, ...compiled.map(({ passes }) => passes.length));
  const passes = compiled.flatMap((each) => each.passes.flatMap((pass) => pass ?? []));
  const room = [4 * Math.max(0, ...passes.map(({ pass }) => pass.uniforms)), 32 * Math.max(0, ...passes.map(({ pass }) => pass.sums.length))];
  return (input) => {
    // Everything is allocated before any address is taken: the heap may grow.
    const updated = new Map<string, Tensor>();
    for (const { members } of compiled) {
      for (const { name, shape } of members) if (input.updates.has(name)) updated.set(name, apply ? copyOf(heap, input.params.get(name)!) : fresh(heap, shape));
    }
    const [uniforms, lanes] = heap.scratch(...room);
    for (let level = 0; level < levels; level++) runLevel(heap, compiled, level, { input, state, updated, apply, uniforms, lanes });
    return updated;
  };
}

interface Update {
  readonly input: SegmentInput<Tensor>;
  readonly state: LinkState<Tensor>;
  readonly updated: ReadonlyMap<string, Tensor>;
  readonly apply: boolean;
  /** Where kernels read their uniforms. */
  readonly uniforms: number;
  /** Where they leave their sums. */
  readonly lanes: number;
}

/** One pass of all classes, so that a sum over all tensors is whole when the next pass reads it. */
function runLevel(heap: TfjsHeap, compiled: readonly Compiled[], level: number, update: Update): void {
  const totals = new Map<string, number>();
  for (const each of compiled) {
    const here = each.passes[level];
    if (!here) continue;
    for (const member of each.members) {
      if (!update.updated.has(member.name)) continue;
      setInputs(each, member, update);
      runPass(heap, here, each, member, update, totals);
      if (level === each.passes.length - 1) keepScalars(each, member, update.state);
    }
  }
  for (const [key, total] of totals) {
    for (const { program, inputs } of compiled) {
      const i = program.inputs.indexOf(key);
      if (i >= 0) inputs[i] = total;
    }
  }
}

function runPass(heap: TfjsHeap, { pass, kernel, arrays }: CompiledPass, { program, inputs }: Compiled, member: Member, update: Update, totals: Map<string, number>): void {
  const { uniforms, lanes } = update;
  const { buffer } = heap.memory;
  const addresses = arrays.map((array) => heap.at(arrayOf(array, member, update)));
  pass.evaluate(inputs, new Float32Array(buffer, uniforms, pass.uniforms));
  kernel(sizeOf(member.shape), uniforms, lanes, ...addresses);
  if (pass.sums.length === 0) return;
  const found = new Float64Array(buffer, lanes, 4 * pass.sums.length);
  pass.sums.forEach(({ key, over }, i) => {
    if (over === 'all') totals.set(key, (totals.get(key) ?? 0) + joined(found, i));
    else member.tensorSums.set(program.inputs.indexOf(key), joined(found, i));
  });
}

function arrayOf(array: string, { name }: Member, { input, state, updated, apply }: Update): Tensor {
  if (array === 'g') return input.updates.get(name)!;
  if (array === 'p') return apply ? updated.get(name)! : input.params.get(name)!;
  return array === 'u' ? updated.get(name)! : state.slots.get(`${array}/${name}`)!;
}

function setInputs({ program, inputs }: Compiled, { name, numbers, tensorSums }: Member, { input: { count, hyper }, state }: Update): void {
  program.inputs.forEach((key, i) => {
    if (key === 't') inputs[i] = count(name);
    else if (key in hyper) inputs[i] = hyper[key];
  });
  for (const [i, key] of numbers) inputs[i] = state.scalars.get(key) ?? state.constants.get(key)!;
  for (const [i, value] of tensorSums) inputs[i] = value;
}

function keepScalars({ program, inputs }: Compiled, { name }: Member, state: LinkState<Tensor>): void {
  const values = new Float64Array(program.scalars.length);
  program.evaluateScalars(inputs, values);
  program.scalars.forEach((scalar, i) => state.scalars.set(`${scalar}/${name}`, values[i]));
}
