import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openDatabase, openToRead } from "../../src/chain/node/database.ts";
import { noteAccount, readJournal, sqliteJournal } from "../../src/chain/node/sqliteJournal.ts";
import type { JournalEntry } from "../../src/chain/outbox/journal.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-journal-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const owner = { chainId: 1n, genesis: `0x${"01".repeat(32)}`, address: `0x${"ab".repeat(20)}` };
const entry: JournalEntry = {
  nonce: 3,
  key: "reveal 0x",
  call: { to: `0x${"cd".repeat(20)}`, data: "0x1234", value: 0n, action: "reveal the claim" },
  gasLimit: 21_000n,
  broadcasts: [{ maxFeePerGas: 2n, maxPriorityFeePerGas: 1n, hash: `0x${"ef".repeat(32)}`, raw: "0x99" }],
};

it("what a daemon has sent can be read while the daemon goes on, and reading changes nothing", () => {
  const file = join(folder, "transactions.sqlite");
  expect(openToRead(file)).toBeUndefined();
  const daemon = openDatabase(file, () => {});
  const reader = openToRead(file)!;
  expect(readJournal(reader, owner)).toEqual([]);
  const journal = sqliteJournal(daemon, owner);
  journal.put(entry);
  expect(readJournal(reader, owner)).toEqual([entry]);
  expect(readJournal(reader, { ...owner, address: `0x${"ba".repeat(20)}` })).toEqual([]);
  journal.put({ ...entry, nonce: 4 });
  expect(readJournal(reader, owner)).toHaveLength(2);
  expect(() => reader.exec("DELETE FROM transactions")).toThrow(/readonly/);
  reader.close();
  daemon.close();
});

it("a journal knows which other accounts of the same chain have used it, and what they have sent", () => {
  const daemon = openDatabase(join(folder, "transactions.sqlite"), () => {});
  const second = { ...owner, address: `0x${"ba".repeat(20)}` };
  sqliteJournal(daemon, owner).put(entry);
  sqliteJournal(daemon, { ...owner, chainId: 11n }).put(entry);
  expect(noteAccount(daemon, owner)).toEqual([]);
  expect(noteAccount(daemon, second)).toEqual([{ address: owner.address, lastNonce: 3 }]);
  sqliteJournal(daemon, owner).remove(3);
  expect(noteAccount(daemon, second)).toEqual([{ address: owner.address, lastNonce: undefined }]);
  expect(noteAccount(daemon, owner)).toEqual([{ address: second.address, lastNonce: undefined }]);
  daemon.close();
});
