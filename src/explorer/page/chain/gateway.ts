import type { Root } from "../../../core/bytes.ts";
import type { BuildDetail, ChainKey, ClaimDetail, DisputeDetail } from "../../records.ts";
import { chainOf } from "../state/settings.ts";
import type { StepFacts } from "./provenFacts.ts";

/** What a contract says of a build, as far as it decides something. */
export interface ContractResult {
  readonly status: "unknown" | "open" | "contradicted" | "final";
  readonly artifactSha256?: string | undefined;
  readonly exitCode?: number | undefined;
  readonly end?: "halted" | "trapped" | undefined;
  readonly claimId?: Root | undefined;
}

/** What has come of asking the contract itself. */
export type ContractWord =
  | { readonly kind: "read"; readonly block: number; readonly result: ContractResult }
  | { readonly kind: "unreachable"; readonly why: string };

/** Everything that is asked of a chain; its code, and the libraries that it needs, are loaded with the first question. */
async function reading() {
  return await import("./reading.ts");
}

/** Asks the contract. Never throws: that it could not be asked is an answer too. */
export async function contractWord(key: ChainKey, buildId: Root): Promise<ContractWord> {
  const chain = chainOf(key);
  if (chain === undefined) return { kind: "unreachable", why: "this host names no server for the chain" };
  try {
    return { kind: "read", ...(await (await reading()).resultOn(chain, buildId)) };
  } catch (error) {
    return { kind: "unreachable", why: error instanceof Error ? error.message : String(error) };
  }
}

/** One build from the events of the contract alone. @returns undefined where it has none of it. */
export async function buildOnChain(key: ChainKey, buildId: Root): Promise<BuildDetail | undefined> {
  return await (await reading()).buildDetailOn(needed(key), buildId);
}

/** The build that a claim is about. */
export async function buildOfClaimOnChain(key: ChainKey, claimId: Root): Promise<Root | undefined> {
  return await (await reading()).buildOfClaimOn(needed(key), claimId);
}

export async function claimOnChain(key: ChainKey, claimId: Root): Promise<ClaimDetail | undefined> {
  return await (await reading()).claimDetailOn(needed(key), claimId);
}

export async function disputeOnChain(key: ChainKey, challengeId: Root): Promise<DisputeDetail | undefined> {
  return await (await reading()).disputeDetailOn(needed(key), challengeId);
}

/** What the contract was shown of the step that decided a dispute. */
export async function provenStepOnChain(key: ChainKey, transaction: string): Promise<StepFacts | undefined> {
  return await (await import("./provenFacts.ts")).provenFactsOn(needed(key), transaction);
}

function needed(key: ChainKey) {
  const chain = chainOf(key);
  if (chain === undefined) throw new UnnamedChain();
  return chain;
}

class UnnamedChain extends Error {
  override readonly message = "this host names no server for the chain";
}
