import { itIsARunStore } from '../run-store.conformance.ts';
import { hasPostgres, privatePostgres, type PrivateService } from '../testing/private-services.ts';
import { PostgresStore } from './postgres-store.ts';

jest.setTimeout(120_000);

/** Where PostgreSQL cannot be had, its tests are counted as skipped. */
const describeWithPostgres = hasPostgres() ? describe : describe.skip;

describeWithPostgres('the store in PostgreSQL', () => {
  let postgres: PrivateService;
  beforeAll(async () => {
    postgres = await privatePostgres(['fsync = off']);
  });
  afterAll(() => postgres.remove());

  let schemas = 0;
  itIsARunStore({
    numRuns: 6,
    create: async (segmentRows) => {
      const url = `${postgres.url}?schema=s${(schemas += 1)}`;
      const open = () => PostgresStore.open(url, { segmentRows, openRuns: 2 });
      return { store: await open(), reopen: open };
    },
  });

  it('calls no run deleted that is being made while it looks around', async () => {
    const gone: string[] = [];
    for (let again = 0; again < 8; again++) {
      const store = await PostgresStore.open(`${postgres.url}?schema=s${(schemas += 1)}`);
      store.watch(({ kind, run }) => kind === 'deleted' && gone.push(run));
      // The store begins to listen, and looks at all runs when it does.
      for (let k = 0; k < 40; k++) await store.put(`r${k}`, {});
      await store.close();
    }
    expect(gone).toEqual([]);
  });
});
