import type { CommandBody, RunPatch } from '@gradstream/protocol';
import { Observable, type Subscription } from 'rxjs';
import { buffersOf } from './pack.ts';
import type { CurveBuckets, CurveWindow, RunSource, WatchEvent } from './source.ts';

/** What a page asks of the thread that reads: a stream of the source, or the end of one. `call` tells them apart. */
export type Ask =
  | { readonly type: 'open'; readonly url: string }
  | { readonly type: 'list'; readonly call: number }
  | { readonly type: 'recent'; readonly call: number; readonly after: number }
  | { readonly type: 'patch'; readonly call: number; readonly id: string; readonly change: RunPatch }
  | { readonly type: 'remove'; readonly call: number; readonly id: string }
  | { readonly type: 'detail'; readonly call: number; readonly id: string }
  | { readonly type: 'watch'; readonly call: number; readonly ids: readonly string[]; readonly since?: ReadonlyMap<string, number> }
  | { readonly type: 'curves'; readonly call: number; readonly ids: readonly string[]; readonly metrics: readonly string[]; readonly window: CurveWindow }
  | { readonly type: 'steer'; readonly call: number; readonly id: string; readonly command: CommandBody }
  | { readonly type: 'end'; readonly call: number };

export type Answer = { readonly call: number } & ({ readonly type: 'next'; readonly value: unknown } | { readonly type: 'error'; readonly message: string } | { readonly type: 'complete' });

/** The least of a worker, or of a worker's own scope, that carries these. */
export interface Port<In, Out> {
  postMessage(message: Out, transfer?: Transferable[]): void;
  addEventListener(type: 'message', listener: (event: { data: In }) => void): void;
}

/** A source that reads in another thread: nothing of what comes is parsed in this one. */
export function sourceOver(port: Port<Answer, Ask>, url: string): RunSource {
  let calls = 0;
  const open = new Map<number, (answer: Answer) => void>();
  port.addEventListener('message', ({ data }) => open.get(data.call)?.(data));
  port.postMessage({ type: 'open', url });
  const stream = <T>(ask: (call: number) => Ask) => new Observable<T>((subscriber) => {
    const call = calls++;
    open.set(call, (answer) => {
      if (answer.type === 'next') subscriber.next(answer.value as T);
      else if (answer.type === 'error') subscriber.error(new Error(answer.message));
      else subscriber.complete();
    });
    port.postMessage(ask(call));
    return () => {
      open.delete(call);
      port.postMessage({ type: 'end', call });
    };
  });
  return {
    list: () => stream((call) => ({ type: 'list', call })),
    recent: (after) => stream((call) => ({ type: 'recent', call, after })),
    patch: (id, change) => stream((call) => ({ type: 'patch', call, id, change })),
    remove: (id) => stream((call) => ({ type: 'remove', call, id })),
    detail: (id) => stream((call) => ({ type: 'detail', call, id })),
    watch: (ids, since) => stream((call) => ({ type: 'watch', call, ids, since })),
    curves: (ids, metrics, window) => stream((call) => ({ type: 'curves', call, ids, metrics, window })),
    steer: (id, command) => stream((call) => ({ type: 'steer', call, id, command })),
  };
}

/** The other end: answers what is asked from a source of this thread. */
export function serveSource(port: Port<Ask, Answer>, makeSource: (url: string) => RunSource): void {
  const open = new Map<number, Subscription>();
  let source: RunSource | undefined;
  port.addEventListener('message', ({ data: ask }) => {
    if (ask.type === 'open') source = makeSource(ask.url);
    else if (ask.type === 'end') {
      open.get(ask.call)?.unsubscribe();
      open.delete(ask.call);
    } else if (source) {
      const { call } = ask;
      open.set(call, answerTo(ask, source).subscribe({
        next: (value) => port.postMessage({ type: 'next', call, value }, transferOf(ask.type, value)),
        error: (error: unknown) => port.postMessage({ type: 'error', call, message: error instanceof Error ? error.message : String(error) }),
        complete: () => port.postMessage({ type: 'complete', call }),
      }));
    }
  });
}

function answerTo(ask: Exclude<Ask, { type: 'open' | 'end' }>, source: RunSource): Observable<unknown> {
  switch (ask.type) {
    case 'list': return source.list();
    case 'recent': return source.recent(ask.after);
    case 'patch': return source.patch(ask.id, ask.change);
    case 'remove': return source.remove(ask.id);
    case 'detail': return source.detail(ask.id);
    case 'watch': return source.watch(ask.ids, ask.since);
    case 'curves': return source.curves(ask.ids, ask.metrics, ask.window);
    case 'steer': return source.steer(ask.id, ask.command);
  }
}

/** Buffers that need not be copied: those of points and of curves. */
function transferOf(asked: Ask['type'], value: unknown): Transferable[] {
  if (asked === 'curves') return (value as readonly CurveBuckets[]).map(({ count }) => count.buffer as ArrayBuffer);
  const event = value as WatchEvent;
  return asked === 'watch' && event.type === 'points' ? buffersOf(event) : [];
}
