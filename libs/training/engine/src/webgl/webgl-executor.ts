import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
import { schedule, type Expr, type ParamInfo, type Pass, type Program } from '@gradstream/numerics';
import { tfExecutor, type Executor, type LinkState, type ParamClass, type Segment, type SegmentInput } from '@gradstream/optimizers';
import { LARGEST_RANK, storeProgram, type StoreProgram } from './fragment-program.ts';
import { withoutSums, type WithoutSums } from './sums.ts';

/** An executor whose element-wise rules run as fragment programs, and what it took on. */
export interface WebglUpdates {
  readonly executor: Executor<Tensor>;
  /** Whether every element-wise rule so far runs as fragment programs; the rest are TensorFlow.js's operations. */
  readonly fused: () => boolean;
}

/**
 * Optimizers on TensorFlow.js's WebGL backend: for each param and each array that a fused chain changes one fragment program,
 * instead of a program for every operation. Sums (norms) stay on the device.
 */
export function webglUpdates(): WebglUpdates {
  let [taken, left] = [0, 0];
  return {
    fused: () => taken > 0 && left === 0,
    executor: {
      ...tfExecutor,
      segment: (classes, state, apply) => {
        const members = canRun() ? membersOf(classes.filter(({ params }) => params.length > 0)) : undefined;
        if (members) taken++;
        else left++;
        return members ? fragmentSegment(members, state, apply) : tfExecutor.segment(classes, state, apply);
      },
    },
  };
}

const backend = (): MathBackendWebGL => tf.backend() as MathBackendWebGL;

/** The programs are GLSL ES 3.00 on packed textures. */
const canRun = (): boolean => tf.getBackend() === 'webgl' && tf.env().getNumber('WEBGL_VERSION') === 2 && tf.env().getBool('WEBGL_PACK') && typeof backend().runWebGLProgram === 'function';

/** A program of one pass, with the fragment program of each array that it stores. */
interface Compiled {
  readonly program: Program;
  readonly pass: Pass;
  readonly stores: readonly (readonly [array: string, program: StoreProgram])[];
}

/** A param and the rules that work on it. */
interface Member {
  readonly param: ParamInfo;
  readonly main: Compiled;
  /** What each sum adds up, by the name of the array that stands for it. */
  readonly sums: ReadonlyMap<string, { readonly over: 'tensor' | 'all'; readonly summand: Compiled }>;
}

function membersOf(classes: readonly ParamClass[]): Member[] | undefined {
  const members: Member[] = [];
  for (const each of classes) {
    const rules = withoutSums(each);
    if (!rules || each.params.some(({ shape }) => shape.length > LARGEST_RANK)) return undefined;
    members.push(...each.params.map((param) => memberOf(param, rules)));
  }
  return members;
}

function memberOf(param: ParamInfo, { outputs, scalars, sums }: WithoutSums): Member {
  return {
    param,
    main: compile(outputs, scalars, param.shape),
    sums: new Map([...sums].map(([name, { over, of }]) => [name, { over, summand: compile({ [name]: of }, {}, param.shape) }])),
  };
}

function compile(outputs: Readonly<Record<string, Expr>>, scalars: Readonly<Record<string, Expr>>, shape: readonly number[]): Compiled {
  const program = schedule(outputs, scalars);
  const pass = program.passes[0]!;
  return { program, pass, stores: pass.stores.map(({ array, register }) => [program.arrays[array], storeProgram(pass, register, shape)] as const) };
}

