import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDatabase } from "../../src/chain/node/database.ts";
import { readJournal, sqliteJournal } from "../../src/chain/node/sqliteJournal.ts";
import { forgivingJournal, type JournalEntry, memoryJournal } from "../../src/chain/outbox/journal.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "assay-database-"));
  file = join(folder, "transactions.sqlite");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const nobody = "0x00000000000000000000000000000000000000AA";
const owner = { chainId: 1n, genesis: "0x01", address: nobody };
function entry(nonce: number): JournalEntry {
  const call = { to: nobody, data: "0x", value: 0n, action: "move" };
  const broadcasts = [{ hash: `0x${"11".repeat(32)}`, raw: "0x02", maxFeePerGas: 2n, maxPriorityFeePerGas: 1n }];
  return { nonce, key: `move ${nonce}`, call, gasLimit: 21_000n, broadcasts };
}

describe("a database of a daemon's", () => {
  it.each([
    ["holds something else", () => writeFileSync(file, "this is no database\n".repeat(1000))],
    ["is cut off", () => truncateSync(file, 5000)],
  ])("that %s is put aside, and begun again", (_, damage) => {
    const before = openDatabase(file, () => {});
    const journal = sqliteJournal(before, owner);
    for (let nonce = 0; nonce < 50; nonce++) journal.put(entry(nonce));
    before.close();
    damage();
    const aside: string[] = [];
    const after = openDatabase(file, (where) => aside.push(where));
    expect(aside).toEqual([`${file}.damaged`]);
    expect(readFileSync(`${file}.damaged`).length).toBeGreaterThan(0);
    expect(sqliteJournal(after, owner).load()).toEqual([]);
    after.close();
  });

  it("is left as it is when nothing is wrong with it", () => {
    const before = openDatabase(file, () => {});
    sqliteJournal(before, owner).put(entry(7));
    before.close();
    const after = openDatabase(file, () => expect.unreachable());
    expect(sqliteJournal(after, owner).load()).toEqual([entry(7)]);
    after.close();
    expect(existsSync(`${file}.damaged`)).toBe(false);
  });
});

describe("a journal that cannot be written", () => {
  it("holds up no transaction, and says so once each time that it begins", () => {
    const kept = memoryJournal();
    let isFull = false;
    const fullDisk = {
      ...kept,
      put(given: JournalEntry) {
        if (isFull) throw new Error("database or disk is full");
        kept.put(given);
      },
    };
    const said: string[] = [];
    const journal = forgivingJournal(fullDisk, (why) => said.push(why));
    for (const full of [false, true, true, false, true]) {
      isFull = full;
      journal.put(entry(said.length));
    }
    expect(said).toEqual(["database or disk is full", "database or disk is full"]);
  });
});

describe("the journal of an earlier version", () => {
  it("is read, and holds from now on which block a transaction is mined in", () => {
    const database = openDatabase(file, () => expect.unreachable());
    sqliteJournal(database, owner).put(entry(1));
    database.exec("ALTER TABLE transactions DROP COLUMN mined_in");
    expect(readJournal(database, owner)).toEqual([entry(1)]);
    const journal = sqliteJournal(database, owner);
    journal.put({ ...entry(2), minedIn: 12 });
    expect(journal.load()).toEqual([entry(1), { ...entry(2), minedIn: 12 }]);
    database.close();
  });
});
