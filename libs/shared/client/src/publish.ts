import { defer, finalize, tap, type MonoTypeOperatorFunction } from 'rxjs';
import type { Aside, MetricValues, RunEvent, StopEvent } from '@gradstream/protocol';
import { serverUrl } from './request.ts';
import { Publisher, type PublisherOptions, type PublishReport } from './publisher.ts';

export interface PublishOptions extends PublisherOptions {
  /** The run's last state, by how its stream ended. Default: completed is finished (stopped, where it was told to), errored failed, unsubscribed stopped. */
  readonly state?: (ending: 'completed' | 'errored' | 'unsubscribed') => 'finished' | 'failed' | 'stopped';
}

/** Passes a run's events on, and sends them to a server beside. */
export type PublishOperator<E extends RunEvent | Aside = RunEvent> = MonoTypeOperatorFunction<E> & {
  /** What became of the points, once the first subscription has ended and its points are sent. Never rejects. */
  readonly done: Promise<PublishReport>;
};

/**
 * Publishes a run to a metrics server: steps and evaluations as points, what is said beside them (histograms, images) as it
 * is, the end as the run's state. Events pass through at once and unchanged; a server that is slow, down or restarted loses nothing and holds up nothing.
 *
 * @param url `http://127.0.0.1:4319`
 * @throws InputError for what is no address of a server
 */
export function publish<E extends RunEvent | Aside = RunEvent>(url: string, options: PublishOptions = {}): PublishOperator<E> {
  let settle!: (report: Promise<PublishReport>) => void;
  const done = new Promise<PublishReport>((resolve) => (settle = resolve));
  serverUrl(url, 'publish');
  const operator: MonoTypeOperatorFunction<E> = (source) => defer(() => {
    const publisher = new Publisher(url, options);
    const changed = changes();
    let ending: 'completed' | 'errored' | 'unsubscribed' = 'unsubscribed';
    let stop: StopEvent | undefined;
    let failure: string | undefined;
    const state = options.state ?? ((how) => ({ completed: stop?.told ? 'stopped' : 'finished', errored: 'failed', unsubscribed: 'stopped' } as const)[how]);
    return source.pipe(
      tap({
        next: (event) => {
          if (event.type === 'stop') stop = event;
          send(publisher, event, changed);
        },
        error: (error: unknown) => {
          ending = 'errored';
          failure = error instanceof Error ? error.message : String(error);
        },
        complete: () => (ending = 'completed'),
      }),
      finalize(() => settle(publisher.end(state(ending), failure ?? stop?.reason))),
    );
  });
  return Object.assign(operator, { done });
}

/** Hyper-parameters of a step that are worth a point: the learning rate, and whatever changed since the last one. */
function changes(): (hyper: MetricValues) => MetricValues {
  const last: Record<string, number> = {};
  return (hyper) => {
    const changed: Record<string, number> = {};
    for (const name in hyper) if (name === 'learningRate' || !Object.is(last[name], hyper[name])) changed[name] = last[name] = hyper[name];
    return changed;
  };
}

/** What of an event a server keeps. */
function send(publisher: Publisher, event: RunEvent | Aside, changed: (hyper: MetricValues) => MetricValues): void {
  switch (event.type) {
    case 'step': return publisher.log(event.step, event.metrics, changed(event.hyper), event.wall);
    case 'timing':
    case 'evaluation': return publisher.log(event.step, event.metrics, undefined, event.wall);
    case 'stop': return publisher.note({ type: 'alert', wall: event.wall, level: 'info', title: event.reason, step: event.step });
    default: return publisher.note(event);
  }
}
