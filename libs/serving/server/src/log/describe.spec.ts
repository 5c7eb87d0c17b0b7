import { stateAt } from './describe.ts';

it.each(['running', 'paused', 'finished', 'failed', 'stopped'] as const)('a run that is %s is lost after a minute of silence only where it should still speak', (state) => {
  const seen = [60_000, 60_001].map((silence) => stateAt({ state, heartbeat: 1_000 }, 1_000 + silence, 60_000));
  expect(seen).toEqual([state, state === 'running' || state === 'paused' ? 'lost' : state]);
});
