import { accountReader } from "../chain/account.ts";
import type { AssayChain } from "../chain/assay.ts";
import { genesisOf } from "../chain/firstBlock.ts";
import { Ledger } from "../chain/ledger.ts";
import { openToRead } from "../chain/node/database.ts";
import { readJournal } from "../chain/node/sqliteJournal.ts";
import type { Root } from "../core/bytes.ts";
import { type ClaimForecast, forecastOf } from "./forecast.ts";
import { journalFile } from "./openPorts.ts";
import type { Head } from "./ports.ts";
import { type Holdings, holdingsOf, type OpenDuty, openDuties } from "./standing.ts";

/** How an account stands. Amounts in wei, times in seconds of the chain. */
export interface Status {
  readonly address: string;
  readonly balance: bigint;
  /** What the contract owes it; a daemon withdraws it. */
  readonly owed: bigint;
  readonly lockedBonds: bigint;
  /** What the journal in the state directory holds that is not mined. */
  readonly pending: readonly { readonly nonce: number; readonly action: string; readonly hash: string }[];
  /** Moves that it has to make, the most urgent first. */
  readonly duties: readonly OpenDuty[];
  /** Its claims that are not settled. */
  readonly claims: readonly Omit<ClaimForecast, "verdict" | "forecast" | "solver">[];
  readonly stakes: Holdings["stakes"];
  /** Its requests on builds that are not final. */
  readonly requests: readonly OpenRequest[];
  readonly head: Head & { readonly ageSeconds: number };
}

export interface OpenRequest {
  readonly request: Root;
  readonly build: Root;
  readonly amount: bigint;
  /** From then on it can be taken back. */
  readonly expiry: number;
}

/** Reads how an account stands from the chain and from its state directory, which it does not change; no daemon need run. */
export async function readStatus(chain: AssayChain, address: string, stateFolder: string): Promise<Status> {
  const { provider, parameters } = chain;
  const ledger = new Ledger(chain);
  await ledger.refresh();
  const account = accountReader(chain, address, () => ledger.now);
  const { history } = ledger;
  const { claims, stakes, lockedBonds } = holdingsOf(history, address, parameters);
  const head = ledger.head ?? { number: await provider.getBlockNumber(), timestamp: ledger.now - 1 };
  return {
    address,
    balance: await account.balance(),
    owed: await account.owed(),
    lockedBonds,
    pending: await pendingIn(chain, address, stateFolder),
    duties: openDuties(ledger, address, parameters),
    claims: claims.map((claim) => {
      const { verdict: _, forecast: _forecast, solver: _solver, ...facts } = forecastOf(ledger, claim, "not-run");
      return facts;
    }),
    stakes,
    requests: [...history.requests.values()]
      .filter(({ requester, refunded, buildId }) => {
        const isOwn = requester.toLowerCase() === address.toLowerCase();
        return isOwn && !refunded && history.builds.get(buildId)?.finalClaim === undefined;
      })
      .map(({ requestId, buildId, amount, expiry }) => ({ request: requestId, build: buildId, amount, expiry })),
    head: { ...head, ageSeconds: Math.max(0, Math.round(Date.now() / 1000 - head.timestamp)) },
  };
}

async function pendingIn(chain: AssayChain, address: string, stateFolder: string): Promise<Status["pending"]> {
  const database = openToRead(journalFile(stateFolder));
  if (database === undefined) return [];
  try {
    const { chainId } = chain.deployment;
    const entries = readJournal(database, { chainId, genesis: await genesisOf(chain.provider), address });
    const mined = await chain.provider.getTransactionCount(address, "latest");
    return entries
      .filter(({ nonce }) => nonce >= mined)
      .map(({ nonce, call, broadcasts }) => ({ nonce, action: call.action, hash: broadcasts.at(-1)?.hash ?? "" }));
  } finally {
    database.close();
  }
}
