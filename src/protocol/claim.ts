import { AbiCoder } from "ethers";
import type { Hex, Root } from "../core/bytes.ts";
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
export function claimIdOf(chainId: bigint, contract: string, solver: string, salt: Root, fields: ClaimFields): Root {
  const encoded = AbiCoder.defaultAbiCoder().encode(
    ["uint256", "address", "address", "bytes32", fieldsType],
    [chainId, contract, solver, salt, fields],
  );
  return hashBytes(encoded as Hex);
}
