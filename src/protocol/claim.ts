import { AbiCoder } from "ethers";
import { concatBytes, fromHex, type Hex, type Root } from "../core/bytes.ts";
import { protocolError } from "./errors.ts";
import { hashBytes } from "./hash.ts";

/** What a solver claims about a build; `contracts/types/Claim.sol` says what each field means. */
export interface ClaimFields {
  readonly buildId: Root;
  readonly finalRoot: Root;
  readonly log2Ticks: number;
  readonly log2CheckpointTicks: number;
  readonly checkpointRoot: Root;
  readonly locator: string;
}

const fieldsType =
  "tuple(bytes32 buildId, bytes32 finalRoot, uint8 log2Ticks, uint8 log2CheckpointTicks, bytes32 checkpointRoot, string locator)";

/**
 * The id that a solver commits to, and under which its claim stands once it is revealed:
 * `keccak256(abi.encode(chain id, contract, solver, salt, fields))`.
 * @param contract address of the deployment, 20 bytes; `solver` likewise.
 */
export function claimIdOf(chainId: bigint, contract: Hex, solver: Hex, salt: Root, fields: ClaimFields): Root {
  const encoded = AbiCoder.defaultAbiCoder().encode(
    ["uint256", "address", "address", "bytes32", fieldsType],
    [chainId, contract, solver, salt, fields],
  );
  return hashBytes(encoded as Hex);
}

const saltDomain = new TextEncoder().encode("assay: salt of a claim\n");

/**
 * The salt of a solver's claim, derived from its key alone so that it survives the loss of all local state. The salt becomes
 * public at the reveal and says nothing of the key material.
 * @param keyMaterial 32 secret bytes that the solver can always derive again.
 * @param attempt 0, or higher when this solver has already made a claim for the same build that fell.
 */
export function saltOf(keyMaterial: Uint8Array, chainId: bigint, contract: Hex, buildId: Root, attempt = 0): Root {
  if (keyMaterial.length !== 32) {
    throw protocolError("protocol/out-of-range", `key material has 32 bytes, not ${keyMaterial.length}`);
  }
  const context = new TextEncoder().encode(`${chainId}\n${contract.toLowerCase()}\n${buildId}\n${attempt}`);
  return hashBytes(concatBytes(saltDomain, keyMaterial, hashedContext(context)));
}

function hashedContext(context: Uint8Array): Uint8Array {
  return fromHex(hashBytes(context));
}
