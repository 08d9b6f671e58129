import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Ledger } from "../../src/chain/ledger.ts";
import { openDatabase } from "../../src/chain/node/sqlite.ts";
import { SqliteLedgerStore } from "../../src/chain/node/sqliteLedgerStore.ts";
import { FakeChainServer, requestLog } from "../support/fakeChainServer.ts";
import { blockOf, logsOf, source } from "../support/ledgerStoreRecords.ts";
import { Random } from "../support/random.ts";
import { seed } from "../support/seed.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "assay-ledger-"));
  file = join(folder, "ledger.sqlite");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const writer = new URL("../support/writeLedgerUntilKilled.ts", import.meta.url).pathname;
const all = [0, Number.MAX_SAFE_INTEGER] as const;

describe("a ledger in a database", () => {
  it("goes on where the process before has ended, tells nothing again, and reads nothing again", async () => {
    const server = new FakeChainServer();
    for (let build = 1; build <= 200; build++) server.mine(build % 2 === 0 ? [requestLog(build)] : []);
    const first = new Ledger(server.asChain(2), { store: new SqliteLedgerStore(file) });
    await first.refresh();
    await first.close();
    server.mine([requestLog(201)]);
    server.asked.length = 0;
    const second = new Ledger(server.asChain(2), { store: new SqliteLedgerStore(file) });
    const { events } = await second.refresh();
    expect(events.map(({ block }) => block)).toEqual([]);
    expect(server.asked.filter((method) => method === "eth_getLogs")).toEqual([]);
    const fresh = new Ledger(server.asChain(2));
    await fresh.refresh();
    expect(second.history).toEqual(fresh.history);
    // A reorganisation while it was away is found all the same, but for blocks without events: those were not kept.
    await second.close();
    server.head = server.chain()[195]!;
    for (let build = 301; build <= 308; build++) server.mine([requestLog(build)]);
    const third = new Ledger(server.asChain(2), { store: new SqliteLedgerStore(file) });
    const news = await third.refresh();
    expect([news.droppedFrom, news.events.map(({ block }) => block)]).toEqual([195, [196, 197, 198, 199, 200, 201]]);
    await third.close();
  });

  it("keeps two contracts, and two chains of one id, apart", async () => {
    for (const contract of [1, 2]) {
      const store = new SqliteLedgerStore(file);
      expect(await store.open(source(contract))).toEqual([]);
      await store.save({ blocks: [blockOf(contract)], logs: logsOf(contract, contract) });
      store.close();
    }
    for (const contract of [1, 2]) {
      const store = new SqliteLedgerStore(file);
      expect(await store.open(source(contract))).toEqual([blockOf(contract)]);
      expect(await store.logs(...all)).toEqual(logsOf(contract, contract));
      store.close();
    }
    const other = new SqliteLedgerStore(file);
    expect(await other.open({ ...source(), deploymentHash: source().deploymentHash.replace(/1$/, "2") })).toEqual([]);
    other.close();
  });

  it.each([
    ["holds no database", () => writeFileSync(file, "no database at all ".repeat(1000))],
    ["is cut", () => truncateSync(file, 20_000)],
    ["is damaged", () => writeFileSync(file, readFileSync(file).fill(0x5a, 4096))],
    ["is of another version", () => openDatabase(file).exec("PRAGMA user_version = 99")],
    ["is another program's", () => openDatabase(file).exec("DROP TABLE log; PRAGMA user_version = 0")],
  ])("is put aside and begun anew when the file %s", async (_, damage) => {
    const first = new SqliteLedgerStore(file);
    await first.open(source());
    for (let number = 1; number <= 20; number++) await first.save({ blocks: [blockOf(number)], logs: logsOf(number) });
    first.close();
    damage();
    const aside: string[] = [];
    const second = new SqliteLedgerStore(file, { onSetAside: (where) => aside.push(where) });
    expect(await second.open(source())).toEqual([]);
    expect(aside.length).toBe(1);
    expect(readdirSync(folder).map((name) => join(folder, name))).toContain(aside[0]);
    await second.save({ blocks: [blockOf(1)], logs: logsOf(1) });
    second.close();
    const third = new SqliteLedgerStore(file);
    expect(await third.open(source())).toEqual([blockOf(1)]);
    third.close();
  });

  it("holds whole changes only, whenever the process is killed", async () => {
    const random = new Random(seed);
    let last = 0;
    for (let kill = 0; kill < 4; kill++) {
      const child = spawn(process.execPath, ["--import", "tsx", writer, file], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const ended = new Promise((resolve) => child.on("exit", resolve));
      const goal = last + 1 + random.below(40);
      let saved = last;
      for await (const line of createInterface(child.stdout)) {
        saved = Number(/^saved (\d+)$/.exec(line)![1]);
        if (saved === goal) child.kill("SIGKILL");
      }
      await ended;
      const store = new SqliteLedgerStore(file);
      const blocks = await store.open(source());
      last = blocks.at(-1)!.number;
      expect(last).toBeGreaterThanOrEqual(saved);
      expect(blocks).toEqual(Array.from({ length: last }, (_, i) => blockOf(i + 1)));
      expect(await store.logs(...all)).toEqual(blocks.flatMap(({ number }) => logsOf(number)));
      store.close();
    }
  });

  it("goes on from memory, and says so once, when the disk is full", async () => {
    // A limit on the size of files stands in for the disk: 512 blocks of 1024 bytes.
    const command = `trap '' XFSZ; ulimit -f 512; exec "$0" --import tsx "$1" "$2" 100`;
    const child = spawn("bash", ["-c", command, process.execPath, writer, file], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const lines: string[] = [];
    for await (const line of createInterface(child.stdout)) lines.push(line);
    expect(lines.filter((line) => line.startsWith("unwritable")).length).toBe(1);
    expect(lines.at(-1)).toBe("logs 300");
    const store = new SqliteLedgerStore(file);
    const blocks = await store.open(source());
    expect(blocks.length).toBeGreaterThan(10);
    expect(await store.logs(...all)).toEqual(blocks.flatMap(({ number }) => logsOf(number)));
    store.close();
  });

  it("does not hide other warnings than the one about SQLite", async () => {
    const script = `import { openDatabase } from "./src/chain/node/sqlite.ts"; openDatabase(":memory:"); process.emitWarning("kept");`;
    const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script]);
    let said = "";
    for await (const chunk of child.stderr) said += chunk;
    expect(said).toMatch(/Warning: kept/);
    expect(said).not.toMatch(/SQLite/);
  });
});
