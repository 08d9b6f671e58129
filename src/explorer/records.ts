import type { Hex, Root } from "../core/bytes.ts";
import type { Address } from "../protocol/claim.ts";

/**
 * What the index answers and the page shows. JSON as it is: amounts are decimal strings in wei, times are seconds of the chain, byte
 * strings are hexadecimal. Nothing here is proof of anything.
 */

/** A chain and contract, `<chain id>-<address in lower case>`: part of every address of the page and of the index. */
export type ChainKey = `${number}-${Address}`;

export interface IndexedChain {
  readonly key: ChainKey;
  readonly name: string;
  readonly chainId: number;
  readonly assay: Address;
  /** The last block that is in the index; -1 before the first. */
  readonly block: number;
  /** The newest block that the index has seen. */
  readonly head?: { readonly number: number; readonly timestamp: number } | undefined;
  readonly builds: number;
  readonly events: number;
  /** Why nothing new is read, if nothing is. */
  readonly fault?: string | undefined;
}

/**
 * - `requested`: nobody has claimed it.
 * - `open`: living claims agree.
 * - `contradicted`: living claims disagree.
 * - `refuted`: all claims are refuted.
 * - `final`: no claim can change it any more.
 */
export const buildStates = ["requested", "open", "contradicted", "refuted", "final"] as const;
export type BuildState = (typeof buildStates)[number];

/** How a run ended, as a claim says it. */
export interface Outcome {
  readonly end: "halted" | "trapped";
  readonly code: number;
  readonly exitCode?: number | undefined;
  readonly artifactSize: string;
  readonly artifactSha256: Hex;
}

/** What publications and attestations say that a build is of: for people, and to search by. */
export interface BuildAbout {
  readonly environment?: { readonly name: string; readonly id: Root } | undefined;
  readonly source?: string | undefined;
  readonly repository?: string | undefined;
  readonly commit?: string | undefined;
  /** Ids of the keys that have signed results of it. */
  readonly builders?: readonly string[] | undefined;
  /** Content ids and bytes of the drives. */
  readonly input?: { readonly id: string; readonly size: number } | undefined;
  readonly dependencies?: { readonly id: string; readonly size: number } | undefined;
}

export interface BuildSummary {
  readonly chain: ChainKey;
  readonly buildId: Root;
  readonly state: BuildState;
  readonly claims: number;
  readonly refuted: number;
  /** Open challenges. */
  readonly disputes: number;
  /** Times of its first and last event. */
  readonly since: number;
  readonly changed: number;
  readonly finalizedAt?: number | undefined;
  /** What is final, or what all living claims say. */
  readonly outcome?: Outcome | undefined;
  readonly about: BuildAbout;
}

