/**
 * The tables of the PostgreSQL store: those of the SQLite store, with what servers that write at the same time need. A
 * run's row is its lock and its counters; `revision` counts the turns of writing, `head` is the last position given out.
 * Everything stands in a schema of its own.
 */
export const defaultSchema = 'gradstream';

/** What brings a database without our tables to version 1, one of version 1 to 2, and so on. */
export const migrations: readonly string[] = [`
CREATE TABLE run (
  key integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id text NOT NULL UNIQUE COLLATE "C",
  revision bigint NOT NULL DEFAULT 0,
  head bigint NOT NULL DEFAULT 0,
  heartbeat double precision NOT NULL,
  duplicates bigint NOT NULL DEFAULT 0,
  conflicts bigint NOT NULL DEFAULT 0,
  record text NOT NULL
);
CREATE TABLE series (
  run integer NOT NULL, no integer NOT NULL, metric text NOT NULL COLLATE "C", attempt integer NOT NULL, record text NOT NULL,
  PRIMARY KEY (run, no)
);
CREATE INDEX series_metric ON series (metric);
CREATE TABLE journal (
  run integer NOT NULL, lsn bigint NOT NULL, frame bytea NOT NULL,
  PRIMARY KEY (run, lsn)
);
CREATE TABLE note (
  run integer NOT NULL, lsn bigint NOT NULL, body text NOT NULL,
  PRIMARY KEY (run, lsn)
);
CREATE TABLE segment (
  run integer NOT NULL, no integer NOT NULL, attempt integer NOT NULL,
  lsn0 bigint NOT NULL, lsn1 bigint NOT NULL, step0 double precision NOT NULL, step1 double precision NOT NULL,
  counts bytea NOT NULL, step bytea NOT NULL, wall bytea NOT NULL,
  PRIMARY KEY (run, no)
);
CREATE INDEX segment_lsn ON segment (run, lsn1);
CREATE TABLE chunk (
  run integer NOT NULL, segment integer NOT NULL, series integer NOT NULL, rows bytea, data bytea NOT NULL,
  PRIMARY KEY (run, segment, series)
);
CREATE TABLE block (
  run integer NOT NULL, series integer NOT NULL, level integer NOT NULL, no integer NOT NULL, n integer NOT NULL,
  step0 double precision NOT NULL, step1 double precision NOT NULL, wall0 double precision NOT NULL, wall1 double precision NOT NULL,
  data bytea NOT NULL,
  PRIMARY KEY (run, series, level, no)
);
CREATE TABLE setting (name text PRIMARY KEY, value text NOT NULL);
-- Frames and packed columns are small already: to compress them again costs time and gains nothing.
ALTER TABLE journal ALTER frame SET STORAGE EXTERNAL;
ALTER TABLE chunk ALTER data SET STORAGE EXTERNAL, ALTER rows SET STORAGE EXTERNAL;
ALTER TABLE segment ALTER counts SET STORAGE EXTERNAL, ALTER step SET STORAGE EXTERNAL, ALTER wall SET STORAGE EXTERNAL;
ALTER TABLE block ALTER data SET STORAGE EXTERNAL;
-- Rows of these come and go all the time.
ALTER TABLE run SET (fillfactor = 50);
ALTER TABLE journal SET (autovacuum_vacuum_scale_factor = 0.02);
`];
