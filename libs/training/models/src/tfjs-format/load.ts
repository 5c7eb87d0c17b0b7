import type { io, Tensor } from '@tensorflow/tfjs-core';
import { checkFits, copyWeights, InputError, sizeOf, type Weight, type Weights } from '@gradstream/numerics';
import { at, build } from '../build.ts';
import type { Layer } from '../layer.ts';
import { residual } from '../layers/residual.ts';
import type { Model } from '../model.ts';
import { sequential } from '../models/sequential.ts';
import { startFrom } from '../models/start-from.ts';
import { shapeThrough } from '../shapes.ts';
import { loaders, type KerasConfig } from './loaders.ts';

/** What is needed of a `tf.LayersModel`; this lib does not depend on `@tensorflow/tfjs-layers`. */
export interface LayersModelLike {
  toJSON(unused: null, returnString: false): unknown;
  readonly weights: readonly { readonly originalName: string; read(): Tensor }[];
}

/** An existing Keras model as ours. */
export interface LoadedModel {
  /** Starts from the weights. Layers keep their names, and with them the params: `dense_1/kernel`. */
  readonly model: Model;
  /** Of one example. */
  readonly inputShape: readonly number[];
  /** Width of the last axis of the outputs. */
  readonly width: number;
  /** By param name. */
  readonly weights: Weights;
  /** What the model did to its last numbers. It is left out, for objectives take logits. */
  readonly link: 'softmax' | 'sigmoid' | 'identity';
}

/**
 * A `tf.LayersModel` (made with `tf.sequential`, `tf.model` or loaded from Keras) as a model to train.
 * It may be a chain of layers, with residual connections (an `Add` of a branch and where it began, or its 1 x 1 projection).
 * Regularizers and constraints of its layers are not taken over: they stand in `loss(…)`.
 *
 * @throws InputError naming the layer that has no counterpart here
 */
export function fromLayersModel(model: LayersModelLike): LoadedModel {
  const weights = new Map(model.weights.map((weight): [string, Weight] => {
    const tensor = weight.read();
    return [weight.originalName, { shape: tensor.shape, values: tensor.dataSync<'float32'>().slice() }];
  }));
  return fromTopology(model.toJSON(null, false), weights);
}

/** The same from `model.json` and its weights, without `@tensorflow/tfjs-layers`. Weights must be float32, not quantized. */
export function fromLayersModelArtifacts({ modelTopology, weightSpecs = [], weightData }: io.ModelArtifacts): LoadedModel {
  const bytes = Array.isArray(weightData) ? joined(weightData) : weightData;
  let offset = 0;
  const weights = new Map(weightSpecs.map(({ name, shape, dtype, quantization }): [string, Weight] => {
    if (dtype !== 'float32' || quantization) throw new InputError(`fromLayersModelArtifacts: weight '${name}' must be float32, received ${quantization ? 'quantized ' : ''}${dtype}`);
    const length = 4 * sizeOf(shape);
    if (!bytes || offset + length > bytes.byteLength) throw new InputError(`fromLayersModelArtifacts: the weights end before '${name}'`);
    const view = new DataView(bytes, offset, length);
    offset += length;
    return [name, { shape, values: Float32Array.from({ length: length / 4 }, (_, i) => view.getFloat32(4 * i, true)) }];
  }));
  return fromTopology(modelTopology, weights);
}

function joined(parts: readonly ArrayBuffer[]): ArrayBuffer {
  const whole = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(new Uint8Array(part), offset);
    offset += part.byteLength;
  }
  return whole.buffer;
}

/** A layer of the file: what it is and where its inputs come from. */
interface Node {
  readonly name: string;
  readonly className: string;
  readonly config: KerasConfig;
  readonly from: readonly string[];
}

function fromTopology(topology: unknown, weights: Weights): LoadedModel {
  const nodes = nodesOf(topology);
  const [first] = nodes.values();
  const inputShape = (first.config.batch_input_shape as (number | null)[] | undefined)?.slice(1) as number[] | undefined;
  if (!inputShape?.every(Number.isInteger)) throw new InputError(`fromLayersModel: '${first.name}' must have a known input shape, received ${JSON.stringify(first.config.batch_input_shape ?? null)}`);

  const { chain, link } = withoutLink(backwards(nodes, [...nodes.keys()].at(-1)!, undefined));
  const kerasNames = new Map<string, string>();
  const layers = convert(nodes, chain, inputShape, '', kerasNames);
  const width = shapeThrough(layers, inputShape).at(-1)!;
  const model = sequential({ layers });
  const { params } = build(model, inputShape, width);
  const given = new Map(params.map(({ name }): [string, Weight] => {
    const weight = weights.get(kerasNames.get(name)!);
    if (!weight) throw new InputError(`fromLayersModel: weight '${kerasNames.get(name)}' is missing`);
    return [name, weight];
  }));
  checkFits('fromLayersModel', params, given);
  return { model: startFrom(model, given), inputShape, width, link, weights: copyWeights(given) };
}

