/**
 * The tables of the SQLite store. A run has a number (`run.key`) so that rows stay small; columns and
 * buckets are packed blobs (`pack.ts`). The journal is emptied into segments; notes stay.
 */
export const schemaVersion = 2;

/** 'GSTR': says that a SQLite file is a store of ours. */
export const applicationId = 0x47535452;

/** Texts that the server keeps beside the runs. */
const setting = `
CREATE TABLE setting (
  name TEXT PRIMARY KEY, value TEXT NOT NULL
) WITHOUT ROWID;
`;

export const schema = `${setting}
CREATE TABLE run (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  record TEXT NOT NULL
);
CREATE TABLE series (
  run INTEGER NOT NULL, no INTEGER NOT NULL, metric TEXT NOT NULL, attempt INTEGER NOT NULL, record TEXT NOT NULL,
  PRIMARY KEY (run, no)
) WITHOUT ROWID;
CREATE INDEX series_metric ON series (metric);
CREATE TABLE journal (
  run INTEGER NOT NULL, lsn INTEGER NOT NULL, frame BLOB NOT NULL
);
CREATE UNIQUE INDEX journal_place ON journal (run, lsn);
CREATE TABLE note (
  run INTEGER NOT NULL, lsn INTEGER NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (run, lsn)
) WITHOUT ROWID;
CREATE TABLE segment (
  run INTEGER NOT NULL, no INTEGER NOT NULL, attempt INTEGER NOT NULL,
  lsn0 INTEGER NOT NULL, lsn1 INTEGER NOT NULL, step0 REAL NOT NULL, step1 REAL NOT NULL,
  counts BLOB NOT NULL, step BLOB NOT NULL, wall BLOB NOT NULL
);
CREATE UNIQUE INDEX segment_place ON segment (run, no);
CREATE INDEX segment_lsn ON segment (run, lsn1);
CREATE TABLE chunk (
  run INTEGER NOT NULL, segment INTEGER NOT NULL, series INTEGER NOT NULL, rows BLOB, data BLOB NOT NULL
);
CREATE UNIQUE INDEX chunk_place ON chunk (run, segment, series);
CREATE TABLE block (
  run INTEGER NOT NULL, series INTEGER NOT NULL, level INTEGER NOT NULL, no INTEGER NOT NULL, n INTEGER NOT NULL,
  step0 REAL NOT NULL, step1 REAL NOT NULL, wall0 REAL NOT NULL, wall1 REAL NOT NULL, data BLOB NOT NULL
);
CREATE UNIQUE INDEX block_place ON block (run, series, level, no);
PRAGMA application_id = ${applicationId};
PRAGMA user_version = ${schemaVersion};
`;

/** What brings a file of version 1, 2, … to the next one. */
export const migrations: readonly string[] = [setting];
