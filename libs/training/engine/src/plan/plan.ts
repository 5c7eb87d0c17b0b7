import { copyInputs, fold, hasBytes, InputError, sizeOf, type Examples, type Key, type Targets } from '@gradstream/numerics';
import type { BuiltLayer, BuiltModel } from '@gradstream/models';
import type { Arena, Block } from './arena.ts';
import type { Crew } from './crew.ts';
import type { NativeGemm } from '../native/blas.ts';
import type { Lap } from '../trainer.ts';
import { planners } from './layers/index.ts';
import type { PlannedLoss } from './objective.ts';
import { Program } from './program.ts';
import { floatsOf, gated, type ParamPlace, type Planned, type Site, type Value } from './site.ts';

/** What a plan is made for. */
export interface PlanRequest {
  readonly model: BuiltModel;
  readonly loss: PlannedLoss;
  readonly batch: number;
  readonly targets: Targets;
  /** Bytes are turned into numbers by the plan itself. */
  readonly bytes: boolean;
  readonly training: boolean;
  /** Threads beside the caller's, where there are. */
  readonly crew?: Crew;
  /** Carries out large products, where it is there. */
  readonly native?: NativeGemm;
  param(name: string): ParamPlace;
}

/** Where a plan's data stand, for batches of one shape. */
interface Layout {
  readonly program: Program;
  readonly staging: number;
  readonly input: Value;
  readonly targets: number;
  readonly scale: number;
  readonly weights: number;
  readonly outputs: Value;
  readonly losses: number;
  readonly hits: number;
  /** Addresses of keys by layer name. */
  readonly keys: ReadonlyMap<string, number>;
  readonly draws: readonly Draw[];
}

/** Numbers that the host draws before each step. */
interface Draw {
  readonly layer: string;
  readonly at: number;
  readonly length: number;
  readonly fill: (key: Key, out: Float32Array) => void;
}

const round64 = (bytes: number): number => (bytes + 63) & ~63;

/** The forward and backward pass of a model for batches of one shape, as a static list of kernel calls on memory of its own. */
export class Plan {
  private readonly items: ReturnType<Program['items']>;
  private sections?: ReturnType<Program['sections']>;
  private readonly inputs: Float32Array | Int32Array | Uint8Array;
  private readonly targets: Float32Array | Int32Array;
  private readonly scale: Float32Array;
  private readonly losses: Float64Array;
  private readonly hits: Int32Array;
  private readonly keys: readonly { readonly layer: string; readonly words: Int32Array }[];
  private readonly draws: readonly { readonly layer: string; readonly values: Float32Array; readonly fill: Draw['fill'] }[];

  private constructor(
    private readonly arena: Arena,
    readonly request: PlanRequest,
    private readonly layout: Layout,
    private readonly block: Block,
  ) {
    this.items = layout.program.items();
    const { input, outputs } = layout;
    const width = outputs.shape.at(-1)!;
    const rows = (request.batch * outputs.size) / width;
    const size = request.batch * input.size;
    this.inputs = request.bytes ? arena.bytes(layout.staging, size) : isTokens(request.model) ? arena.ints(input.at, size) : arena.floats(input.at, size);
    this.targets = request.targets === 'classes' ? arena.ints(layout.targets, rows) : arena.floats(layout.targets, rows * width);
    this.scale = arena.floats(layout.scale, 1);
    this.losses = arena.doubles(layout.losses, rows);
    this.hits = arena.ints(layout.hits, rows);
    this.keys = [...layout.keys].map(([layer, at]) => ({ layer, words: arena.ints(at, 2) }));
    this.draws = layout.draws.map(({ layer, at, length, fill }) => ({ layer, values: arena.floats(at, length), fill }));
  }

  /** A plan, or the layer that cannot be planned. */
  static make(arena: Arena, request: PlanRequest): Plan | BuiltLayer {
    // Laid out twice: once to see how much memory it takes, once in it.
    const sizes = { buffers: 0, scratch: 0 };
    const measured = layOut(arena, request, 0, 0, sizes);
    if (!('program' in measured)) return measured;
    const scratch = round64(sizes.scratch);
    const block = arena.allocate(sizes.buffers + scratch * partsOf(request));
    const layout = layOut(arena, request, block.at + scratch * partsOf(request), block.at, { buffers: 0, scratch }, scratch) as Layout;
    layout.program.seal();
    const plan = new Plan(arena, request, layout, block);
    if (request.loss.classWeights) arena.floats(layout.weights, request.loss.classWeights.length).set(request.loss.classWeights);
    return plan;
  }

