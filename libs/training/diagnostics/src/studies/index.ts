import { studiesOf } from '../recipe/study.ts';
import { training } from './training.ts';

/** Studies of what holds on the average: each trains, or fits, and measures. */
export const statisticalStudies = studiesOf(training);