/** One event, as the chain has it. `args` holds numbers as decimal strings. */
export interface EventRecord {
  readonly name: string;
  readonly block: number;
  readonly timestamp: number;
  readonly transaction: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** What a list of builds is narrowed to; all of it must hold. */
export interface BuildFilter {
  readonly chain?: ChainKey | undefined;
  readonly state?: BuildState | undefined;
  /** Its id, or its name. */
  readonly environment?: string | undefined;
  readonly repository?: string | undefined;
  /** An account that has claimed or challenged. */
  readonly operator?: string | undefined;
}

export interface BuildDetail extends BuildSummary {
  readonly requests: readonly RequestDetail[];
  readonly claimList: readonly ClaimSummary[];
  readonly disputeList: readonly DisputeSummary[];
  /** In their order, at most 1,000: the newest. */
  readonly events: readonly EventRecord[];
  readonly joinDeadline: number;
  readonly finalClaim?: Root | undefined;
  readonly rewardPaid: boolean;
}

export interface RequestDetail {
  readonly requestId: Root;
  readonly requester: Address;
  readonly amount: string;
  readonly locator: string;
  readonly refunded: boolean;
}

export interface ClaimSummary {
  readonly chain: ChainKey;
  readonly claimId: Root;
  readonly buildId: Root;
  readonly solver: Address;
  readonly status: "open" | "refuted" | "final";
  readonly outcome: Outcome;
  readonly finalRoot: Root;
  readonly locator: string;
  readonly block: number;
  readonly revealedAt: number;
  readonly windowEnd: number;
  /** When it can be final, as far as time decides it. */
  readonly finalizableFrom: number;
  /** Wei. */
  readonly bond: string;
  readonly refutation?:
    | {
        readonly cause: "fault" | "timeout" | "concession";
        readonly challengeId: Root;
        readonly rewarded: string;
        readonly paid: string;
        readonly burned: string;
        readonly transaction: string;
      }
    | undefined;
}

export interface ClaimDetail extends ClaimSummary {
  readonly log2Ticks: number;
  readonly log2CheckpointTicks: number;
  readonly checkpointRoot: Root;
  readonly disputes: readonly DisputeSummary[];
}

export interface DisputeSummary {
  readonly chain: ChainKey;
  readonly challengeId: Root;
  readonly claimId: Root;
  readonly buildId: Root;
  readonly solver: Address;
  readonly challenger: Address;
  readonly status: "open" | "lost" | "closed";
  /** Whether the claim fell in it. */
  readonly won: boolean;
  readonly openedAt: number;
  readonly changed: number;
  readonly moves: number;
}

/** A part of the trace: steps of a tick, ticks of a checkpoint, or checkpoints. */
export interface TraceRange {
  readonly level: "checkpoints" | "ticks" | "steps";
  readonly tick: number;
  readonly from: number;
  readonly log2Length: number;
}

/** Where a dispute stood after a move. */
export interface DisputeMove {
  readonly by: "solver" | "challenger" | "anyone";
  /** Name of the event. */
  readonly name: string;
  readonly block: number;
  readonly timestamp: number;
  readonly transaction: string;
  readonly range?: TraceRange | undefined;
  readonly startRoot?: Root | undefined;
  readonly endRoot?: Root | undefined;
  /** Roots between the children, of an answer. */
  readonly roots?: readonly Root[] | undefined;
  /** Seconds that each side had left after it. */
  readonly solverLeft?: number | undefined;
  readonly challengerLeft?: number | undefined;
}

export interface DisputeDetail extends DisputeSummary {
  readonly moveList: readonly DisputeMove[];
  readonly claim: ClaimSummary;
  readonly log2Ticks: number;
  readonly log2Arity: number;
  /** Whose turn it is while it is open, and until when. */
  readonly turn?: { readonly side: "solver" | "challenger"; readonly deadline: number } | undefined;
  readonly stakeNumber: string;
}

export interface OperatorSummary {
  readonly chain: ChainKey;
  readonly address: Address;
  readonly claims: number;
  readonly final: number;
  readonly refuted: number;
  readonly challenges: number;
  readonly won: number;
  readonly lost: number;
  /** Open challenges in which it is this account's turn. */
  readonly duties: number;
  /** Seconds between the other side's move and its own; undefined before its first. */
  readonly medianResponseSeconds?: number | undefined;
  readonly lastSeen: number;
}

/** A page of a list. `next` is asked for as `cursor`; absent on the last page. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next?: string | undefined;
}

export interface SearchHit {
  readonly kind: "build" | "claim" | "dispute" | "operator";
  readonly chain: ChainKey;
  readonly id: string;
  /** What was found in it, for people. */
  readonly text: string;
  readonly state?: BuildState | undefined;
}

/** What it is for those who watch: builds whose claims disagree, and claims that nobody has answered to yet. */
export interface Watch {
  readonly contradicted: readonly BuildSummary[];
  /** Open claims that are alone on their build, by the end of their window. */
  readonly unwatched: readonly ClaimSummary[];
  readonly disputes: readonly DisputeSummary[];
}
