import { join } from "node:path";
import type { LedgerOptions } from "../chain/ledger.ts";
import type { LedgerEvent } from "../chain/ledgerEvents.ts";
import { SqliteLedgerStore } from "../chain/node/sqliteLedgerStore.ts";
import type { Log } from "./log.ts";

/** How a daemon's ledger keeps what it has read in the state folder, and says what it has to say. */
export function keptLedger(stateFolder: string, headAgeSeconds: number, log: Log): LedgerOptions {
  const store = new SqliteLedgerStore(join(stateFolder, "ledger.sqlite"), {
    onSetAside: (file, why) =>
      log.warn({ file, why }, "the kept history cannot be used: it has been put aside, everything is read again"),
    onUnwritable: (why) =>
      log.warn({ why }, "the history cannot be kept in the state folder: this process goes on from memory"),
  });
  return { store, headAgeSeconds, onEvent: (event) => noteLedger(log, event) };
}

function noteLedger(log: Log, event: LedgerEvent): void {
  const { kind, ...facts } = event;
  const message = said[kind];
  if ("healed" in facts && facts.healed) log.info(facts, `over: ${message}`);
  else if (kind === "bloom matched by chance" || kind === "recheck failed") log.debug(facts, message);
  else if (kind === "other chain") log.error(facts, message);
  else log.warn(facts, message);
}

const said: Readonly<Record<LedgerEvent["kind"], string>> = {
  "logs contradicted": "an RPC server tells logs that contradict the block: they are not believed",
  "no agreement": "too few RPC servers say the same of a block: it is not taken in",
  "bloom matched by chance": "a block's bloom filter holds the contract by chance",
  "history repaired": "an RPC server had left out or invented logs: found when everything was read again",
  "recheck failed": "not everything could be read again: it will be tried later",
  "head old": "the newest block is old: the RPC server has stopped following the chain, or the chain makes no blocks",
  "head went back": "the RPC server lags: its newest block is older than one seen before",
  "other chain": "the RPC server is of another chain than before: nothing is done",
  "clock differs": "this host's clock and the chain's differ: one of them is wrong; deadlines go by the chain's",
};
