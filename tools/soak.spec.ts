import { crashCycles } from './soak/crashes.ts';
import { reconnectCycles } from './soak/reconnects.ts';

jest.setTimeout(120_000);

describe('a metrics server', () => {
  it('keeps every acknowledged point once when it is killed, runs out of disk and finds torn writes', async () => {
    const { acknowledged, lost, repeated, faults, cycles } = await crashCycles(4, 7);
    expect({ lost, repeated, faults }).toEqual({ lost: 0, repeated: 0, faults: [] });
    expect(cycles.kill + cycles.diskFull + cycles.tornWrite).toBe(4);
    expect(acknowledged).toBeGreaterThan(0);
  });

  it('tells a follower every event once when connections break at random bytes', async () => {
    const { points, acknowledged, lost, repeated, faults } = await reconnectCycles(30, 7);
    expect({ lost, repeated, faults }).toEqual({ lost: 0, repeated: 0, faults: [] });
    expect(points).toBe(acknowledged);
  });
});
