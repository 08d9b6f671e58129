import { encodeBytes32String } from "ethers";
import type { Root } from "../core/bytes.ts";

/** The first word of every preimage whose hash the contract keeps or calls an id; `contracts/types/Tags.sol` has the same. */
const tag = (name: string): Root => encodeBytes32String(name) as Root;

export const claimTag = tag("assay.claim");
export const detailsTag = tag("assay.claim.details");
export const stakeTag = tag("assay.stake");
export const challengeIdTag = tag("assay.challenge.id");
export const challengeTag = tag("assay.challenge");
export const requestTag = tag("assay.request");
