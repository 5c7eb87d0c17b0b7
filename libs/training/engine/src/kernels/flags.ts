/** What happens to a tile on its way to memory (`assembly/tile.ts`). */
export const ACCUMULATE = 1;
export const BIAS = 2;
export const RELU = 4;
export const MASK = 8;

/** Element-wise functions by number (`assembly/activation.ts`). */
export const ACTIVATIONS = { linear: 0, relu: 1, leakyRelu: 2, elu: 3, selu: 4, gelu: 5, swish: 6, sigmoid: 7, tanh: 8, softplus: 9 } as const;
