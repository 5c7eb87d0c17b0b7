// Contracts
export type { Augmentation, Masks, OutOf } from './augmentation.ts';
export { applyAll, applyAllToMasks, keyOf } from './apply.ts';
export { augmentations } from './registry.ts';
// Moving
export { randomFlip } from './flip.ts';
export type { FlipDraw, FlipOptions } from './flip.ts';
export { randomShift } from './shift.ts';
export type { ShiftDraw, ShiftOptions } from './shift.ts';
// Mixing
export { mixup } from './mixup.ts';
export type { MixupOptions } from './mixup.ts';
export type { MixDraw } from './mixing.ts';
