import { lazy, type ComponentType } from 'react';
import type { View } from '../view/view.model.ts';

/** The labs by the name that stands in the address, in the order in which they are listed; each loads when it is opened. */
export const labs = {
  race: lazy(() => import('./race/race-page.tsx')),
  'bias-variance': lazy(() => import('./bias-variance/bias-variance-page.tsx')),
  regularization: lazy(() => import('./regularization/regularization-page.tsx')),
  landscape: lazy(() => import('./landscape/landscape-page.tsx')),
  'flat-sharp': lazy(() => import('./flat-sharp/flat-sharp-page.tsx')),
} satisfies Readonly<Record<string, ComponentType<{ readonly view: View }>>>;

export type LabName = keyof typeof labs;
export const labNames = Object.keys(labs) as readonly LabName[];
