import { createRequire } from "node:module";
import type { DatabaseSync } from "node:sqlite";

const require = createRequire(import.meta.url);

/** Opens a database with the SQLite that comes with Node. Its warning that it is experimental is left out; no other is. */
export function openDatabase(file: string): DatabaseSync {
  const { emitWarning } = process;
  process.emitWarning = (...given: unknown[]) => {
    if (/SQLite is an experimental feature/.test(String(given[0]))) return;
    Reflect.apply(emitWarning, process, given);
  };
  try {
    const sqlite = require("node:sqlite") as typeof import("node:sqlite");
    return new sqlite.DatabaseSync(file);
  } finally {
    process.emitWarning = emitWarning;
  }
}
