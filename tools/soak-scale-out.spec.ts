import { hasNats, hasPostgres } from '@gradstream/server/testing';
import { scaleOutCycles } from './soak/scale-out.ts';

jest.setTimeout(240_000);

/** Where NATS or PostgreSQL cannot be had, this is counted as skipped. */
const describeWithBoth = hasNats() && hasPostgres() ? describe : describe.skip;

describeWithBoth('three metrics servers over JetStream and PostgreSQL', () => {
  it('lose and repeat nothing, and every follower sees each point once and in order, while all of them are killed in turn', async () => {
    const { kills, acknowledged, lost, repeated, unseen, seenTwice, faults } = await scaleOutCycles(4, 3);
    expect({ lost, repeated, unseen, seenTwice, faults }).toEqual({ lost: 0, repeated: 0, unseen: 0, seenTwice: 0, faults: [] });
    expect(kills.server + kills.broker + kills.database).toBeGreaterThanOrEqual(4);
    expect(acknowledged).toBeGreaterThan(0);
  });
});
