import { mergeMap, type OperatorFunction } from 'rxjs';
import type { Aside } from '@gradstream/protocol';
import { RUN, type Live } from './run.ts';

/**
 * Puts what stages say beside the numbers (`histograms`, `sampleImages`) into the stream, behind the event of the step that
 * it belongs to. Put it below `metrics` and above `publish`.
 */
export const asides = <E extends Live>(): OperatorFunction<E, E | (Aside & Live)> =>
  mergeMap((event) => {
    const said = event[RUN].heard();
    return said.length === 0 ? [event] : [event, ...said.map((aside) => ({ ...aside, [RUN]: event[RUN] }))];
  });
