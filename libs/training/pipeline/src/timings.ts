import { Observable } from 'rxjs';
import { checkOptions, positive } from '@gradstream/numerics';
import type { RunEvent, TimingEvent } from '@gradstream/protocol';
import { RUN, type Live, type Run } from './run.ts';
import { StageClock, type Measured, type TimedPart } from './stage-clock.ts';
import { recorded, type StageSpec } from './stage.ts';

export interface TimingsOptions {
  /** About so far apart measured steps lie, ms. Default 250. No clock is read for the others. */
  readonly everyMs?: number;
}

/** Parts of a step that an engine can tell apart, and all of it. */
const ofStep: readonly TimedPart[] = ['forward', 'loss', 'backward', 'pass', 'update'];

/**
 * Says now and then where the time of a step went, as metrics in ms behind the event of the step (docs/viewer.md lists them). Put
 * it below everything that looks at events, just above `publish`. The steps are the same with it and without.
 *
 * @param clock milliseconds from anywhere
 */
export function timings({ everyMs = 250 }: TimingsOptions = {}, clock?: () => number): { <E extends { readonly type: string } & Live>(source: Observable<E>): Observable<E | (TimingEvent & Live)>; toSpec(): StageSpec } {
  checkOptions('timings', { everyMs }, { everyMs: positive });
  const spec = (): StageSpec => ({ stage: 'timings', everyMs });
  const operator = <E extends { readonly type: string } & Live>(source: Observable<E>) =>
    recorded(
      new Observable<E | (TimingEvent & Live)>((subscriber) => {
        const watch = new StageClock(everyMs, clock);
        let run: Run | undefined;
        let examples = 0;
        const tell = (): void => {
          const measured = watch.take();
          if (!measured) return;
          subscriber.next({ type: 'timing', step: measured.step, wall: measured.wall, metrics: valuesOf(measured, examples), [RUN]: run! });
          examples = 0;
        };
        const subscription = source.subscribe({
          next: (event) => {
            if (!run) {
              run = event[RUN];
              run.source.clock = watch;
            }
            tell();
            if (event.type === 'step') examples += (event as unknown as Extract<RunEvent, { type: 'step' }>).size;
            subscriber.next(event);
          },
          error: (error: unknown) => subscriber.error(error),
          complete: () => {
            tell();
            subscriber.complete();
          },
        });
        return () => {
          subscription.unsubscribe();
          if (run?.source.clock === watch) run.source.clock = undefined;
        };
      }),
      spec,
      source,
    );
  return Object.assign(operator, { toSpec: spec });
}

/** A measured step as metrics; `examples` were seen since the one before. */
function valuesOf({ spent, queued, since }: Measured, examples: number): Record<string, number> {
  const values: Record<string, number> = {};
  for (const [part, ms] of Object.entries(spent)) values[`time/${part}`] = ms;
  values['time/step'] = ofStep.reduce((sum, part) => sum + (spent[part] ?? 0), 0);
  values['time/total'] = Object.values(spent).reduce((sum, ms) => sum + ms);
  if (queued !== undefined) values['queue/prefetch'] = queued;
  if (since) {
    values['time/wall'] = since.ms / since.steps;
    values['rate/examples'] = (1_000 * examples) / since.ms;
  }
  return values;
}
