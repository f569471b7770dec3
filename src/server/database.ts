/** The studio's SQLite database: pictures and jobs. */
import { rmSync } from 'node:fs';
import sqlite from 'node-sqlite3-wasm';
import { InputError } from '../errors.js';

export type Database = InstanceType<typeof sqlite.Database>;

/** Each brings the tables from one version to the next; a change of them is a new entry at the end. */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE pictures (
     id TEXT PRIMARY KEY, name TEXT NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL,
     used INTEGER NOT NULL
   ) STRICT;
   CREATE TABLE jobs (
     number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, key TEXT NOT NULL,
     state TEXT NOT NULL, request TEXT NOT NULL, result TEXT, error TEXT,
     created INTEGER NOT NULL, finished INTEGER, starts INTEGER NOT NULL DEFAULT 0
   ) STRICT;
   CREATE INDEX jobs_by_key ON jobs (key, state);
   CREATE INDEX jobs_by_state ON jobs (state, number);`,
];

/**
 * Opens the file, which the caller owns alone (see `takeDataFolder`). Throws InputError for one that is
 * no database or that a newer featinv wrote.
 */
export function openDatabase(file: string): Database {
  // The library's lock is a folder, which a killed server leaves behind.
  rmSync(`${file}.lock`, { recursive: true, force: true });
  let database: Database | undefined;
  try {
    database = new sqlite.Database(file);
    // Without shared memory the write-ahead log needs exclusive locking; one server owns the file anyway.
    database.exec('PRAGMA locking_mode = EXCLUSIVE');
    database.get('PRAGMA journal_mode = WAL');
    database.exec('PRAGMA synchronous = NORMAL');
    migrate(database, file);
    return database;
  } catch (error) {
    database?.close();
    if (error instanceof InputError || !(error instanceof sqlite.SQLite3Error)) throw error;
    throw new InputError(
      `${file} cannot be opened as the studio’s database (${error.message}): move it away, or give another folder with --data`,
      { cause: error },
    );
  }
}

function migrate(database: Database, file: string): void {
  const version = Number(database.get('PRAGMA user_version')?.['user_version']);
  if (version > MIGRATIONS.length) {
    throw new InputError(
      `${file} was written by a newer featinv: update featinv, or give another folder with --data`,
    );
  }
  for (const [i, statements] of MIGRATIONS.entries()) {
    if (i < version) continue;
    database.exec(`BEGIN; ${statements} PRAGMA user_version = ${i + 1}; COMMIT;`);
  }
}
