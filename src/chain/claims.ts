import { AbiCoder, getBytes, Interface, keccak256, toUtf8Bytes } from "ethers";
import { concatBytes, type Root, toHex } from "../core/bytes.ts";
import type { Start } from "../protocol/assessClaim.ts";
import type { ClaimFields } from "../protocol/claim.ts";
import { zeroRoot } from "../protocol/hash.ts";
import type { RegistersProof } from "../protocol/trace.ts";
import { IAssay__factory } from "../types/factories/interfaces/IAssay__factory.ts";
import { encodeRegisters } from "./moves.ts";
import type { Call } from "./sender.ts";

const abi = new Interface(IAssay__factory.abi);
const fieldsType = abi.getFunction("claimIdOf")!.inputs[2]!;

/**
 * The salt of a claim, from the solver's private key and what the claim is about: nobody else can guess it, and the solver
 * that lost everything but its key and the chain finds its commitment again.
 */
export function saltOf(privateKey: string, chainId: bigint, assay: string, fields: ClaimFields): Root {
  const secret = getBytes(keccak256(concatBytes(toUtf8Bytes("assay claim salt\0"), getBytes(privateKey))));
  const about = AbiCoder.defaultAbiCoder().encode(["uint256", "address", fieldsType], [chainId, assay, fields]);
  return keccak256(concatBytes(secret, getBytes(about))) as Root;
}

const call =
  (assay: string) =>
  (action: string, name: string, args: readonly unknown[], value?: bigint): Call => ({
    to: assay,
    data: abi.encodeFunctionData(name, args),
    action,
    ...(value !== undefined && { value }),
  });

/** The calls of the contract that are no moves in a challenge. Amounts in wei, times in seconds. */
export function assayCalls(assay: string) {
  const make = call(assay);
  return {
    commit: (claimId: Root, bond: bigint) => make("commit to a claim", "commit", [claimId], bond),
    reveal: (fields: ClaimFields, salt: Root, start: RegistersProof, end: Uint8Array) =>
      make("reveal the claim", "reveal", [fields, salt, encodeRegisters(start), toHex(end)]),
    expireCommit: (solver: string, claimId: Root) => make("end the commitment", "expireCommit", [solver, claimId]),
    finalize: (claimId: Root) => make("finalize the claim", "finalize", [claimId]),
    challenge: (claimId: Root, start: Start, bond: bigint) =>
      start.kind === "whole"
        ? make("challenge the claim", "challenge", [claimId], bond)
        : make("challenge the claim between checkpoints", "challengeCheckpoints", [claimId, start], bond),
    request: (buildId: Root, expiry: number, locator: string, reward: bigint) =>
      make("request the build", "request", [buildId, expiry, locator], reward),
    refundRequest: (requestId: Root) => make("take the request back", "refundRequest", [requestId]),
    payReward: (buildId: Root) => make("pay the reward", "payReward", [buildId]),
    withdraw: (receiver: string) => make("withdraw", "withdraw", [receiver]),
  };
}

/** The id of the request that a transaction has made, from its logs. */
export function requestIn(logs: readonly { topics: readonly string[]; data: string }[]): Root {
  const found = logs.map((log) => abi.parseLog(log)).find((event) => event?.name === "BuildRequested");
  return (found?.args.requestId ?? zeroRoot) as Root;
}
