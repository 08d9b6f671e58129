import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { isAboutDisk, openLedgerDatabase, setDatabaseAside } from "../../chain/node/sqliteLedgerStore.ts";

/** Raised with every change of the tables: an index of another version is made again from the kept logs. */
const indexVersion = "1";

/**
 * What is said of builds, beside the tables of the ledgers (`source`, `block`, `log`). `build` is `explorer_build.n`; documents are JSON,
 * of which the columns are what is looked for.
 */
const tables = `
  CREATE TABLE explorer_chain (
    source INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, block INTEGER NOT NULL, builds INTEGER NOT NULL, events INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE explorer_event (
    source INTEGER NOT NULL, number INTEGER NOT NULL, position INTEGER NOT NULL, build INTEGER NOT NULL,
    PRIMARY KEY (source, number, position)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX explorer_event_build ON explorer_event (build, number, position);
  CREATE TABLE explorer_build (
    n INTEGER PRIMARY KEY, source INTEGER NOT NULL, id TEXT NOT NULL, state TEXT NOT NULL, since INTEGER NOT NULL,
    summary TEXT NOT NULL, rest TEXT NOT NULL, about TEXT NOT NULL DEFAULT '{}', about_rank INTEGER, environment TEXT,
    environment_name TEXT, repository TEXT, UNIQUE (source, id)
  ) STRICT;
  CREATE INDEX explorer_build_since ON explorer_build (since, id);
  CREATE INDEX explorer_build_source ON explorer_build (source, since, id);
  CREATE INDEX explorer_build_state ON explorer_build (state, since, id);
  CREATE INDEX explorer_build_environment ON explorer_build (environment, since, id) WHERE environment IS NOT NULL;
  CREATE INDEX explorer_build_name ON explorer_build (environment_name, since, id) WHERE environment_name IS NOT NULL;
  CREATE INDEX explorer_build_repository ON explorer_build (repository, since, id) WHERE repository IS NOT NULL;
  CREATE TABLE explorer_claim (
    source INTEGER NOT NULL, id TEXT NOT NULL, build INTEGER NOT NULL, solver TEXT NOT NULL, status TEXT NOT NULL,
    unwatched INTEGER NOT NULL, window_end INTEGER NOT NULL, document TEXT NOT NULL, UNIQUE (source, id)
  ) STRICT;
  CREATE INDEX explorer_claim_build ON explorer_claim (build);
  CREATE INDEX explorer_claim_solver ON explorer_claim (source, solver, status);
  CREATE INDEX explorer_claim_unwatched ON explorer_claim (window_end, id) WHERE unwatched = 1;
  CREATE TABLE explorer_dispute (
    source INTEGER NOT NULL, id TEXT NOT NULL, build INTEGER NOT NULL, claim TEXT NOT NULL, challenger TEXT NOT NULL,
    result TEXT NOT NULL, duty TEXT, opened INTEGER NOT NULL, document TEXT NOT NULL, UNIQUE (source, id)
  ) STRICT;
  CREATE INDEX explorer_dispute_build ON explorer_dispute (build);
  CREATE INDEX explorer_dispute_challenger ON explorer_dispute (source, challenger, result);
  CREATE INDEX explorer_dispute_open ON explorer_dispute (opened, id) WHERE result = 'open';
  CREATE INDEX explorer_dispute_duty ON explorer_dispute (source, duty) WHERE duty IS NOT NULL;
  CREATE TABLE explorer_act (
    source INTEGER NOT NULL, address TEXT NOT NULL, build INTEGER NOT NULL, timestamp INTEGER NOT NULL, seconds INTEGER
  ) STRICT;
  CREATE INDEX explorer_act_build ON explorer_act (build);
  CREATE INDEX explorer_act_time ON explorer_act (source, address, timestamp);
  CREATE INDEX explorer_act_seconds ON explorer_act (source, address, seconds) WHERE seconds IS NOT NULL;
  CREATE TABLE explorer_operator (
    source INTEGER NOT NULL, address TEXT NOT NULL, last_seen INTEGER NOT NULL, PRIMARY KEY (source, address)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX explorer_operator_seen ON explorer_operator (last_seen, address, source);
  CREATE TABLE explorer_part (
    address TEXT NOT NULL, since INTEGER NOT NULL, id TEXT NOT NULL, build INTEGER NOT NULL, PRIMARY KEY (address, since, id, build)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX explorer_part_build ON explorer_part (build);
  CREATE TABLE explorer_name (
    name TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, build INTEGER NOT NULL, PRIMARY KEY (name, kind, id, build)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX explorer_name_build ON explorer_name (build);
  CREATE TABLE explorer_word (
    name TEXT NOT NULL, what TEXT NOT NULL, build INTEGER NOT NULL, PRIMARY KEY (name, build, what)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX explorer_word_build ON explorer_word (build);
  CREATE VIRTUAL TABLE explorer_text USING fts5 (words, tokenize = 'unicode61 remove_diacritics 2');
  CREATE TABLE explorer_job (
    build INTEGER NOT NULL, kind TEXT NOT NULL, place TEXT NOT NULL, rank INTEGER NOT NULL, due INTEGER, tries INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (build, kind, place)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX explorer_job_due ON explorer_job (due) WHERE due IS NOT NULL;
  CREATE TABLE explorer_version (version TEXT NOT NULL) STRICT;
  INSERT INTO explorer_version VALUES ('${indexVersion}');
`;

/**
 * Opens an index, which is a database of ledgers with more tables. A damaged file is renamed and begun anew: all of it can be made again.
 * @param onSetAside told where it has been put.
 */
export function openIndex(file: string, onSetAside: (file: string, why: string) => void = () => {}): DatabaseSync {
  try {
    return prepared(openLedgerDatabase(file));
  } catch (error) {
    if (isAboutDisk(error)) throw error;
    onSetAside(setDatabaseAside(file), (error as Error).message);
    return prepared(openLedgerDatabase(file));
  }
}

function prepared(database: DatabaseSync): DatabaseSync {
  // A page of builds and the answers to searches come from memory when they are asked for again.
  database.exec("PRAGMA cache_size = -65536; PRAGMA journal_size_limit = 67108864;");
  const names = database.prepare(
    "SELECT name FROM sqlite_master WHERE name LIKE 'explorer\\_%' ESCAPE '\\' AND type = 'table'",
  );
  const own = names.all().map(({ name }) => String(name));
  const version = own.includes("explorer_version")
    ? database.prepare("SELECT version FROM explorer_version").get()
    : undefined;
  if (version?.version === indexVersion) return database;
  inTransaction(database, () => {
    // The tables inside of the one for texts go with it.
    for (const name of own.filter((one) => !one.startsWith("explorer_text_"))) database.exec(`DROP TABLE ${name}`);
    database.exec(tables);
  });
  return database;
}

/** All of what `work` writes, or nothing. */
export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    // A full disk has rolled it back already.
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

/** Prepares statements once each, by their text. */
export class Statements {
  private readonly prepared = new Map<string, StatementSync>();

  constructor(readonly database: DatabaseSync) {}

  run(text: string, ...values: SQLInputValue[]): void {
    this.of(text).run(...values);
  }

  get(text: string, ...values: SQLInputValue[]) {
    return this.of(text).get(...values);
  }

  all(text: string, ...values: SQLInputValue[]) {
    return this.of(text).all(...values);
  }

  private of(text: string): StatementSync {
    let statement = this.prepared.get(text);
    if (statement === undefined) {
      statement = this.database.prepare(text);
      this.prepared.set(text, statement);
    }
    return statement;
  }
}