  get program(): Program {
    return this.layout.program;
  }

  /** Runs the forward pass and, where it trains, the backward pass. */
  run(): void {
    if (this.layout.program.parts > 1) {
      this.request.crew!.run(this.layout.program);
      return;
    }
    this.carryOut(this.items);
  }

  private carryOut(items: ReturnType<Program['items']>): void {
    const { run } = this.arena.kernels;
    for (const item of items) {
      if (typeof item === 'function') item();
      else run(item.at, item.end);
    }
  }

  /** The same, part by part where one thread does it all. */
  runInParts(lap: Lap): void {
    const { program } = this.layout;
    if (program.parts > 1) {
      this.run();
      return lap('pass');
    }
    this.sections ??= program.sections();
    for (const { part, items } of this.sections) {
      this.carryOut(items);
      lap(part);
    }
  }

  /** Whether it is for examples like these. */
  fits(examples: Pick<Examples, 'size' | 'targets' | 'inputs'>, training: boolean): boolean {
    const { request } = this;
    return request.batch === examples.size && request.targets === examples.targets.kind && request.bytes === hasBytes(examples) && request.training === training;
  }

  /** Gives each layer that draws the key of its draws in a step. */
  setKeys(step: Key): void {
    for (const { layer, words } of this.keys) {
      const { k0, k1 } = fold(step, layer);
      words[0] = k0;
      words[1] = k1;
    }
    for (const { layer, values, fill } of this.draws) fill(fold(step, layer), values);
  }

  /** Copies a batch in. */
  feed(examples: Pick<Examples, 'inputs' | 'targets'>): void {
    if (isTokens(this.request.model)) this.inputs.set(tokens(examples.inputs, this.request.model));
    else copyInputs(examples, this.inputs);
    this.targets.set(examples.targets.values);
    this.scale[0] = 1 / this.divisor();
  }

  /** Mean loss of the batch that was run. */
  loss(): number {
    let sum = 0;
    for (let i = 0; i < this.losses.length; i++) sum += this.losses[i];
    return sum / this.divisor();
  }

  /** Share of rows whose largest output is the target's class. */
  accuracy(): number {
    let right = 0;
    for (let i = 0; i < this.hits.length; i++) right += this.hits[i];
    return right / this.hits.length;
  }

  /** A view of the outputs, [batch, ...shape]. */
  outputs(): Float32Array {
    return this.arena.floats(this.layout.outputs.at, this.request.batch * this.layout.outputs.size);
  }

  release(): void {
    this.layout.program.release();
    this.arena.release(this.block);
  }

  /** What the sum of losses is divided by: rows, or with class weights the sum of the labels' weights. */
  private divisor(): number {
    const { loss, targets } = this.request;
    if (!loss.classWeights || targets !== 'classes') return this.losses.length;
    let sum = 0;
    for (const label of this.targets) sum += loss.classWeights[label];
    return sum;
  }
}

/** From so many multiplications in a step on a second thread is worth its waiting. */
const CREW_FROM = 2_000_000;

/** Threads that share a plan. */
const partsOf = ({ crew, model, batch }: PlanRequest): number => (crew && batch >= 8 && multiplications(model.layers) * batch > CREW_FROM ? crew.parts : 1);

/** Multiplications of one example, forward and backward. */
const multiplications = (layers: readonly BuiltLayer[]): number =>
  layers.reduce((sum, { params, outputShape, inner = [] }) => sum + 3 * params.filter(({ role }) => role === 'kernel').reduce((n, { shape }) => n + sizeOf(shape), 0) * sizeOf(outputShape.slice(0, -1)) + multiplications(inner), 0);

