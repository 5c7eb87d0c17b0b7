import type { Observable, OperatorFunction } from 'rxjs';

/** How a stage stands in a run document: the name of its entry and what stands there. */
export interface StageSpec {
  readonly stage: string;
  readonly [option: string]: unknown;
}

/** An operator that can say what it is. */
export type Stage<A, B> = OperatorFunction<A, B> & { toSpec(): StageSpec };

interface Record {
  readonly source?: Observable<unknown>;
  readonly spec: () => StageSpec;
}

const records = new WeakMap<Observable<unknown>, Record>();

/** What made an observable, when one of our stages did. */
export const recordOf = (observable: Observable<unknown>): Record | undefined => records.get(observable);

/** Remembers what made an observable. */
export function recorded<T>(observable: Observable<T>, spec: () => StageSpec, source?: Observable<unknown>): Observable<T> {
  records.set(observable, { source, spec });
  return observable;
}

/** Makes an operator a stage. */
export const stage = <A, B>(spec: () => StageSpec, connect: (source: Observable<A>) => Observable<B>): Stage<A, B> =>
  Object.assign((source: Observable<A>) => recorded(connect(source), spec, source), { toSpec: spec });

/** Gives a name to operators of one's own, so that a described run shows it instead of `opaque`. */
export const named = <A, B>(name: string, operator: OperatorFunction<A, B>): Stage<A, B> => stage(() => ({ stage: 'opaque', opaque: name }), operator);