function fragmentSegment(members: readonly Member[], state: LinkState<Tensor>, apply: boolean): Segment<Tensor> {
  const output = apply ? 'p' : 'u';
  return (input) => {
    const present = members.filter(({ param }) => input.updates.has(param.name));
    const sums = sumsOf(present, input, state);
    // Everything is computed before anything is written: programs read the old values.
    const results = present.map((member) => ({ member, inputs: inputsOf(member.main.program, member.param, input, state) })).map(({ member, inputs }) => ({
      member, arrays: run(member.main, inputs, (name) => arrayOf(member, name, input, state, sums)), numbers: numbersOf(member.main.program, inputs),
    }));
    const updated = new Map<string, Tensor>();
    for (const { member: { param: { name }, main }, arrays, numbers } of results) {
      for (const [array, next] of arrays) {
        const key = `${array}/${name}`;
        if (array === output) updated.set(name, next);
        else {
          state.slots.get(key)!.dispose();
          state.slots.set(key, tf.keep(next));
        }
      }
      main.program.scalars.forEach((scalar, i) => state.scalars.set(`${scalar}/${name}`, numbers[i]));
    }
    return updated;
  };
}

/** Values of a program's inputs for one param: the count, hyper-parameters, and numbers of its own. */
const inputsOf = ({ inputs }: Program, { name }: ParamInfo, { count, hyper }: SegmentInput<Tensor>, { scalars, constants }: LinkState<Tensor>): number[] =>
  inputs.map((input) => (input === 't' ? count(name) : hyper[input] ?? scalars.get(`${input}/${name}`) ?? constants.get(`${input}/${name}`)!));

function numbersOf(program: Program, inputs: readonly number[]): Float64Array {
  const values = new Float64Array(program.scalars.length);
  program.evaluateScalars(inputs, values);
  return values;
}

/** Runs the programs of a pass; one fresh tensor for each array. */
function run({ pass, stores, program }: Compiled, inputs: readonly number[], arrayNamed: (name: string) => Tensor): (readonly [string, Tensor])[] {
  const uniforms = new Float32Array(pass.uniforms);
  pass.evaluate(inputs, uniforms);
  const arrays = pass.loads.map((load) => packed(arrayNamed(program.arrays[load])));
  return stores.map(([array, { inputs: read, ...fragment }]) => {
    const info = backend().runWebGLProgram(fragment, read.map((load) => arrays[load]), 'float32', fragment.uniforms.map((register) => [uniforms[register]]), true);
    return [array, tf.engine().makeTensorFromTensorInfo(info)] as const;
  });
}

/** A tensor as programs read it: repacked once for all of them, where it is not packed. */
function packed(x: Tensor): Tensor {
  const { texture, isPacked } = backend().texData.get(x.dataId);
  return texture && !isPacked ? tf.engine().makeTensorFromTensorInfo(backend().packTensor(x)) : x;
}

/** Sums as arrays of one number, each made when it is first asked for. */
type Sums = (member: Member, name: string) => Tensor;

function arrayOf(member: Member, name: string, { updates, params }: SegmentInput<Tensor>, { slots }: LinkState<Tensor>, sums: Sums): Tensor {
  const { param } = member;
  if (name === 'g') return updates.get(param.name)!;
  if (name === 'p') return params.get(param.name)!;
  return name.startsWith('#') ? sums(member, name) : slots.get(`${name}/${param.name}`)!;
}

function sumsOf(members: readonly Member[], input: SegmentInput<Tensor>, state: LinkState<Tensor>): Sums {
  const known = new Map<string, Tensor>();
  const within = (member: Member, name: string): Tensor => {
    const { summand } = member.sums.get(name)!;
    const [[, values]] = run(summand, inputsOf(summand.program, member.param, input, state), (array) => arrayOf(member, array, input, state, sums));
    return tf.sum(values);
  };
  const sums: Sums = (member, name) => {
    const overAll = member.sums.get(name)!.over === 'all';
    const key = overAll ? name : `${name}/${member.param.name}`;
    let total = known.get(key);
    if (!total) {
      const parts = (overAll ? members.filter((each) => each.sums.has(name)) : [member]).map((each) => within(each, name));
      known.set(key, (total = parts.length === 1 ? parts[0] : tf.addN(parts)));
    }
    return total;
  };
  return sums;
}
