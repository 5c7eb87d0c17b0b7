import type { RunEvent, RunSpec } from '@gradstream/protocol';

/** Step events in a message, at most; other events are sent on at once. */
export const CHUNK = 64;
/** Messages that may be under way before the run waits: what bounds the memory of a run that nobody keeps up with. */
export const IN_FLIGHT = 8;

/** What a thread is told. */
export type ToRun = { readonly type: 'run'; readonly spec: RunSpec } | { readonly type: 'acknowledge' };

/** What a thread says. */
export type FromRun = { readonly type: 'events'; readonly events: readonly RunEvent[] } | { readonly type: 'done' } | { readonly type: 'failed'; readonly message: string };
