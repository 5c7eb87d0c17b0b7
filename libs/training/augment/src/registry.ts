import { registry, type Registry } from '@gradstream/numerics';
import { randomAffine, randomRotation, randomScale, randomShear } from './affine.ts';
import { augMix } from './aug-mix.ts';
import type { Augmentation } from './augmentation.ts';
import { randomBlur } from './blur.ts';
import { randomBrightness } from './brightness.ts';
import { randomGrayscale, randomHue, randomSaturation } from './color.ts';
import { randomContrast } from './contrast.ts';
import { randomCrop } from './crop.ts';
import { cutmix } from './cutmix.ts';
import { cutout } from './cutout.ts';
import { elastic } from './elastic.ts';
import { randomAutoContrast, randomEqualize } from './equalize.ts';
import { randomErasing } from './erasing.ts';
import { randomFlip } from './flip.ts';
import { randomGamma } from './gamma.ts';
import { randomInvert } from './invert.ts';
import { mixup } from './mixup.ts';
import { gaussianNoise, saltAndPepper } from './noise.ts';
import { randomPerspective } from './perspective.ts';
import { randomPosterize } from './posterize.ts';
import { randAugment } from './rand-augment.ts';
import { randomResizedCrop } from './resized-crop.ts';
import { featureDropout, jitter, timeMask } from './series.ts';
import { randomSharpen } from './sharpen.ts';
import { randomShift } from './shift.ts';
import { randomSolarize } from './solarize.ts';
import { trivialAugment } from './trivial-augment.ts';

/** Augmentations by the name a document uses (kind `augmentation`). */
export const augmentations: Registry<Augmentation> = registry(
  randomFlip, randomShift, randomCrop, randomResizedCrop, randomRotation, randomShear, randomScale, randomAffine, randomPerspective, elastic,
  randomBrightness, randomContrast, randomGamma, randomPosterize, randomSolarize, randomInvert, randomEqualize, randomAutoContrast,
  randomSaturation, randomHue, randomGrayscale, randomBlur, randomSharpen, gaussianNoise, saltAndPepper, randomErasing, cutout,
  randAugment, trivialAugment, augMix, mixup, cutmix, jitter, featureDropout, timeMask,
);
