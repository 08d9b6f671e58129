import type { DatabaseSync } from "node:sqlite";
import { AbiCoder } from "ethers";
import type { Call } from "../outbox/call.ts";
import type { Broadcast, Journal, JournalEntry } from "../outbox/journal.ts";

/** Whose transactions a journal holds. */
export interface JournalOwner {
  readonly chainId: bigint;
  /** Hash of the chain's first block: test networks begin again under the same id. */
  readonly genesis: string;
  readonly address: string;
}

interface Row {
  readonly nonce: number;
  readonly entry: string;
  /** Databases of earlier versions do not have it. */
  readonly mined_in?: number | null;
}

/**
 * A journal in a database. Entries of other accounts and chains stay where they are and are not seen.
 * @param database written through to the disk at each change (`openDatabase` makes it so).
 */
export function sqliteJournal(database: DatabaseSync, owned: JournalOwner): Journal {
  database.exec(
    "CREATE TABLE IF NOT EXISTS transactions (owner TEXT NOT NULL, nonce INTEGER NOT NULL, entry TEXT NOT NULL, " +
      "PRIMARY KEY (owner, nonce)) STRICT, WITHOUT ROWID",
  );
  const columns = database.prepare("PRAGMA table_info(transactions)").all() as unknown as { readonly name: string }[];
  if (!columns.some(({ name }) => name === "mined_in")) {
    database.exec("ALTER TABLE transactions ADD COLUMN mined_in INTEGER");
  }
  const owner = nameOf(owned);
  const all = database.prepare(selectAll);
  const put = database.prepare(
    "INSERT OR REPLACE INTO transactions (owner, nonce, entry, mined_in) VALUES (?, ?, ?, ?)",
  );
  const remove = database.prepare("DELETE FROM transactions WHERE owner = ? AND nonce = ?");
  return {
    load: () => (all.all(owner) as unknown as Row[]).map(decode),
    put: (entry) => void put.run(owner, entry.nonce, encode(entry), entry.minedIn ?? null),
    remove: (nonce) => void remove.run(owner, nonce),
  };
}

/** What a journal holds, read without changing it; nothing when there is none in the database. */
export function readJournal(database: DatabaseSync, owner: JournalOwner): readonly JournalEntry[] {
  const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'transactions'");
  if (tables.all().length === 0) return [];
  const rows = database.prepare(selectAll).all(nameOf(owner)) as unknown as Row[];
  return rows.map(decode);
}

/**
 * Notes that an account uses this database.
 * @returns the others of the same chain that have used it, with the last nonce of what is still in their journals.
 */
export function noteAccount(
  database: DatabaseSync,
  owned: JournalOwner,
): { readonly address: string; readonly lastNonce: number | undefined }[] {
  database.exec("CREATE TABLE IF NOT EXISTS accounts (owner TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID");
  const own = nameOf(owned);
  database.prepare("INSERT OR IGNORE INTO accounts (owner) VALUES (?)").run(own);
  const chain = nameOf({ ...owned, address: "" });
  const rows = database
    .prepare(
      "SELECT owner, MAX(nonce) AS lastNonce FROM (SELECT owner, NULL AS nonce FROM accounts " +
        "UNION ALL SELECT owner, nonce FROM transactions) GROUP BY owner",
    )
    .all() as unknown as { owner: string; lastNonce: number | null }[];
  return rows
    .filter(({ owner }) => owner !== own && owner.startsWith(chain))
    .map(({ owner, lastNonce }) => ({ address: owner.slice(chain.length), lastNonce: lastNonce ?? undefined }));
}

const selectAll = "SELECT * FROM transactions WHERE owner = ? ORDER BY nonce";

function nameOf({ chainId, genesis, address }: JournalOwner): string {
  return `${chainId} ${genesis} ${address.toLowerCase()}`;
}

const types = [
  "string key",
  "tuple(string to, bytes data, uint256 value, string action) call",
  "uint256 gasLimit",
  "tuple(uint256 maxFeePerGas, uint256 maxPriorityFeePerGas, bytes32 hash, bytes raw)[] broadcasts",
];

function encode({ key, call, gasLimit, broadcasts }: JournalEntry): string {
  return AbiCoder.defaultAbiCoder().encode(types, [key, { ...call, value: call.value ?? 0n }, gasLimit, broadcasts]);
}

function decode({ nonce, entry, mined_in: minedIn }: Row): JournalEntry {
  const [key, { to, data, value, action }, gasLimit, broadcasts] = AbiCoder.defaultAbiCoder().decode(types, entry);
  return {
    nonce,
    key: key as string,
    call: { to, data, value, action } as Call,
    gasLimit: gasLimit as bigint,
    broadcasts: (broadcasts as Broadcast[]).map(({ maxFeePerGas, maxPriorityFeePerGas, hash, raw }) => ({
      maxFeePerGas,
      maxPriorityFeePerGas,
      hash,
      raw,
    })),
    ...(typeof minedIn === "number" && { minedIn }),
  };
}
