import { optimizers } from '@gradstream/optimizers';
import fc from 'fast-check';
import { parsePlane, parseRace, racers } from './race.settings.ts';

describe('a race', () => {
  it('knows its racers', () => {
    for (const { name } of racers) expect(Object.keys(optimizers)).toContain(name);
  });

  it('is read from an address, and falls back on defaults', () => {
    const { surface, start, steps, racing, at } = parseRace({ on: 'beale', from: '2,-1', steps: '100', who: 'adam,sgd,nobody', 'rate-adam': '0.5', at: '7' });
    expect([surface.name, start, steps, at]).toEqual(['beale', [2, -1], 100, 7]);
    expect(racing).toEqual([{ name: 'sgd', color: 0, rate: 0.005 }, { name: 'adam', color: 4, rate: 0.5 }]);
    expect(parseRace({ from: '99,x', steps: '1e9', at: '-1', 'rate-adam': '0' })).toEqual(parseRace({}));
    fc.assert(fc.property(fc.dictionary(fc.constantFrom('on', 'from', 'steps', 'who', 'at'), fc.string()), (given) => expect(parseRace(given).at).toBeLessThanOrEqual(parseRace(given).steps)));
  });

  it('watches momentum where the address says', () => {
    expect(parsePlane({ alpha: '0.05', beta: '0.9' })).toEqual({ rate: 0.05, beta: 0.9 });
    expect(parsePlane({ alpha: '9', beta: 'x' })).toEqual(parsePlane({}));
  });
});
