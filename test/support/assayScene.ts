import type { Parameters } from "../../src/protocol/parameters.ts";
import { AssayChain, type Signer, testTerms } from "./assayChain.ts";
import { type ClaimOptions, type ProvenTrace, TestClaim } from "./assayClaim.ts";
import { Dispute } from "./assayDispute.ts";
import { LoopTrace } from "./loopTrace.ts";

/** The contracts' enums, as events and views give them. */
export const claimStatus = { none: 0n, committed: 1n, open: 2n, refuted: 3n, final: 4n, returned: 5n } as const;
export const stakeStatus = { none: 0n, live: 1n, lost: 2n, returned: 3n } as const;
export const buildStatus = { unknown: 0n, open: 1n, contradicted: 2n, final: 3n } as const;

const program = { ticks: 6, turns: 1 };
/** A run of six ticks, and three of the same program that go wrong. */
export const honest = new LoopTrace(program);
export const faulty = new LoopTrace(program, { tick: 2, step: 11, kind: "memory" });
export const otherwiseFaulty = new LoopTrace(program, { tick: 4, step: 5, kind: "register" });
export const { buildId } = honest;

/** What a slashed bond pays under `testTerms`. */
export function paidOf(bond: bigint): bigint {
  return (bond * BigInt(1000 - testTerms.burnPermille)) / 1000n;
}

/** What an account's slot keeps for good of the first wei that it is credited. */
export const kept = 1n;

/** A fresh chain and the people on it. */
export async function scene(terms: Partial<Parameters> = {}) {
  const chain = await AssayChain.start({ terms });
  const [, solver, rival, verifier, accomplice, stranger] = chain.accounts as Signer[];
  return {
    chain,
    assay: chain.assay,
    lens: chain.lens,
    solver: solver!,
    rival: rival!,
    verifier: verifier!,
    accomplice: accomplice!,
    stranger: stranger!,
  };
}

/** A scene with one revealed claim of `solver`. */
export async function claimed(
  trace: ProvenTrace = faulty,
  options: ClaimOptions = {},
  terms: Partial<Parameters> = {},
) {
  const all = await scene(terms);
  return { ...all, claim: await TestClaim.make(all.chain, all.solver, trace, options) };
}

/** A scene with one challenge of `verifier` against one claim. */
export async function challenged(
  trace: ProvenTrace = faulty,
  options: ClaimOptions = {},
  terms: Partial<Parameters> = {},
) {
  const all = await claimed(trace, options, terms);
  const dispute = await Dispute.open(all.claim, all.verifier);
  return { ...all, dispute, openedAt: dispute.at.since };
}

/** Refutes a claim of `faulty` by a dispute between the checkpoints around its fault. */
export async function refute(claim: TestClaim, verifier: Signer, stakeNumber = 0n): Promise<Dispute> {
  const dispute = await Dispute.open(claim, verifier, {
    checkpoint: claim.trace === otherwiseFaulty ? 4 : 2,
    stakeNumber,
  });
  await dispute.playToStep(honest);
  await dispute.proveFault(honest);
  return dispute;
}

/** The solver answers, the challenger does not: its challenge is lost. */
export async function loseByTimeout(dispute: Dispute, sender?: Signer): Promise<void> {
  await dispute.answer();
  await dispute.chain.after(dispute.chain.terms.challengerBudgetSeconds + 1);
  await dispute.timeoutChallenger(sender);
}
