import type { Hex, Root } from "../core/bytes.ts";
import { hashText, hashWords } from "./hash.ts";
import { claimTag, detailsTag, requestTag } from "./tags.ts";

/** An account's address: 20 bytes. */
export type Address = Hex;

/** What the final state says about the build; `contracts/types/Claim.sol` says what each field means. */
export interface Outcome {
  /** 2: the program halted, 3: it trapped. */
  readonly endStatus: number;
  /** Exit code if it halted, trap code if it trapped. */
  readonly code: number;
  readonly recordVersion: number;
  /** Bytes. */
  readonly artifactSize: bigint;
  readonly artifactSha256: Root;
}

/** What a solver claims about a build; `contracts/types/Claim.sol` says what each field means. */
export interface ClaimFields {
  readonly buildId: Root;
  readonly finalRoot: Root;
  readonly log2Ticks: number;
  readonly log2CheckpointTicks: number;
  readonly checkpointRoot: Root;
  /** At most 256 bytes of UTF-8. */
  readonly locator: string;
  readonly outcome: Outcome;
}

/** What a claim id is made of, as calls show it that need no more of the claim. */
export interface ClaimReference {
  readonly solver: Address;
  readonly buildId: Root;
  readonly finalRoot: Root;
  readonly log2Ticks: number;
  /** `detailsHash` of the rest. */
  readonly details: Root;
}

/** The rest of a claim, for the calls that need it. */
export interface ClaimDetails {
  readonly salt: Root;
  readonly checkpointRoot: Root;
  readonly log2CheckpointTicks: number;
  readonly locatorHash: Root;
  readonly outcome: Outcome;
}

/** Longest locator, in bytes. */
export const maxLocatorBytes = 256;

/** The part of a claim that only its hash is stored of. */
export function detailsOf(fields: ClaimFields, salt: Root): ClaimDetails {
  const { checkpointRoot, log2CheckpointTicks, locator, outcome } = fields;
  return { salt, checkpointRoot, log2CheckpointTicks, locatorHash: hashText(locator), outcome };
}

/** `keccak256(abi.encode(DETAILS_TAG, salt, checkpointRoot, log2CheckpointTicks, locatorHash, outcome))` */
export function detailsHash({ salt, checkpointRoot, log2CheckpointTicks, locatorHash, outcome }: ClaimDetails): Root {
  const { endStatus, code, recordVersion, artifactSize, artifactSha256 } = outcome;
  const end = [endStatus, code, recordVersion, artifactSize, artifactSha256] as const;
  return hashWords(detailsTag, salt, checkpointRoot, log2CheckpointTicks, locatorHash, ...end);
}

/** The part of a claim that calls of the contract show. */
export function referenceOf(solver: Address, salt: Root, fields: ClaimFields): ClaimReference {
  return referenceWith(solver, fields, detailsOf(fields, salt));
}

/** The same where the details are known. */
export function referenceWith(
  solver: Address,
  { buildId, finalRoot, log2Ticks }: Pick<ClaimFields, "buildId" | "finalRoot" | "log2Ticks">,
  details: ClaimDetails,
): ClaimReference {
  return { solver, buildId, finalRoot, log2Ticks, details: detailsHash(details) };
}

/**
 * The id that a solver commits to, and under which its claim stands once it is revealed:
 * `keccak256(abi.encode(CLAIM_TAG, chain id, contract, solver, buildId, finalRoot, log2Ticks, details))`.
 * @param contract address of the deployment.
 */
export function claimIdOf(chainId: bigint, contract: string, claim: ClaimReference): Root {
  const { solver, buildId, finalRoot, log2Ticks, details } = claim;
  return hashWords(claimTag, chainId, BigInt(contract), BigInt(solver), buildId, finalRoot, log2Ticks, details);
}

/** The fields of a request's id. */
export interface RequestFields {
  readonly requester: Address;
  readonly buildId: Root;
  /** Seconds, as block timestamp. */
  readonly expiry: number;
  /** The requester's own choice. */
  readonly number: bigint;
}

/** `keccak256(abi.encode(REQUEST_TAG, requester, buildId, expiry, number))` */
export function requestIdOf({ requester, buildId, expiry, number }: RequestFields): Root {
  return hashWords(requestTag, BigInt(requester), buildId, expiry, number);
}
