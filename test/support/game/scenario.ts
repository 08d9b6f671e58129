import type { Root } from "../../../src/core/bytes.ts";
import type { Start } from "../../../src/protocol/assessClaim.ts";
import type { ClaimDetails, ClaimReference } from "../../../src/protocol/claim.ts";
import type { Move } from "../../../src/protocol/moves.ts";
import type { Call, Outcome, Party } from "./calls.ts";
import type { Interval, Strategy } from "./strategies.ts";
import type { GameTrace } from "./world.ts";

/** A claim that somebody makes in a game. Its times are seconds after the first moment at which a claim can be revealed. */
export interface ClaimSeat {
  readonly party: Party;
  readonly honest: boolean;
  /** What it claims: fields and proofs come from here. */
  readonly trace: GameTrace;
  /** Whether that is what the build gives. */
  readonly right: boolean;
  /** How it answers challenges. */
  readonly strategy: Strategy;
  readonly log2Ticks: number;
  readonly log2CheckpointTicks: number;
  readonly revealAfter: number;
  /** When it commits, if not before everybody reveals. */
  readonly commitAfter?: number;
  /** The checkpoint list it publishes, if it is not the trace's own. */
  readonly checkpoints?: readonly Root[];
  /** Seconds after the reveal when somebody tries to finalize it, beside the first second in which that is possible. */
  readonly finalizeAfter?: number;
}

/** A challenge that somebody opens in a game, whatever else happens. */
export interface ChallengeSeat {
  readonly party: Party;
  readonly honest: boolean;
  /** Number of the claim in the scenario. */
  readonly claim: number;
  readonly strategy: Strategy;
  /** Seconds after the claim's reveal. */
  readonly after: number;
  readonly start: Start;
  /** 0 if nothing else is said: one stake on each build. */
  readonly stakeNumber?: bigint;
}

/** A verifier that follows the protocol: it challenges every wrong claim of the builds that it protects. */
export interface VerifierSeat {
  readonly party: Party;
  /** Wei that it has. */
  readonly funds: bigint;
  /** Its own traces of the builds that it watches. */
  readonly truths: readonly GameTrace[];
  /** Seconds from what it sees to what it does. */
  readonly lag: number;
  /** When it neither sees nor does anything: seconds from the beginning, in order. One that never sleeps promises T1. */
  readonly asleep: readonly Interval[];
}

/** A reward that somebody puts on a build before anybody reveals, and takes back after `expiresAfter` if it can. */
export interface RewardSeat {
  readonly party: Party;
  readonly buildId: Root;
  readonly amount: bigint;
  readonly expiresAfter: number;
}

export interface Scenario {
  readonly claims: readonly ClaimSeat[];
  readonly challenges: readonly ChallengeSeat[];
  readonly verifiers?: readonly VerifierSeat[];
  readonly rewards?: readonly RewardSeat[];
}

/** A claim of a game, as it was committed to. */
export interface MadeClaim {
  readonly seat: ClaimSeat;
  readonly id: Root;
  readonly reference: ClaimReference;
  readonly details: ClaimDetails;
  readonly checkpoints: readonly Root[];
  readonly salt: Root;
  committedAt?: number;
  /** Its reveal was refused: the commitment is to be ended. */
  refused?: boolean;
  /** When it was revealed; undefined if it was not. */
  revealedAt?: number;
  /** When the round was opened in which it was. */
  roundAt?: number;
}

export interface PlayedCall {
  readonly from: Party;
  readonly honest: boolean;
  readonly name: string;
  readonly call: Call;
  readonly at: number;
  readonly outcome: Outcome;
}

export interface PlayedClaim extends MadeClaim {
  readonly status: "none" | "open" | "refuted" | "final";
  /** When it became final. */
  readonly finalAt: number | undefined;
}

export interface PlayedChallenge {
  readonly party: Party;
  readonly honest: boolean;
  readonly name: string;
  /** Number of the claim in the scenario. */
  readonly claim: number;
  readonly id: Root;
  readonly openedAt: number;
  /** When it could no longer change anything: lost, closed, or its claim decided. */
  readonly endedAt: number;
  readonly status: "open" | "lost" | "closed";
  readonly stakeNumber: bigint;
  readonly stakeLost: boolean;
  /** Whether its stake has covered several claims. */
  readonly several: boolean;
}

export interface Report {
  readonly calls: readonly PlayedCall[];
  readonly claims: readonly PlayedClaim[];
  readonly challenges: readonly PlayedChallenge[];
  /** The claims that each verifier could not challenge, for want of money. */
  readonly verifiers: readonly { readonly seat: VerifierSeat; readonly exposed: ReadonlySet<Root> }[];
  /** What each party has received or could withdraw, minus what it has put in, in wei. */
  readonly net: ReadonlyMap<Party, bigint>;
  /** What each party still has in bonds and stakes. */
  readonly standing: ReadonlyMap<Party, bigint>;
}

/** All moves that were made, in order, those in one transaction one by one. */
export function movesIn({ calls }: Report): readonly Move[] {
  const flat = (call: Call): Move[] =>
    call.kind === "move" ? [call.move] : call.kind === "multicall" ? call.calls.flatMap(flat) : [];
  return calls.flatMap(({ call, outcome }) => (outcome.ok ? flat(call) : []));
}
