import type { History } from "../chain/history.ts";
import type { ChallengeRecord, ClaimRecord, CommitmentRecord } from "../chain/records.ts";
import type { Root } from "../core/bytes.ts";
import type { Kind } from "../protocol/challenge.ts";
import type { Parameters } from "../protocol/parameters.ts";
import { turnOf } from "../protocol/turn.ts";
import type { LedgerReader } from "./ports.ts";

/** `reveal` a commitment, or the move that a challenge waits for. */
export type DutyKind = "reveal" | Kind;

export const dutyKinds: readonly DutyKind[] = ["reveal", "answer", "select", "prove"];

/** A move that an account has to make, or lose by. Times are the chain's, in seconds. */
export interface OpenDuty {
  readonly kind: DutyKind;
  readonly side: "solver" | "challenger";
  readonly claim: Root;
  /** Unknown of a claim that is not revealed. */
  readonly build?: Root;
  readonly challenge?: Root;
  readonly deadline: number;
  /** Negative once the deadline has passed. */
  readonly secondsLeft: number;
}

/** What an account has on the chain. */
export interface Holdings {
  readonly commitments: readonly CommitmentRecord[];
  /** Claims that are neither final nor refuted. */
  readonly claims: readonly ClaimRecord[];
  /** Keys, builds and numbers of stakes that are live. */
  readonly stakes: readonly { readonly key: Root; readonly buildId: Root; readonly stakeNumber: bigint }[];
  /** Bonds in all of them, in wei. */
  readonly lockedBonds: bigint;
}

/** What an account has bonds in, as the confirmed history has it. */
export function holdingsOf(history: History, address: string, parameters: Parameters): Holdings {
  const isOwn = isOf(address);
  const commitments = [...history.commitments.values()].filter(({ solver }) => isOwn(solver));
  const claims = [...history.claims.values()].filter(({ solver, status }) => status === "open" && isOwn(solver));
  const stakes = [...history.stakes.values()]
    .filter(({ challenger, status }) => status === "live" && isOwn(challenger))
    .map(({ key, buildId, stakeNumber }) => ({ key, buildId, stakeNumber }));
  const { solverBond, challengerBond } = parameters;
  const lockedBonds = BigInt(commitments.length + claims.length) * solverBond + BigInt(stakes.length) * challengerBond;
  return { commitments, claims, stakes, lockedBonds };
}

/** The moves that an account has to make, the most urgent first. */
export function openDuties(ledger: LedgerReader, address: string, parameters: Parameters): OpenDuty[] {
  const { history, now } = ledger;
  const isOwn = isOf(address);
  const reveals = [...history.commitments.values()]
    .filter(({ solver }) => isOwn(solver))
    .map(({ claimId, committedAt }): OpenDuty => {
      const deadline = committedAt + parameters.maxCommitAgeSeconds;
      return { kind: "reveal", side: "solver", claim: claimId, deadline, secondsLeft: deadline - now };
    });
  const turns = openTurns(ledger).filter(({ duty, claim, challenge }) =>
    isOwn(duty.side === "solver" ? claim.solver : challenge.challenger),
  );
  return [...reveals, ...turns.map(({ duty }) => duty)].sort((a, b) => a.deadline - b.deadline);
}

/** Whose turn it is in each challenge that goes on. */
export function openTurns(
  ledger: LedgerReader,
): { readonly duty: OpenDuty; readonly claim: ClaimRecord; readonly challenge: ChallengeRecord }[] {
  const { history, now } = ledger;
  return [...history.challenges.values()].flatMap((challenge) => {
    const claim = history.claims.get(challenge.claimId);
    if (challenge.status !== "open" || claim?.status !== "open") return [];
    const { kind, side, deadline } = turnOf(ledger.disputeView(challenge.id));
    const names = { claim: claim.claimId, build: claim.fields.buildId, challenge: challenge.id };
    return [{ duty: { kind, side, ...names, deadline, secondsLeft: deadline - now }, claim, challenge }];
  });
}

function isOf(address: string): (other: string) => boolean {
  const own = address.toLowerCase();
  return (other) => other.toLowerCase() === own;
}
