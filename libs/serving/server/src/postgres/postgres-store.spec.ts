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
});
