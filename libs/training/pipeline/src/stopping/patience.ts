import { factory, wholeNumber } from '@gradstream/numerics';
import type { StoppingRule } from './rule.ts';

export interface PatienceOptions {
  /** Evaluations in a row without an improvement before the run stops; 0 means 1. Default 3. */
  readonly evaluations?: number;
}

/** Stops when nothing has improved for a while: Goodfellow, Bengio, Courville 2016, "Deep Learning", algorithm 7.1. */
export const patience = factory<PatienceOptions, StoppingRule>('patience', { evaluations: wholeNumber }, ({ evaluations = 3 }) => ({
  name: 'patience',
  judgesErrors: false,
  judge: ({ improved }, [waited = 0]) => {
    const wait = improved ? 0 : waited + 1;
    return { memory: [wait], ...(!improved && wait >= Math.max(1, evaluations) ? { reason: `has not improved for ${wait} evaluation${wait === 1 ? '' : 's'}` } : {}) };
  },
}));
