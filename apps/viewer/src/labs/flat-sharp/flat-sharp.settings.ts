import type { TrainSettings } from '../../train/settings.model.ts';
import { labData, labStart, oneOf, parseTraining, wholeIn } from '../landscape/landscape.settings.ts';

/** What becomes of the learning rate when the batch grows k-fold: nothing, k (Goyal et al. 2017), or √k. */
export const rateRules = ['same', 'linear', 'root'] as const;
export const stretches = [2, 5, 10] as const;

export interface FlatSharpSettings {
  /** Of both; the batch size is that of the small one. */
  readonly training: TrainSettings;
  readonly large: number;
  readonly rule: (typeof rateRules)[number];
  /** Both stop at the first epoch with at most this loss on all training examples. */
  readonly until: number;
  /** Exponents of ten: half the width of Keskar's box, and the length of SAM's step. */
  readonly eps: number;
  readonly rho: number;
  /** Seed of the random direction. */
  readonly directions: number;
  /** By how much the first layer of the small-batch solution is stretched and the second one shrunk; 1 leaves it as it is. */
  readonly stretch: number;
  readonly log: boolean;
}

type Given = Readonly<Record<string, string>>;

const numberIn = (text: string | undefined, least: number, greatest: number, otherwise: number): number => {
  const value = Number(text);
  return text !== undefined && text.trim() !== '' && value >= least && value <= greatest ? value : otherwise;
};

/** Reads the comparison from an address; what is not allowed stands at its default. */
export function parseFlatSharp(given: Given): FlatSharpSettings {
  const data = oneOf(given.data, labData, 'digits');
  // On digits a rate at which the batch size shows: with 20 seeds λmax was the greater for the large batch each time, 1.6 to 4 times, φ only 13 times.
  const training = parseTraining(given, { ...labStart(data), activation: 'relu', batchSize: 16, epochs: 400, ...(data === 'digits' ? { learningRate: 0.03 } : {}) });
  return {
    training: { ...training, batchSize: wholeIn(given.small, 1, 400, training.batchSize) },
    large: wholeIn(given.large, 1, 400, 400),
    rule: oneOf(given.rule, rateRules, 'same'),
    until: numberIn(given.until, 1e-3, 1, 0.05),
    eps: numberIn(given.eps, -5, -1, -3),
    rho: numberIn(given.rho, -3, 0, -1),
    directions: wholeIn(given.directions, 0, 2 ** 31, 0),
    stretch: stretches.find((stretch) => String(stretch) === given.stretch) ?? 1,
    log: given.log !== '0',
  };
}

/** The training of the large-batch solution. */
export function largeOf({ training, large, rule }: Pick<FlatSharpSettings, 'training' | 'large' | 'rule'>): TrainSettings {
  const times = large / training.batchSize;
  return { ...training, batchSize: large, learningRate: Number((training.learningRate * { same: 1, linear: times, root: Math.sqrt(times) }[rule]).toPrecision(4)) };
}

/** Whether the two layers can be rescaled without changing the function: only where what is between them stretches along. */
export const canStretch = ({ training: { activation, hidden } }: Pick<FlatSharpSettings, 'training'>): boolean => activation === 'relu' && hidden.length > 0;
