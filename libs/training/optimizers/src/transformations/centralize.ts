/**
 * Gradient centralization: Yong et al. 2020, "Gradient Centralization: A New Optimization Technique for Deep Neural Networks", equation 1,
 * https://arxiv.org/abs/2004.01461
 *
 *   g ← g − mean of g over all axes but the last (the output)
 *
 * Vectors are left alone. Torch code, with kernels [out, …], takes the mean over all axes but the first.
 */
import { element, mul, sub, uniform } from '@gradstream/numerics';
import { butLast } from '../arrays.ts';
import { link, tensorwise, type Tensorwise } from '../transformation.ts';

const centered = sub(element('g'), mul(element('total'), uniform('scale')));

export const centralize = link<object, Tensorwise>('centralize', {}, () =>
  tensorwise('centralize', {
    hyper: {},
    slots: () => ({}),
    update: ({ ops, param: { shape }, g }) => {
      if (shape.length < 2) return { g };
      const view = butLast(shape);
      return { g: ops.map(centered, { g, total: ops.spread(ops.sumMiddle(g, view), view) }, { scale: 1 / view[1] }) };
    },
  }));
