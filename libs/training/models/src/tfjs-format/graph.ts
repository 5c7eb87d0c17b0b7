import type { Weight } from '@gradstream/numerics';

/** A layer of a Keras functional model, as `model.json` writes it. */
export interface KerasLayer {
  readonly name: string;
  readonly class_name: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly inbound_nodes: readonly (readonly (readonly [layer: string, node: 0, tensor: 0, kwargs: object])[])[];
}

/** Collects the layers and weights of a functional model in the order in which they are applied. */
export class KerasGraph {
  readonly layers: KerasLayer[] = [];
  readonly weights = new Map<string, Weight>();
  private readonly names = new Set<string>();

  /**
   * Adds a layer behind one or more others and returns its name.
   *
   * @param weights by Keras' local name: `kernel`, `moving_mean`
   */
  add(name: string, className: string, from: string | readonly string[], config: object, weights: Readonly<Record<string, Weight | undefined>> = {}): string {
    const unique = this.unique(name);
    const inbound = [from].flat().map((layer) => [layer, 0, 0, {}] as const);
    this.layers.push({ name: unique, class_name: className, config: { name: unique, trainable: true, ...config }, inbound_nodes: inbound.length > 0 ? [inbound] : [] });
    for (const [local, weight] of Object.entries(weights)) if (weight) this.weights.set(`${unique}/${local}`, weight);
    return unique;
  }

  /** y = scale · x + offset, one scale and one offset for each number of the last axis: the stock layer that does this is a frozen batch normalization. */
  affine(name: string, from: string, scale: Float32Array, offset: Float32Array): string {
    const size = scale.length;
    const of = (values: Float32Array): Weight => ({ shape: [size], values });
    return this.add(name, 'BatchNormalization', from, { axis: -1, momentum: 0.99, epsilon: 1e-12, center: true, scale: true, trainable: false }, {
      gamma: of(scale),
      beta: of(offset),
      moving_mean: of(new Float32Array(size)),
      moving_variance: of(new Float32Array(size).fill(1)),
    });
  }

  reshape(name: string, from: string, shape: readonly number[]): string {
    return this.add(name, 'Reshape', from, { target_shape: shape });
  }

  /** `x` for the first, then `x_2`, `x_3` … */
  private unique(name: string): string {
    let candidate = name;
    for (let n = 2; this.names.has(candidate); n++) candidate = `${name}_${n}`;
    this.names.add(candidate);
    return candidate;
  }
}
