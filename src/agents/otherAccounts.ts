import { getAddress } from "ethers";
import type { RpcProvider } from "../chain/rpcProvider.ts";
import { AssayError } from "../core/errors.ts";
import type { Parameters } from "../protocol/parameters.ts";
import type { LedgerReader } from "./ports.ts";
import { holdingsOf, openDuties } from "./standing.ts";

/** An account that a state directory has served before, under another key than that of now. */
export interface OtherAccount {
  readonly address: string;
  /** The last nonce in its journal; undefined when nothing is in it. */
  readonly lastNonce: number | undefined;
}

/**
 * Looks whether another account that this state directory has served has anything open on the chain: nobody would look after it.
 * @param ledger that has read the chain.
 * @throws AssayError `agents/other-account`, which says what is open and until when
 */
export async function checkOtherAccounts(
  ledger: LedgerReader,
  parameters: Parameters,
  provider: Pick<RpcProvider, "getTransactionCount">,
  others: readonly OtherAccount[],
  own: { readonly address: string; readonly stateFolder: string },
): Promise<void> {
  for (const { address: lower, lastNonce } of others) {
    const address = getAddress(lower);
    const { commitments, claims, stakes } = holdingsOf(ledger.history, address, parameters);
    // What is sent and not yet in the ledger may be a bond.
    const isUnderWay =
      lastNonce !== undefined && (await provider.getTransactionCount(address, ledger.block)) <= lastNonce;
    const open = [
      count(commitments.length, "commitment"),
      count(claims.length, "open claim"),
      count(stakes.length, "live stake"),
      ...(isUnderWay ? ["transactions that are not confirmed"] : []),
    ].filter((text) => text !== "");
    if (open.length === 0) continue;
    const [duty] = openDuties(ledger, address, parameters);
    const next = duty === undefined ? "" : `, and has to ${duty.kind} within ${Math.max(0, duty.secondsLeft)} seconds`;
    const facts = { other: address, own: own.address, stateFolder: own.stateFolder, open, ...(duty && { duty }) };
    throw new AssayError(
      "agents/other-account",
      `${own.stateFolder} is the state directory of ${address}, which has ${open.join(", ")} on this chain${next}: the key ` +
        `of ${own.address} cannot look after that. Start this daemon with that key again, and one with the new key ` +
        "beside it, with a state directory of its own",
      facts,
    );
  }
}

function count(number: number, noun: string): string {
  return number === 0 ? "" : `${number} ${noun}${number === 1 ? "" : "s"}`;
}
