// Contracts
export type { Augmentation, Masks, OutOf } from './augmentation.ts';
export { applyAll, applyAllToMasks, augmented, keyOf } from './apply.ts';
export { augmentations } from './registry.ts';
// In workers
export { batchPool } from './pool.ts';
export type { BatchPool, PoolOptions } from './pool.ts';
export { browserWorker } from './browser-worker.ts';
export { serveAugmentations } from './serve.ts';
export type { Answer, Job, Setup, WorkerPort } from './messages.ts';
// Your own
export { perImage } from './image.ts';
export type { Image, ImageDraws, ImageMethod, ImageShape } from './image.ts';
// Moving pixels
export { randomFlip } from './flip.ts';
export type { FlipOptions } from './flip.ts';
export { randomShift } from './shift.ts';
export type { ShiftDraw, ShiftOptions } from './shift.ts';
export { randomCrop } from './crop.ts';
export type { CropDraw, CropOptions } from './crop.ts';
export { randomResizedCrop } from './resized-crop.ts';
export type { ResizedCropOptions } from './resized-crop.ts';
export { randomAffine, randomRotation, randomScale, randomShear } from './affine.ts';
export type { AffineOptions, RotationOptions, ScaleOptions, ShearOptions } from './affine.ts';
export { randomPerspective } from './perspective.ts';
export type { PerspectiveOptions } from './perspective.ts';
export { elastic } from './elastic.ts';
export type { ElasticOptions } from './elastic.ts';
export type { Matrix, WarpOptions } from './warp.ts';
export type { Coordinates, Sampling } from './resample.ts';
// Light and colour
export { randomBrightness } from './brightness.ts';
export { randomContrast } from './contrast.ts';
export { randomGamma } from './gamma.ts';
export { randomPosterize } from './posterize.ts';
export type { PosterizeOptions } from './posterize.ts';
export { randomSolarize } from './solarize.ts';
export type { SolarizeOptions } from './solarize.ts';
export { randomInvert } from './invert.ts';
export { randomAutoContrast, randomEqualize } from './equalize.ts';
export { randomGrayscale, randomHue, randomSaturation } from './color.ts';
export type { HueOptions } from './color.ts';
export { randomBlur } from './blur.ts';
export type { BlurOptions } from './blur.ts';
export { randomSharpen } from './sharpen.ts';
export type { AmountOptions, ToneOptions } from './tone.ts';
// Noise and holes
export { gaussianNoise, saltAndPepper } from './noise.ts';
export type { GaussianNoiseOptions, SaltAndPepperOptions } from './noise.ts';
export { randomErasing } from './erasing.ts';
export type { ErasingDraw, ErasingOptions } from './erasing.ts';
export { cutout } from './cutout.ts';
export type { CutoutOptions } from './cutout.ts';
export type { Box } from './boxes.ts';
// Policies
export { randAugment } from './rand-augment.ts';
export type { RandAugmentOptions } from './rand-augment.ts';
export { trivialAugment } from './trivial-augment.ts';
export { augMix } from './aug-mix.ts';
export type { AugMixDraw, AugMixOptions } from './aug-mix.ts';
export type { Chosen, OperationName } from './operations.ts';
// Mixing
export { mixup } from './mixup.ts';
export { cutAt, cutmix } from './cutmix.ts';
export type { CutMixDraw } from './cutmix.ts';
export type { MixDraw, MixOptions } from './mixing.ts';
// Tables and series
export { featureDropout, jitter, timeMask } from './series.ts';
export type { FeatureDropoutOptions, JitterOptions, TimeMaskDraw, TimeMaskOptions } from './series.ts';
