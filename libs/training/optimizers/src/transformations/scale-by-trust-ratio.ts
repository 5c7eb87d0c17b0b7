/**
 * The trust ratio of LAMB: You et al. 2020, Algorithm 2, https://arxiv.org/abs/1904.00962
 *
 *   g ← g · ‖p‖/‖g‖, tensor by tensor; unchanged where either norm is 0
 */
import { div, eq, mul, sqrt, square, sum, where } from '@gradstream/numerics';
import { elementwise, link } from '../transformation.ts';

export const scaleByTrustRatio = link<object>('scaleByTrustRatio', {}, () =>
  elementwise('scaleByTrustRatio', {
    update: ({ g, p }) => {
      const [params, updates] = [sqrt(sum(square(p), 'tensor')), sqrt(sum(square(g), 'tensor'))];
      return { g: mul(g, where(eq(mul(params, updates), 0), 1, div(params, updates))) };
    },
  }));