function nodesOf(topology: unknown): Map<string, Node> {
  type Entry = { class_name: string; name?: string; config: KerasConfig; inbound_nodes?: [string, ...unknown[]][][] };
  const outer = topology as { model_config?: unknown; class_name?: string; config?: Entry[] | { layers: Entry[]; output_layers?: unknown[]; input_layers?: unknown[] } };
  if (outer?.model_config) return nodesOf(outer.model_config);
  const entries = Array.isArray(outer?.config) ? outer.config : outer?.config?.layers;
  if (!entries?.length) throw new InputError("fromLayersModel: expected a layers model, received something without layers");
  const chained = outer.class_name === 'Sequential';
  return new Map(entries.map((entry, i): [string, Node] => {
    const { class_name: className, config, inbound_nodes: inbound = [] } = entry;
    const name = (entry.name ?? config.name) as string;
    if (inbound.length > 1) throw new InputError(`fromLayersModel: '${name}' is used more than once; shared layers have no counterpart here`);
    return [name, { name, className, config, from: chained ? entries.slice(Math.max(0, i - 1), i).map((before) => before.config.name as string) : (inbound[0] ?? []).map(([from]) => from) }];
  }));
}

/** The nodes from `until` (left out) to `name`, first to last; a residual sum counts as one node, at which its branches are skipped. */
function backwards(nodes: ReadonlyMap<string, Node>, name: string, until: string | undefined): Node[] {
  const path: Node[] = [];
  for (let at: string | undefined = name; at !== undefined && at !== until; ) {
    const node: Node = nodes.get(at)!;
    path.unshift(node);
    at = node.className === 'Add' ? branches(nodes, node).start : node.from[0];
    if (node.className !== 'Add' && node.from.length > 1) throw new InputError(`fromLayersModel: '${node.name}' (${node.className}) joins ${node.from.length} layers; only 'Add' of a branch and its start has a counterpart here`);
  }
  return path;
}

/** Where the two sides of a sum part, and what lies on each side; the longer one is the branch. */
function branches(nodes: ReadonlyMap<string, Node>, sum: Node): { start: string; branch: Node[]; shortcut: Node[] } {
  if (sum.from.length !== 2) throw new InputError(`fromLayersModel: '${sum.name}' adds ${sum.from.length} layers; two have a counterpart here`);
  const [one, other] = sum.from.map((name) => backwards(nodes, name, undefined).map((node) => node.name));
  const start = [...one].reverse().find((name) => other.includes(name));
  if (start === undefined) throw new InputError(`fromLayersModel: '${sum.name}' adds layers without a common start`);
  const [branch, shortcut] = sum.from.map((name) => backwards(nodes, name, start)).sort((a, b) => b.length - a.length);
  return { start, branch, shortcut };
}

/** Our layers for a chain of theirs; notes which of their weights each param is. */
function convert(nodes: ReadonlyMap<string, Node>, chain: readonly Node[], inputShape: readonly number[], path: string, kerasNames: Map<string, string>): Layer[] {
  let shape = inputShape;
  return chain.filter(({ className }) => className !== 'InputLayer').map((node) => {
    const as = node.name.replaceAll('/', '.');
    const layer = at(`fromLayersModel: '${node.name}' (${node.className})`, () => {
      if (node.className === 'Add') {
        const { branch, shortcut } = branches(nodes, node);
        if (shortcut.length > 1 || (shortcut.length === 1 && !isProjection(shortcut[0]))) {
          throw new InputError(`it adds a branch to ${shortcut.map(({ name }) => `'${name}'`).join(', ')}; only nothing or a 1 x 1 projection without bias has a counterpart here`);
        }
        if (shortcut.length === 1) kerasNames.set(`${path}${as}/projection`, `${shortcut[0].name}/kernel`);
        return residual({ layers: convert(nodes, branch, shape, `${path}${as}/`, kerasNames), as });
      }
      if (!Object.hasOwn(loaders, node.className)) throw new InputError('it has no counterpart here');
      const { layer, params = {} } = loaders[node.className](node.config, as, shape.length);
      for (const [local, keras] of Object.entries(params)) kerasNames.set(`${path}${as}/${local}`, `${node.name}/${keras}`);
      return layer;
    });
    shape = shapeThrough([layer], shape);
    return layer;
  });
}

const isProjection = ({ className, config }: Node): boolean =>
  config.use_bias === false && (config.activation ?? 'linear') === 'linear' && (className === 'Dense' || (className === 'Conv2D' && String(config.kernel_size) === '1,1' && config.padding === 'same'));

/** Takes a final softmax or sigmoid off. */
function withoutLink(chain: readonly Node[]): { readonly chain: readonly Node[]; readonly link: LoadedModel['link'] } {
  const last = chain.at(-1)!;
  const link = last.className === 'Softmax' ? 'softmax' : last.config.activation;
  if (link !== 'softmax' && link !== 'sigmoid') return { chain, link: 'identity' };
  const before = chain.slice(0, -1);
  return { link, chain: last.className === 'Softmax' || last.className === 'Activation' ? before : [...before, { ...last, config: { ...last.config, activation: 'linear' } }] };
}
