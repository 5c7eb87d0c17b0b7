import { studiesOf } from '../recipe/study.ts';
import { adamEpsilon } from './adam-epsilon.ts';
import { dropoutExact, gradientNoiseLaw, noiseIsRidge } from './noise.ts';
import { batchNormShape, cutmixArea, earlyStopRestore, labelSmoothingLogit } from './parts-of-training.ts';
import { gapLaw, polynomialPopulation } from './polynomials.ts';
import { constantGradient, deadUnit, decayAlone, firstStep, quadraticRace, slotCount } from './update-rules.ts';

/** Studies of laws that theory gives to the last digit. */
export const exactStudies = studiesOf(
  gapLaw, polynomialPopulation, gradientNoiseLaw, quadraticRace, constantGradient, firstStep, slotCount, decayAlone, deadUnit,
  noiseIsRidge, dropoutExact, labelSmoothingLogit, batchNormShape, cutmixArea, earlyStopRestore, adamEpsilon,
);
