import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { InputError } from '@gradstream/numerics';
import { Unavailable } from '../unavailable.ts';
import { defaultSchema, migrations } from './schema.ts';

/** Says one thing to the database and gives back the rows of the answer. */
export type Query = <T extends object>(text: string, values?: readonly unknown[]) => Promise<T[]>;

/** Connections to the database: one for each thing that is done at the same time. */
const mostConnections = 16;

/** Key of the advisory lock under which tables are made: 'GSTR'. */
const migrationLock = 0x47535452;

/** bigint as a number: positions and counters stay far below 2^53. */
const types = { getTypeParser: ((oid: number, format: 'text') => (oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format))) as typeof pg.types.getTypeParser };

/** A PostgreSQL database with our tables in it. */
export class Database {
  /** For people: without user and password. */
  readonly description: string;

  private constructor(private readonly pool: pg.Pool, readonly config: pg.ClientConfig, readonly schema: string, place: string) {
    this.description = `PostgreSQL at ${place}`;
  }

  /**
   * Connects, and creates the tables or brings them up to date; servers that start at the same time wait for each other.
   *
   * @param url `postgres://user:password@host:5432/database?schema=gradstream`
   * @param startMs how long to wait for a database that is starting itself
   * @throws InputError for what is no such address, for a database that does not answer, or that a later version wrote
   */
  static async open(url: string, startMs = 10_000): Promise<Database> {
    const { place, schema, connectionString } = parsed(url);
    const config: pg.ClientConfig = { connectionString, application_name: 'gradstream', keepAlive: true, connectionTimeoutMillis: 5000, pipeline: true, statement_timeout: 60_000, options: `-c search_path=${schema}`, types };
    const pool = new pg.Pool({ ...config, max: mostConnections, idleTimeoutMillis: 30_000 });
    // A connection that breaks while nobody uses it: the next one who needs it gets another.
    pool.on('error', ignore);
    const database = new Database(pool, config, schema, place);
    try {
      await untilThere(() => database.transaction((query) => migrate(query, schema, place)), place, startMs);
      return database;
    } catch (error) {
      await pool.end();
      throw error;
    }
  }

  /** @throws Unavailable when the database does not answer */
  query: Query = async <T extends object>(text: string, values: readonly unknown[] = []) => rowsOf<T>(() => this.pool.query(prepared(text, values)));

  /**
   * Does all of the work or none of it. What is asked goes out at once, without waiting for the answer before it; work
   * need only wait for what it wants to read.
   *
   * @throws Unavailable when the database does not answer; then it may have been done all the same
   */
  async transaction<T>(work: (query: Query) => Promise<T>, begin = 'BEGIN'): Promise<T> {
    const client = await explained(() => this.pool.connect());
    // Without this a connection that breaks between two statements would end the process.
    client.on('error', ignore);
    const sent: Promise<unknown>[] = [];
    const query = <R extends object>(text: string, values: readonly unknown[] = []): Promise<R[]> => {
      const answer = rowsOf<R>(() => client.query(prepared(text, values)));
      answer.catch(ignore);
      sent.push(answer);
      return answer;
    };
    let done = false;
    try {
      void query(begin);
      const result = await work(query);
      void query('COMMIT');
      await Promise.all(sent);
      done = true;
      return result;
    } finally {
      client.off('error', ignore);
      // Closing the connection undoes what it had begun.
      client.release(!done);
    }
  }

  /** Reads that all see the same moment. */
  snapshot<T>(work: (query: Query) => Promise<T>): Promise<T> {
    return this.transaction(work, 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  }

  close(): Promise<void> {
    return this.pool.end();
  }
}

function parsed(text: string): { readonly place: string; readonly schema: string; readonly connectionString: string } {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^postgres(ql)?:$/.test(url.protocol)) throw new InputError("store: a database's address must be like postgres://user@host:5432/database");
  const schema = url.searchParams.get('schema') ?? defaultSchema;
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema)) throw new InputError(`store: schema must be up to 63 small letters, digits or _, received '${schema}'`);
  url.searchParams.delete('schema');
  return { place: `${url.host || url.searchParams.get('host') || 'localhost'}${url.pathname}`, schema, connectionString: url.href };
}

async function migrate(query: Query, schema: string, place: string): Promise<void> {
  await query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [migrationLock, schema]);
  await query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
  await query('CREATE TABLE IF NOT EXISTS version (version integer NOT NULL)');
  const [found] = await query<{ version: number }>('SELECT version FROM version');
  const version = found?.version ?? 0;
  if (version > migrations.length) throw new InputError(`store: ${place} has version ${version}, and this server knows versions up to ${migrations.length}`);
  for (const step of migrations.slice(version)) await query(step);
  if (found) await query('UPDATE version SET version = $1', [migrations.length]);
  else await query('INSERT INTO version VALUES ($1)', [migrations.length]);
}

async function untilThere(work: () => Promise<void>, place: string, startMs: number): Promise<void> {
  for (const until = Date.now() + startMs; ;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      if (Date.now() > until) throw new InputError(`store: PostgreSQL at ${place} does not answer (${error.message})`);
      await sleep(200);
    }
  }
}

const ignore = (): void => {};

/** Names of statements that are parsed once for each connection, by their text. */
const names = new Map<string, string>();

/** A statement with values is parsed and planned once; one without may be several. */
function prepared(text: string, values: readonly unknown[]): pg.QueryConfig {
  if (values.length === 0) return { text };
  const name = names.get(text) ?? `s${names.size}`;
  names.set(text, name);
  return { name, text, values: [...values] };
}

async function rowsOf<T extends object>(ask: () => Promise<pg.QueryResult>): Promise<T[]> {
  return (await explained(ask)).rows as T[];
}

async function explained<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw isAway(error) ? new Unavailable(`PostgreSQL does not answer (${messageOf(error)})`, { cause: error }) : refused(error);
  }
}

/** A wrong password or database is the operator's to mend; everything else is a fault. */
function refused(error: unknown): unknown {
  return ['28P01', '28000', '3D000', '42501'].includes(codeOf(error)) ? new InputError(`store: PostgreSQL refuses (${messageOf(error)})`) : error;
}

/** What an error of the driver or of the system says of itself. */
export const codeOf = (error: unknown): string => (typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '');
const messageOf = (error: unknown): string => (typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error));

/** Whether an error says that the connection or the server is gone, full or busy, and not that the statement was wrong. */
function isAway(error: unknown): boolean {
  const code = codeOf(error);
  if (/^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ENOENT)/.test(code)) return true;
  // Connection exceptions, insufficient resources, operator intervention (shutting down, starting up), lost races.
  if (/^(08|53|57|58|40)/.test(code)) return true;
  return code === '' && /terminated|not queryable|timeout|connection/i.test(messageOf(error));
}
