import { existsSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import type { DatabaseSync } from "node:sqlite";

/** Says that a file was not a database of ours, and where it has been put. */
export type OnDamaged = (file: string, why: string) => void;

/**
 * Opens a database whose changes are on the disk when they are said to be. A file that is damaged is put aside: what a
 * daemon keeps can be found again on the chain.
 */
export function openDatabase(file: string, onDamaged: OnDamaged): DatabaseSync {
  try {
    return open(file);
  } catch (error) {
    if (!isDamage(error)) throw error;
    const aside = `${file}.damaged`;
    renameSync(file, aside);
    for (const suffix of ["-wal", "-shm"]) rmSync(`${file}${suffix}`, { force: true });
    onDamaged(aside, (error as Error).message);
    return open(file);
  }
}

/** Opens a database that may be in use by a daemon, to read it; undefined when there is none. */
export function openToRead(file: string): DatabaseSync | undefined {
  return existsSync(file) ? new (sqlite().DatabaseSync)(file, { readOnly: true, timeout: 5000 }) : undefined;
}

function open(file: string): DatabaseSync {
  const database = new (sqlite().DatabaseSync)(file);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000");
  const [{ integrity_check: verdict }] = database.prepare("PRAGMA integrity_check(1)").all() as unknown as [
    { integrity_check: string },
  ];
  if (verdict === "ok") return database;
  database.close();
  throw Object.assign(new Error(verdict), { errcode: sqliteCorrupt });
}

const sqliteCorrupt = 11;
const sqliteNotADatabase = 26;

function isDamage(error: unknown): boolean {
  const { errcode } = error as { errcode?: number };
  return errcode === sqliteCorrupt || errcode === sqliteNotADatabase;
}

/** The module, without the warning that Node 22 prints about it: it is part of Node since. */
function sqlite(): typeof import("node:sqlite") {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return createRequire(import.meta.url)("node:sqlite");
  } finally {
    process.emitWarning = emitWarning;
  }
}
