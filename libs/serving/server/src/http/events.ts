import { z } from 'zod';
import { InputError } from '@gradstream/numerics';
import { eventsAnswer, eventsQuery, globTest, note, parseNote, type EventsAnswer, type EventsQuery, type Note } from '@gradstream/protocol';
import type { RunStore } from '../run-store.ts';
import { found, idOf, queryOf, send, type Route } from './route.ts';

const noted = z.object({ lsn: z.number().meta({ description: 'Position in the log of the run' }) });

/** Notes that are looked at together. */
const perPage = 500;

/** What a run keeps besides its points: alerts, text, histograms, small images, commands, states. */
export const eventRoutes = (store: RunStore): Route[] => [
  {
    method: 'get', path: '/runs/:id/events', scope: 'read', summary: 'Alerts, texts, histograms, images, commands and states of a run', query: eventsQuery, answers: { 200: eventsAnswer },
    handle: async (request, response) => send(response, found(await eventsOf(store, idOf(request), queryOf(eventsQuery, request, 'events')), request)),
  },
  {
    method: 'post', path: '/runs/:id/events', scope: 'write', summary: 'An alert, text, histogram or small image; or what became of a command', body: note, answers: { 200: noted },
    handle: async (request, response) => {
      const given = published(parseNote({ wall: Date.now(), ...(request.body as object) }));
      send(response, { lsn: found(await store.note(idOf(request), given), request) });
    },
  },
];

/**
 * What a publisher may put into a log by itself. Commands need a scope of their own, and states change the run.
 *
 * @throws InputError
 */
function published(given: Note): Note {
  if (given.type === 'state' || given.type === 'config') throw new InputError(`event: a run's ${given.type} is changed by PATCH /api/v1/runs/{id}, received an event of type '${given.type}'`);
  if (given.type === 'control' && given.status === 'asked') throw new InputError("event: a command is given at POST /api/v1/runs/{id}/commands, received one with the status 'asked'");
  return given;
}

async function eventsOf(store: RunStore, run: string, { type, name, from, to, after, limit }: EventsQuery): Promise<EventsAnswer | undefined> {
  const named = globTest(name);
  const ranged = from !== undefined || to !== undefined;
  const events: EventsAnswer['events'] = [];
  for (let at = after; ;) {
    const page = await store.notes(run, at, perPage);
    if (!page) return undefined;
    for (const { lsn, note: { ...each } } of page) {
      const step = 'step' in each ? each.step : undefined;
      if (type.length > 0 && !type.includes(each.type)) continue;
      if (name.length > 0 && !('name' in each && named(each.name))) continue;
      if (ranged && !(step !== undefined && step >= (from ?? -Infinity) && step <= (to ?? Infinity))) continue;
      if (events.length === limit) return { events, next: events.at(-1)!.lsn[1] };
      events.push({ run, lsn: [...lsn], ...each });
    }
    if (page.length < perPage) return { events };
    at = page.at(-1)!.lsn[1];
  }
}
