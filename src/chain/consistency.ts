import { isAssayError } from "../core/errors.ts";
import { type PackedChallenge, unpackChallenge } from "../protocol/challenge.ts";
import { type Address, claimIdOf, referenceWith, requestIdOf } from "../protocol/claim.ts";
import { rowRoot } from "../protocol/row.ts";
import type { ChainLog } from "./blocks.ts";
import { type ContractEvent, decodeEvent } from "./events.ts";
import { detailsIn, fieldsIn } from "./history.ts";

/** Says whether the contract can have written a log. */
export type IsConsistent = (log: ChainLog) => boolean;

/**
 * Much of what the contract's events say they say twice: an id or a root is the hash of the rest. A server that changes a final
 * root, so that a wrong claim looks right, or a row, so that no selection fits, is seen by that.
 */
export function consistencyFor(chainId: bigint, assay: string): IsConsistent {
  return (log) => {
    try {
      const event = decodeEvent(log);
      return event === undefined || isTrueToItself(event, chainId, assay);
    } catch (error) {
      if (isAssayError(error)) return false;
      throw error;
    }
  };
}

function isTrueToItself(event: ContractEvent, chainId: bigint, assay: string): boolean {
  const { name, args } = event;
  switch (name) {
    case "ClaimRevealed": {
      const reference = referenceWith(args.solver as Address, fieldsIn(args), detailsIn(event));
      return claimIdOf(chainId, assay, reference) === args.claimId;
    }
    case "BuildRequested": {
      const { requester, buildId, expiry, number } = args as never;
      return requestIdOf({ requester, buildId, expiry: Number(expiry), number }) === args.requestId;
    }
    case "Answered": {
      const { startRoot, row } = unpackChallenge(args.challenge as PackedChallenge);
      const interior = args.interiorRoots as readonly `0x${string}`[];
      return rowRoot(startRoot, interior) === row;
    }
    default:
      return true;
  }
}
