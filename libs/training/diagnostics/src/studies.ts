import { exactStudies } from './exact/index.ts';
import type { Studies } from './recipe/study.ts';
import { statisticalStudies } from './studies/index.ts';

/** Everything a recipe may ask for, by name. */
export const studies: Studies = { ...exactStudies, ...statisticalStudies };
