/**
 * Prechelt 1998, "Early Stopping - But When?", https://doi.org/10.1007/3-540-49430-8_3: three classes of criteria.
 *
 *   GL(t)  = 100 · (E_va(t) / E_opt(t) − 1)                     E_opt: the lowest validation error so far
 *   P_k(t) = 1000 · (mean of E_tr over the last k / min of E_tr over the last k − 1)
 *
 *   GL_α   stop when GL(t) > α
 *   PQ_α   stop at the end of a strip of k when GL(t) / P_k(t) > α
 *   UP_s   stop when E_va has risen from one end of a strip to the next s times in a row
 *
 * The paper's epochs are evaluations here. An error that is NaN is as bad as an infinite one.
 */
import { factory, nonNegative, positiveInteger } from '@gradstream/numerics';
import { brief, type StoppingRule } from './rule.ts';

/** GL: by how many percent an error lies above the lowest so far. */
export const percentAbove = (error: number, lowest: number): number => (error === lowest ? 0 : Number.isNaN(error) ? Infinity : 100 * (error / lowest - 1));

/** P_k: how much the training error still moves within a strip, in parts of a thousand. */
export const trainingProgress = (strip: readonly number[]): number => 1000 * (strip.reduce((sum, error) => sum + error, 0) / (strip.length * Math.min(...strip)) - 1);

/** The default of the paper's experiments. */
const STRIP = 5;

export interface GeneralizationLossOptions {
  /** α, in percent. Default 5. */
  readonly alpha?: number;
}

/** GL_α: stops as soon as the error lies more than α percent above its lowest. */
export const generalizationLoss = factory<GeneralizationLossOptions, StoppingRule>('generalizationLoss', { alpha: nonNegative }, ({ alpha = 5 }) => ({
  name: 'generalizationLoss',
  judgesErrors: true,
  judge: ({ value, best }) => {
    const loss = percentAbove(value, best);
    return { memory: [], ...(loss > alpha ? { reason: `lies ${brief(loss)} % above its best, more than ${alpha} %` } : {}) };
  },
}));

export interface ProgressQuotientOptions {
  /** α, in percent for a thousandth of progress. Default 0.75. */
  readonly alpha?: number;
  /** k: evaluations in a strip. Default 5. */
  readonly strip?: number;
}

/** PQ_α: allows a generalization loss as long as training still makes progress. */
export const progressQuotient = factory<ProgressQuotientOptions, StoppingRule>('progressQuotient', { alpha: nonNegative, strip: positiveInteger }, ({ alpha = 0.75, strip = STRIP }) => ({
  name: 'progressQuotient',
  judgesErrors: true,
  judge: ({ value, best, train }, before) => {
    const errors = [...before, train];
    if (errors.length < strip) return { memory: errors };
    const [loss, progress] = [percentAbove(value, best), trainingProgress(errors)];
    const goesOn = loss === 0 || loss / progress <= alpha;
    return { memory: [], ...(goesOn ? {} : { reason: `lies ${brief(loss)} % above its best while training makes ${brief(progress)} thousandths of progress, a quotient above ${alpha}` }) };
  },
}));

export interface SuccessiveRisesOptions {
  /** s: strips in a row that end higher than the one before. Default 3. */
  readonly rises?: number;
  /** k: evaluations in a strip. Default 5. */
  readonly strip?: number;
}

/** UP_s: stops when the error goes up, however much, s strips in a row. */
export const successiveRises = factory<SuccessiveRisesOptions, StoppingRule>('successiveRises', { rises: positiveInteger, strip: positiveInteger }, ({ rises = 3, strip = STRIP }) => ({
  name: 'successiveRises',
  judgesErrors: true,
  judge: ({ value }, [seen = 0, risen = 0, end = Infinity]) => {
    if (seen + 1 < strip) return { memory: [seen + 1, risen, end] };
    const now = Number.isNaN(value) ? Infinity : value;
    const count = now > end ? risen + 1 : 0;
    return { memory: [0, count, now], ...(count >= rises ? { reason: `has risen for ${count} strip${count === 1 ? '' : 's'} of ${strip} evaluation${strip === 1 ? '' : 's'} in a row` } : {}) };
  },
}));
