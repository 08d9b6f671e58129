import { AbiCoder, getBytes, Interface, keccak256, toBeHex, toUtf8Bytes } from "ethers";
import { concatBytes, type Root, toHex } from "../core/bytes.ts";
import type { Start } from "../protocol/assessClaim.ts";
import type { ClaimDetails, ClaimFields, ClaimReference, RequestFields } from "../protocol/claim.ts";
import { zeroRoot } from "../protocol/hash.ts";
import type { RegistersProof } from "../protocol/trace.ts";
import { IAssay__factory } from "../types/factories/interfaces/IAssay__factory.ts";
import { encodeRegisters } from "./moves.ts";
import type { Call } from "./outbox/call.ts";

const abi = new Interface(IAssay__factory.abi);
const multicall = new Interface(["function multicall(bytes[] data) returns (bytes[] results)"]);
const [fieldsType, , outcomeType] = abi.getEvent("ClaimRevealed")!.inputs.slice(3);

/**
 * The salt of a claim, from a secret of the solver and what the claim is about: nobody else can guess it, and the solver
 * that lost everything but its secret and the chain finds its commitment again.
 * @param saltSecret 32 bytes in hexadecimal: the private key, or where that is not at hand a secret of its own.
 * @param attempt how many commitments to the same claim have been returned or have expired: the contract takes none twice.
 */
export function saltOf(saltSecret: string, chainId: bigint, assay: string, fields: ClaimFields, attempt = 0): Root {
  const secret = getBytes(keccak256(concatBytes(toUtf8Bytes("assay claim salt\0"), getBytes(saltSecret))));
  const about = AbiCoder.defaultAbiCoder().encode(
    ["uint256", "address", fieldsType!, outcomeType!],
    [chainId, assay, fields, fields.outcome],
  );
  const again = attempt === 0 ? new Uint8Array() : getBytes(toBeHex(attempt, 32));
  return keccak256(concatBytes(secret, getBytes(about), again)) as Root;
}

/** The calls of the contract that are not moves in a challenge. Amounts in wei, times in seconds. */
export function assayCalls(assay: string) {
  const make = (action: string, name: string, args: readonly unknown[], value?: bigint): Call => ({
    to: assay,
    data: abi.encodeFunctionData(name, args),
    action,
    ...(value !== undefined && { value }),
  });
  return {
    commit: (claimId: Root, bond: bigint) => make("commit to a claim", "commit", [claimId], bond),
    reveal: (fields: ClaimFields, salt: Root, start: RegistersProof, end: Uint8Array) =>
      make("reveal the claim", "reveal", [fields, salt, encodeRegisters(start), toHex(end)]),
    expireCommit: (solver: string, claimId: Root) => make("end the commitment", "expireCommit", [solver, claimId]),
    returnCommit: (claim: ClaimReference) => make("take the commitment back", "returnCommit", [claim]),
    finalize: (claim: ClaimReference, details: ClaimDetails) =>
      make("finalize the claim", "finalize", [claim, details]),
    /** @param value the bond for a new stake; 0 when the stake covers a claim already. */
    challenge: (claim: ClaimReference, details: ClaimDetails, start: Start, stakeNumber: bigint, value: bigint) =>
      start.kind === "whole"
        ? make("challenge the claim", "challenge", [claim, stakeNumber], value)
        : make(
            "challenge the claim between checkpoints",
            "challengeCheckpoints",
            [claim, details, start, stakeNumber],
            value,
          ),
    returnStake: (buildId: Root, stakeNumber: bigint) =>
      make("take the stake back", "returnStake", [buildId, stakeNumber]),
    request: (buildId: Root, expiry: number, number: bigint, locator: string, reward: bigint) =>
      make("request the build", "request", [buildId, expiry, number, locator], reward),
    refundRequest: (request: RequestFields) => make("take the request back", "refundRequest", [request]),
    payReward: (buildId: Root) => make("pay the reward", "payReward", [buildId]),
    withdraw: (receiver: string) => make("withdraw", "withdraw", [receiver]),
    /** Several calls in one transaction, all or none; none of them may bring ether along. */
    multicall: (calls: readonly Call[]): Call => ({
      to: assay,
      data: multicall.encodeFunctionData("multicall", [calls.map(({ data }) => data)]),
      action: calls.map(({ action }) => action).join(", "),
    }),
  };
}

/** The id of the request that a transaction has made, from its logs. */
export function requestIn(logs: readonly { topics: readonly string[]; data: string }[]): Root {
  const found = logs.map((log) => abi.parseLog(log)).find((event) => event?.name === "BuildRequested");
  return (found?.args.requestId ?? zeroRoot) as Root;
}