/** Emits everything; buffers from `base` on, the scratch of thread i at `scratchBase + i · scratchSize`. */
function layOut(arena: Arena, request: PlanRequest, base: number, scratchBase: number, sizes: { buffers: number; scratch: number }, scratchSize = 0): Layout | BuiltLayer {
  const { model, loss, batch, training } = request;
  const parts = partsOf(request);
  const buffer = (bytes: number): number => {
    const at = base + sizes.buffers;
    sizes.buffers += round64(bytes);
    return at;
  };
  const program = new Program(arena, parts, buffer, request.native);
  const keys = new Map<string, number>();
  const draws: Draw[] = [];
  const waiting: (() => void)[] = [];
  let refused: BuiltLayer | undefined;
  const site: Site = {
    program, batch, training, buffer,
    param: request.param,
    scratch: (part, bytes) => {
      sizes.scratch = Math.max(sizes.scratch, bytes);
      return scratchBase + part * scratchSize;
    },
    key: (layer) => {
      if (!keys.has(layer)) keys.set(layer, buffer(8));
      return keys.get(layer)!;
    },
    drawn: (layer, length, fill) => {
      const at = buffer(floatsOf(length));
      draws.push({ layer, at, length, fill });
      return at;
    },
    examples: (emit) => program.split(batch, 4, emit),
    later: (emit) => (parts === 1 ? emit() : void waiting.push(emit)),
    through: (layers, input) => through(site, layers, input, (layer) => void (refused ??= layer)),
  };

  const size = sizeOf(model.inputShape);
  const staging = request.bytes ? buffer(batch * size) : 0;
  const input: Value = { at: buffer(floatsOf(batch * size)), shape: model.inputShape, size, gate: 0, differentiable: false };
  if (request.bytes) site.examples((part, first, end) => program.call(part, 'unitFromBytes', staging + first * size, (end - first) * size, input.at + floatsOf(first * size)));

  const planned = site.through(model.layers, input);
  if (!planned) return refused!;
  program.ends('forward');
  const { output } = planned;
  const width = output.shape.at(-1)!;
  const perExample = output.size / width;
  const rows = batch * perExample;
  const kind = request.targets === 'classes' ? 0 : 1;
  const targets = buffer(floatsOf(rows * (kind === 0 ? 1 : width)));
  const scale = buffer(4);
  const weights = loss.classWeights ? buffer(floatsOf(width)) : 0;
  const losses = buffer(rows * 8);
  const hits = buffer(floatsOf(rows));
  const dOutputs = buffer(floatsOf(rows * width));
  site.examples((part, first, end) => {
    const [from, to] = [first * perExample, end * perExample];
    if (loss.kernel === 'squaredError') program.call(part, 'squaredError', kind, output.at, targets, from, to, width, scale, losses, dOutputs);
    else program.call(part, 'softmaxCrossEntropy', kind, output.at, targets, from, to, width, training ? loss.labelSmoothing : 0, weights, scale, losses, dOutputs);
    program.call(part, 'hits', kind, output.at, targets, from, to, width, hits);
  });

  program.ends('loss');
  if (training) {
    if (output.differentiable) planned.backward(gated(site, dOutputs, output));
    program.barrier();
    for (const emit of waiting) emit();
  }
  program.barrier();
  program.ends('backward');
  return { program, staging, input, targets, scale, weights, outputs: output, losses, hits, keys, draws };
}

/** Layers one after the other, and their backward passes in turn. */
function through(site: Site, layers: readonly BuiltLayer[], input: Value, refuse: (layer: BuiltLayer) => void): Planned | null {
  const steps: Planned[] = [];
  let value = input;
  for (const layer of layers) {
    const planner = Object.hasOwn(planners, layer.layer.kind) ? planners[layer.layer.kind] : undefined;
    const step = planner?.(site, layer, value);
    if (!step) {
      refuse(layer);
      return null;
    }
    steps.push(step);
    value = step.output;
  }
  return {
    output: value,
    backward: (dOut) => {
      let gradient = dOut;
      for (let i = steps.length - 1; i >= 0 && gradient !== 0 && steps[i].output.differentiable; i--) gradient = steps[i].backward(gradient);
      return input.differentiable ? gradient : 0;
    },
  };
}

const isTokens = ({ layers }: BuiltModel): boolean => layers[0]?.layer.kind === 'embedding';

/** Refuses tokens outside the vocabulary: the table would be read beyond its end. */
function tokens(inputs: ArrayLike<number>, { layers }: BuiltModel): ArrayLike<number> {
  const vocabulary = layers[0].layer.vocabulary as number;
  for (let i = 0; i < inputs.length; i++) {
    if (!(inputs[i] >= 0 && inputs[i] < vocabulary)) throw new InputError(`${layers[0].name}: tokens must be in [0, ${vocabulary}), received ${inputs[i]}`);
  }
  return inputs;
}
