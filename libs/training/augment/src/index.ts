// Contracts
export type { Augmentation } from './augmentation.ts';
