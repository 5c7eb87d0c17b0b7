import type { io } from '@tensorflow/tfjs-core';
import { checkFits, InputError, type Weight, type Weights } from '@gradstream/numerics';
import type { BuiltLayer, BuiltModel } from '../model.ts';
import { KerasGraph } from './graph.ts';
import { savers } from './savers.ts';

/**
 * A model as TensorFlow.js's own layers format: a functional Keras model of stock layers, and its weights.
 * `tf.loadLayersModel(tf.io.fromMemory(artifacts))` predicts what `apply` gives in evaluation (logits, to float32 rounding).
 * Layers that only act in training (stochastic depth, noise) leave nothing behind.
 *
 * @throws InputError for a layer that no stock layer can express, or weights that do not fit
 */
export function toLayersModelArtifacts(built: BuiltModel, weights: Weights): io.ModelArtifacts & { readonly modelTopology: object; readonly weightSpecs: io.WeightsManifestEntry[]; readonly weightData: ArrayBuffer } {
  checkFits('toLayersModelArtifacts', built.params, weights);
  const graph = new KerasGraph();
  const input = graph.add('input', 'InputLayer', [], { batch_input_shape: [null, ...built.inputShape], dtype: built.layers[0]?.layer.kind === 'embedding' ? 'int32' : 'float32', sparse: false });
  const output = saveAll(graph, built.layers, weights, input);
  return {
    format: 'layers-model',
    generatedBy: 'Gradstream',
    convertedBy: null,
    modelTopology: {
      class_name: 'Model',
      config: { name: built.model.name, layers: graph.layers, input_layers: [[input, 0, 0]], output_layers: [[output, 0, 0]] },
      keras_version: 'tfjs-layers 4.22.0',
      backend: 'tensor_flow.js',
    },
    ...packed(graph.weights),
  };
}

/** The files of a saved model: `model.json` and `weights.bin`, as `tf.loadLayersModel` reads them from a folder. */
export function layersModelFiles(built: BuiltModel, weights: Weights): { readonly 'model.json': Uint8Array; readonly 'weights.bin': Uint8Array } {
  const { weightSpecs, weightData, ...rest } = toLayersModelArtifacts(built, weights);
  const json = { ...rest, weightsManifest: [{ paths: ['weights.bin'], weights: weightSpecs }] };
  return { 'model.json': new TextEncoder().encode(`${JSON.stringify(json)}\n`), 'weights.bin': new Uint8Array(weightData) };
}

function saveAll(graph: KerasGraph, layers: readonly BuiltLayer[], weights: Weights, input: string): string {
  return layers.reduce((from, built) => {
    const save = savers[built.layer.kind];
    if (!save) throw new InputError(`toLayersModelArtifacts: ${built.name}: no layer of TensorFlow.js does what '${built.layer.kind}' does; save the weights instead`);
    return save({
      graph,
      built,
      from,
      options: built.layer as unknown as Readonly<Record<string, never>>,
      weight: (local) => weights.get(`${built.name}/${local}`),
      inner: (start) => saveAll(graph, built.inner ?? [], weights, start),
    });
  }, input);
}

/** Weights one after the other in one buffer, little-endian float32. */
function packed(weights: ReadonlyMap<string, Weight>): { weightSpecs: io.WeightsManifestEntry[]; weightData: ArrayBuffer } {
  const weightSpecs = [...weights].map(([name, { shape }]) => ({ name, shape: [...shape], dtype: 'float32' as const }));
  const weightData = new ArrayBuffer([...weights.values()].reduce((bytes, { values }) => bytes + 4 * values.length, 0));
  const view = new DataView(weightData);
  let offset = 0;
  for (const { values } of weights.values()) {
    for (const value of values) {
      view.setFloat32(offset, value, true);
      offset += 4;
    }
  }
  return { weightSpecs, weightData };
}
