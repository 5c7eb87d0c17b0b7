/** The sign of each number: −1, 0 or 1; NaN stays NaN. Bernstein et al. 2018, https://arxiv.org/abs/1802.04434 */
import { sign } from '@gradstream/numerics';
import { elementwise, link } from '../transformation.ts';

export const scaleBySign = link<object>('scaleBySign', {}, () => elementwise('scaleBySign', { update: ({ g }) => ({ g: sign(g) }) }));
