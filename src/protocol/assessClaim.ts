import type { Root } from "../core/bytes.ts";
import { agrees } from "./agreement.ts";
import { type CheckpointList, CheckpointTree, checkpointCount, mostCheckpoints } from "./checkpoints.ts";
import type { Trace } from "./trace.ts";
import type { ClaimView } from "./views.ts";

/** Where a challenge begins: at the whole claim, or between checkpoints `index` and `index + 1`. */
export type Start =
  | { readonly kind: "whole" }
  | {
      readonly kind: "checkpoints";
      readonly index: number;
      readonly startRoot: Root;
      readonly endRoot: Root;
      readonly startProof: readonly Root[];
      readonly endProof: readonly Root[];
    };

/** Whether a claim is right, and where a challenge to it starts if not. */
export type Assessment = { readonly verdict: "right" } | { readonly verdict: "wrong"; readonly start: Start };

/** What an assessment needs to know of a claim. */
export type AssessedClaim = Pick<
  ClaimView,
  "buildId" | "finalRoot" | "log2Ticks" | "log2CheckpointTicks" | "checkpointRoot"
>;

/** {@link isRightClaim} and {@link startOfChallenge} in one. */
export async function assessClaim(
  claim: AssessedClaim,
  trace: Trace,
  checkpoints?: CheckpointList,
): Promise<Assessment> {
  if (await isRightClaim(claim, trace)) return { verdict: "right" };
  return { verdict: "wrong", start: await startOfChallenge(claim, trace, checkpoints) };
}

/**
 * Compares a claim with one's own trace of the same build. A claim is wrong iff its final root differs from the own root
 * after 2^log2Ticks ticks, halted or not: a clone of a wrong claim is wrong too, and a bad checkpoint list with the right
 * root is not worth a challenge.
 */
export async function isRightClaim(claim: AssessedClaim, trace: Trace): Promise<boolean> {
  const [own] = await trace.tickRoots([2 ** claim.log2Ticks]);
  return agrees(own!, claim.finalRoot);
}

/**
 * Where to challenge a wrong claim: the whole of it, or, with its list, between the neighbouring checkpoints of which the own
 * trace has the first and not the second.
 * @param list as published, if it could be fetched; ignored unless its tree has the claim's root.
 */
export async function startOfChallenge(claim: AssessedClaim, trace: Trace, list?: CheckpointList): Promise<Start> {
  return (list && (await startBetween(claim, trace, list))) ?? { kind: "whole" };
}

async function startBetween(claim: AssessedClaim, trace: Trace, list: CheckpointList): Promise<Start | undefined> {
  const count = checkpointCount(claim.log2Ticks, claim.log2CheckpointTicks);
  if (count === 0 || count > mostCheckpoints || list.roots.length !== count) return undefined;
  const tree = new CheckpointTree(list);
  if (tree.root !== claim.checkpointRoot) return undefined;
  const told = (index: number) =>
    index === 0 ? claim.buildId : index > count ? claim.finalRoot : list.roots[index - 1]!;
  let agreed = 0;
  let denied = count + 1;
  // INVARIANT: the own trace has checkpoint `agreed` and not checkpoint `denied`.
  while (denied - agreed > 1) {
    const middle = Math.floor((agreed + denied) / 2);
    const [own] = await trace.tickRoots([middle * 2 ** claim.log2CheckpointTicks]);
    if (agrees(own!, told(middle))) agreed = middle;
    else denied = middle;
  }
  return {
    kind: "checkpoints",
    index: agreed,
    startRoot: told(agreed),
    endRoot: told(denied),
    startProof: tree.proof(agreed),
    endProof: tree.proof(denied),
  };
}
