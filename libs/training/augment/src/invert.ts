import { mapAllTones, toning, type ToneOptions } from './tone.ts';

/** Turns images into their negative, with probability 0.5 unless given. */
export const randomInvert = toning<ToneOptions>('randomInvert', {}, () => [0, 1], (from, to) => mapAllTones(from, to, (v) => 1 - v), 0.5);
