import { join } from "node:path";
import type { AbstractSigner } from "ethers";
import { accountReader } from "../chain/account.ts";
import { type AssayChain, abis } from "../chain/assay.ts";
import { genesisOf } from "../chain/firstBlock.ts";
import { Ledger } from "../chain/ledger.ts";
import { openDatabase } from "../chain/node/database.ts";
import { noteAccount, sqliteJournal } from "../chain/node/sqliteJournal.ts";
import type { FeePolicy } from "../chain/outbox/call.ts";
import { forgivingJournal } from "../chain/outbox/journal.ts";
import { Lane, type SenderEvent } from "../chain/outbox/lane.ts";
import { Outbox } from "../chain/outbox/outbox.ts";
import { keptLedger } from "./keptLedger.ts";
import type { Log } from "./log.ts";
import { checkOtherAccounts, type OtherAccount } from "./otherAccounts.ts";
import type { Ports } from "./ports.ts";
import { sqliteVerdicts } from "./sqliteVerdicts.ts";

export interface PortOptions {
  readonly chain: AssayChain;
  readonly key: AbstractSigner;
  readonly fees: FeePolicy;
  readonly stateFolder: string;
  /** A newest block older than this is worth a warning; 0, the default: none is. */
  readonly headAgeSeconds?: number;
  readonly log: Log;
}

export interface OpenPorts {
  readonly ports: Ports;
  readonly outbox: Outbox;
  close(): Promise<void>;
}

/** Where a daemon keeps its journal, and its verdicts. */
export const journalFile = (stateFolder: string) => join(stateFolder, "transactions.sqlite");

/**
 * The real ports: a chain, and an account on it whose transactions are kept in the state directory.
 * @throws AssayError `agents/other-account` where the directory has served another account that has something open
 */
export async function openPorts({
  chain,
  key,
  fees,
  stateFolder,
  headAgeSeconds = 0,
  log,
}: PortOptions): Promise<OpenPorts> {
  const { provider, deployment, parameters } = chain;
  const { chainId, assay } = deployment;
  const database = openDatabase(journalFile(stateFolder), (file, why) =>
    log.warn({ file, why }, "the journal of transactions was damaged and has been put aside"),
  );
  try {
    const address = await key.getAddress();
    const owner = { chainId, genesis: await genesisOf(provider), address };
    const unwritable = (why: string) =>
      log.error({ why }, "the journal cannot be written: a process after this one will not know what was sent");
    const journal = forgivingJournal(sqliteJournal(database, owner), unwritable);
    const verdicts = sqliteVerdicts(database, (why) =>
      log.warn({ why }, "verdicts cannot be kept: a process after this one will have to compare the claims again"),
    );
    let others: readonly OtherAccount[] = [];
    try {
      others = noteAccount(database, owner);
    } catch (error) {
      unwritable((error as Error).message);
    }
    const openLedger = () => new Ledger(chain, keptLedger(stateFolder, headAgeSeconds, log));
    if (others.length > 0) {
      // One of its own: what a ledger has told once it does not tell again.
      const past = openLedger();
      try {
        await past.refresh();
        await checkOtherAccounts(past, parameters, provider, others, { address, stateFolder });
      } finally {
        await past.close();
      }
    }
    const ledger = openLedger();
    const lane = await Lane.open(provider, key, fees, journal, (event) => noteSending(log, event));
    const delays = new Set<string>();
    const outbox = new Outbox(lane, {
      provider,
      abis,
      maxPending: fees.maxPending,
      confirmedBlock: () => ledger.block,
      onDelay: ({ code, message }) => {
        if (code === "chain/cancelled-fault" || delays.has(message)) return;
        delays.add(message);
        log.warn({ code, why: message }, "transactions are delayed");
      },
      onFailure: ({ code, message }) =>
        log.warn(
          { code, why: message },
          "a transaction that was sent again has failed: its move is made anew if still due",
        ),
    });
    const account = accountReader(chain, address, () => ledger.now);
    const contract = { chainId, assay, parameters, server: () => provider.host };
    return {
      ports: { contract, ledger, account, sender: outbox, verdicts, head: () => ledger.head, clock: Date.now },
      outbox,
      async close() {
        await outbox.close();
        await ledger.close();
        database.close();
      },
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

function noteSending(log: Log, { kind, ...facts }: SenderEvent): void {
  switch (kind) {
    case "sent":
      return log.debug(facts, "transaction sent");
    case "resumed":
      return log.info(facts, "a transaction of the process before is taken up again");
    case "refilled":
      return log.warn(facts, "the servers had dropped a transaction: sent again");
    case "replaced":
      return log.warn(facts, "transaction was stuck: replaced with higher fees");
    case "capped":
      return log.error(facts, "transaction is stuck and the fee cap allows no more");
  }
}
